import { MESH } from "../../declared/mesh";
import { fields, fieldsList, text } from "../../containment/kubernetes";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Finding, ofTypes, type ResourceRule, type Rule, undecided } from "../rule";
import { fitsAny } from "../patterns";
import { type PackSettings } from "../settings";
import { sharedUse } from "./sharedHosts";

/** The date in UTC, as `expires` writes it. */
function today(): string {
    return new Date().toISOString().slice(0, 10);
}

/** Who stands for a destination, and until when. A network is no better than its list of exceptions. */
export function governanceRules(settings: PackSettings, date: () => string = today): Rule[] {
    return [destinationOwner(), destinationExpiry(date), sharedHosts(settings)];
}

interface Declared {
    readonly path: string;
    readonly host: string;
    readonly fields: Readonly<Record<string, unknown>>;
}

/** The declared destinations, and findings where they or their hosts are not known. */
function declaredBy(
    { inputs }: Resource,
    question: string,
): { readonly known: Declared[]; readonly unclear: Finding[] } {
    if (inputs.destinations === UNKNOWN) {
        return { known: [], unclear: [undecided("destinations", question)] };
    }
    const list = Array.isArray(inputs.destinations) ? (inputs.destinations as unknown[]) : [];
    const unclear = list.flatMap((entry, index) =>
        entry === UNKNOWN || fields(entry).host === UNKNOWN
            ? [undecided(`destinations[${index}]${entry === UNKNOWN ? "" : ".host"}`, question)]
            : [],
    );
    const known = fieldsList(list).flatMap((entry, index) => {
        const host = text(entry.host);
        return host === undefined || host === UNKNOWN ? [] : [{ path: `destinations[${index}]`, host, fields: entry }];
    });
    return { known, unclear };
}

function destinationOwner(): ResourceRule {
    return {
        scope: "resource",
        name: "destination-owner",
        concern: "governance",
        severity: "medium",
        enforcement: "advisory",
        description: "Every destination has an owner.",
        stops: "Destinations that nobody misses, and that therefore nobody removes.",
        remedy: "Add owner: the team that would be asked before it is removed.",
        concerns: ofTypes(MESH.type),
        judge: resource => {
            const { known, unclear } = declaredBy(resource, "which destinations have an owner");
            return [
                ...known
                    .filter(({ fields: { owner } }) => text(owner)?.trim() === undefined || text(owner)!.trim() === "")
                    .map(({ path, host }) => ({ found: `${path} (${host}) has no owner.` })),
                ...unclear,
            ];
        },
    };
}

function destinationExpiry(date: () => string): ResourceRule {
    return {
        scope: "resource",
        name: "destination-expired",
        concern: "governance",
        severity: "medium",
        enforcement: "mandatory",
        description: "No destination is past its date.",
        stops: "Exceptions that were meant for a while and stay for ever.",
        remedy: "Remove the destination, or let its owner set a new date.",
        concerns: ofTypes(MESH.type),
        judge: resource => {
            const question = "whether the destination is past its date";
            const { known, unclear } = declaredBy(resource, question);
            return [
                ...known.flatMap(({ path, host, fields: { expires } }): Finding[] => {
                    if (expires === UNKNOWN) {
                        return [undecided(`${path}.expires`, question)];
                    }
                    const until = text(expires);
                    // A destination serves on its last day.
                    return until !== undefined && until < date()
                        ? [{ found: `${path} (${host}) was meant until ${until}.` }]
                        : [];
                }),
                ...unclear,
            ];
        },
    };
}

function sharedHosts(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "shared-hosts",
        concern: "governance",
        severity: "low",
        enforcement: "advisory",
        description: "Hosts that are open to everybody have been reviewed.",
        stops: "A way out in plain sight: the host is allowed, and whoever has an account there receives what is sent.",
        remedy: "Narrow the workloads in allow, prefer a host of your own tenant, and list what was reviewed in reviewedHosts.",
        concerns: ofTypes(MESH.type),
        judge: resource => {
            const { known, unclear } = declaredBy(resource, "which hosts are open to everybody");
            return [
                ...known
                    .filter(({ host }) => !fitsAny(settings.reviewedHosts, host))
                    .flatMap(({ path, host }) => {
                        const use = sharedUse(host, settings.sharedHosts);
                        return use === undefined ? [] : [{ found: `${path} is ${host}: ${use}.` }];
                    }),
                ...unclear,
            ];
        },
    };
}
