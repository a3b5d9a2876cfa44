import { providerUrn } from "../../base/resource";
import { type Resource, UNKNOWN } from "../resource";
import { Inputs, known, type Maybe, NOT_KNOWN, type WorldProblem } from "./inputs";

/** A Google resource as others refer to it: by self link, by id, or by name alone. What the text does not say is absent. */
export interface Reference {
    readonly project?: string;
    /** Region, zone or location. */
    readonly location?: string;
    /** Its name, or the number that Google gave it. */
    readonly name: string;
}

/**
 * Reads `https://www.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s`, `projects/p/global/networks/n`, `p/r/s`-less
 * forms and plain names alike: the last segment is the name, and a project or place is what stands behind its keyword.
 */
export function parseReference(text: string): Reference {
    const segments = text.split("/").filter(segment => segment !== "");
    const behind = (...keywords: readonly string[]): string | undefined => {
        const index = segments.findIndex(
            (segment, position) => keywords.includes(segment) && position + 2 < segments.length,
        );
        return index < 0 ? undefined : segments[index + 1];
    };
    const project = behind("projects");
    const location = behind("regions", "zones", "locations");
    return {
        ...(project === undefined ? {} : { project }),
        ...(location === undefined ? {} : { location }),
        name: segments[segments.length - 1] ?? text,
    };
}

/** Whether both can be the same resource: what either leaves out is taken to agree. */
export function refersTo(reference: Reference, target: Reference): boolean {
    const agree = (a: string | undefined, b: string | undefined): boolean =>
        a === undefined || b === undefined || a === b;
    return (
        reference.name === target.name &&
        agree(reference.project, target.project) &&
        agree(reference.location, target.location)
    );
}

/** What a reference stands for. `several`: one of these, or one that nothing shows; nobody may take the first. */
export type Resolution<T> =
    | { readonly kind: "one"; readonly target: T }
    | { readonly kind: "none" }
    | { readonly kind: "several"; readonly candidates: readonly T[] };

const NONE = { kind: "none" } as const;

/** The target, where it is known which; for callers to whom "not given" and "one of several" mean the same doubt. */
export function only<T>(resolution: Resolution<T>): T | undefined {
    return resolution.kind === "one" ? resolution.target : undefined;
}

/** Everything that may be meant, for callers to whom each of them counts. */
export function targetsOf<T>(resolution: Resolution<T>): readonly T[] {
    return resolution.kind === "one" ? [resolution.target] : resolution.kind === "several" ? resolution.candidates : [];
}

/** How far a part of a reference agrees. `open`: a number on one side and a name on the other can be the same thing. */
type Agreement = "yes" | "left out" | "open" | "no";

/** A zone lies in the region that its name begins with. */
const ZONE = /^([a-z]+(?:-[a-z]+)+\d+)-[a-z]$/;
const NUMBER = /^\d+$/;

function regionOf(place: string): string {
    return ZONE.exec(place)?.[1] ?? place;
}

function sameOrNumber(a: string, b: string): Agreement {
    return a === b ? "yes" : NUMBER.test(a) !== NUMBER.test(b) ? "open" : "no";
}

function projectsAgree(a: string | undefined, b: string | undefined): Agreement {
    return a === undefined || b === undefined ? "left out" : sameOrNumber(a, b);
}

function placesAgree(a: string | undefined, b: string | undefined): Agreement {
    return a === undefined || b === undefined
        ? "left out"
        : a === b
          ? "yes"
          : regionOf(a) === b || a === regionOf(b)
            ? "left out"
            : "no";
}

function weakest(agreements: readonly Agreement[]): Agreement {
    return (["no", "open", "left out"] as const).find(kind => agreements.includes(kind)) ?? "yes";
}

/**
 * The one that agrees in everything; else the only one that agrees in what both say. Wherever more than one can be meant, or a
 * number stands against a name, it is not known which.
 */
export function choose<T>(candidates: readonly T[], agreement: (candidate: T) => Agreement): Resolution<T> {
    const found: Record<Agreement, T[]> = { yes: [], "left out": [], open: [], no: [] };
    for (const candidate of candidates) {
        found[agreement(candidate)].push(candidate);
    }
    if (found.yes.length === 1) {
        return { kind: "one", target: found.yes[0]! };
    }
    const possible = found.yes.length > 0 ? found.yes : [...found["left out"], ...found.open];
    return possible.length === 0
        ? NONE
        : possible.length === 1 && found.open.length === 0
          ? { kind: "one", target: possible[0]! }
          : { kind: "several", candidates: possible };
}

/** How far a reference agrees with what is only mentioned, or was found before. */
export function agreementOf(reference: Reference, target: Reference): Agreement {
    return weakest([
        sameOrNumber(reference.name, target.name),
        projectsAgree(reference.project, target.project),
        ...(reference.location === undefined ? [] : [placesAgree(reference.location, target.location)]),
    ]);
}

/** Types whose names are unique in a region or location only; all others are global. */
const PLACED =
    /^gcp:(compute\/(subnetwork|router|regionNetworkFirewallPolicy\w*|regionInstanceTemplate|vPNTunnel):|container\/)/;

/** What Google's provider calls the numbers that it knows a resource by. */
const NUMBERS = [
    "networkFirewallPolicyId",
    "regionNetworkFirewallPolicyId",
    "firewallPolicyId",
    "policyId",
    "networkId",
    "subnetworkId",
    "numericId",
    "uniqueId",
    "number",
];

/** Links whose last segment is a name or a number. */
const LINKS = ["selfLinkWithId", "selfLink", "name"];

/** Resources by type and by URN, and what a reference among them stands for. */
export class Directory {
    private readonly byType = new Map<string, Resource[]>();
    private readonly byUrn = new Map<string, Resource>();
    private readonly identities = new Map<Resource, Reference>();
    private readonly names = new Map<string, Map<string, Resource[]>>();
    private readonly numbers = new Map<Resource, boolean>();
    private projectIds: ReadonlyMap<string, unknown> | undefined;

    constructor(readonly resources: readonly Resource[]) {
        for (const resource of resources) {
            this.byUrn.set(resource.urn, resource);
            const list = this.byType.get(resource.type);
            if (list === undefined) {
                this.byType.set(resource.type, [resource]);
            } else {
                list.push(resource);
            }
        }
        for (const [type, list] of this.byType) {
            this.byType.set(type, this.withoutReadAgain(list));
        }
    }

    /** What one stack reads with `.get()` and another one owns is one thing. */
    private withoutReadAgain(list: readonly Resource[]): Resource[] {
        return list.filter(resource => {
            const owner =
                resource.external !== true || !resource.type.startsWith("gcp:")
                    ? undefined
                    : list.find(
                          other =>
                              other.external !== true &&
                              this.identityOf(other).project !== undefined &&
                              this.agreement(this.identityOf(resource), other) === "yes",
                      );
            if (owner !== undefined) {
                this.byUrn.set(resource.urn, owner);
            }
            return owner === undefined;
        });
    }

    /**
     * Names that others refer to have to be known: with one that is not, anything may be meant by anything.
     *
     * @param types the types whose resources are referred to
     */
    refuseUnknownNames(problems: WorldProblem[], ...types: readonly string[]): void {
        for (const resource of this.ofType(...types)) {
            const inputs = Inputs.of(resource, problems);
            for (const key of ["name", "shortName"]) {
                if (inputs.name(key) === NOT_KNOWN) {
                    inputs.refuse(key, "is not known before up, expected a name: others refer to this resource by it");
                }
            }
        }
    }

    ofType(...types: readonly string[]): Resource[] {
        return types.flatMap(type => this.byType.get(type) ?? []);
    }

    /**
     * The resource's own name, project and place: what its inputs say, else its provider, else what it was found to have. Without
     * a `name` input Google's provider composes one from the logical name; in an offline plan that is all there is.
     */
    identityOf(resource: Resource): Reference {
        const cached = this.identities.get(resource);
        if (cached !== undefined) {
            return cached;
        }
        const identity = this.readIdentity(resource);
        this.identities.set(resource, identity);
        return identity;
    }

    /** The provider that the resource was made by. */
    providerOf(resource: Resource): Resource | undefined {
        const urn = providerUrn(resource);
        return urn === undefined ? undefined : this.byUrn.get(urn);
    }

    private readIdentity(resource: Resource): Reference {
        const inputs = Inputs.of(resource, []);
        const provider = this.providerOf(resource);
        const from = (values: Resource["inputs"] | undefined, key: string): string | undefined => {
            const value = values?.[key];
            return typeof value === "string" && value !== "" && value !== UNKNOWN ? value : undefined;
        };
        const own = (key: string): Maybe<string> => inputs.name(key) ?? from(resource.outputs, key);
        const orProviders = (key: string): Maybe<string> =>
            inputs.name(key) ?? from(provider?.inputs, key) ?? from(resource.outputs, key);
        const project = known(orProviders("project"));
        // The provider's zone is for what lives in a zone, and that says its own.
        const location = known(own("location") ?? own("zone") ?? orProviders("region"));
        const name = known(own("name")) ?? known(own("shortName")) ?? resource.name;
        return {
            ...(project === undefined ? {} : { project: this.projectNamed(project) }),
            ...(location === undefined ? {} : { location: parseReference(location).name }),
            name: parseReference(name).name,
        };
    }

    /**
     * What an input of `resource` refers to. What the text leaves out is the referrer's own: its project and its region. A value that
     * is not known yet can only come from a resource that this one depends on: if that is a single one of the wanted types, it
     * is the one.
     */
    resolve(resource: Resource, value: Maybe<string>, ...types: readonly string[]): Resolution<Resource> {
        if (value === undefined) {
            return NONE;
        }
        if (value === NOT_KNOWN) {
            const candidates = resource.dependsOn
                .map(urn => this.byUrn.get(urn))
                .filter((found): found is Resource => found !== undefined && types.includes(found.type));
            return candidates.length === 1
                ? { kind: "one", target: candidates[0]! }
                : { kind: "several", candidates: candidates.length > 0 ? candidates : this.ofType(...types) };
        }
        const named = this.byUrn.get(value);
        if (named !== undefined && types.includes(named.type)) {
            return { kind: "one", target: named };
        }
        const { project, location } = this.identityOf(resource);
        const own = {
            ...(project === undefined ? {} : { project }),
            ...(location === undefined ? {} : { location }),
        };
        const said = parseReference(value);
        const reference = {
            ...own,
            ...said,
            ...(said.project === undefined ? {} : { project: this.projectNamed(said.project) }),
        };
        const candidates = types.flatMap(type => this.candidates(type, reference.name));
        return choose(candidates, candidate => this.agreement(reference, candidate));
    }

    /** The id of a project that the text calls by its number, where a given resource shows both. */
    private projectNamed(text: string): string {
        const name = parseReference(text).name;
        if (!NUMBER.test(name)) {
            return name;
        }
        this.projectIds ??= new Map(
            this.ofType("gcp:organizations/project:Project").map(({ inputs, outputs }) => [
                String(outputs?.["number"]),
                inputs["projectId"] ?? outputs?.["projectId"],
            ]),
        );
        const id = this.projectIds.get(name);
        return typeof id === "string" ? id : name;
    }

    private agreement(reference: Reference, candidate: Resource): Agreement {
        const identity = this.identityOf(candidate);
        return weakest([
            this.namesOf(candidate).includes(reference.name) ? "yes" : "open",
            projectsAgree(reference.project, identity.project),
            ...(PLACED.test(candidate.type) ? [placesAgree(reference.location, identity.location)] : []),
        ]);
    }

    /** Resources of the type that are called so; for a number, also those whose number nothing shows. */
    private candidates(type: string, name: string): readonly Resource[] {
        let index = this.names.get(type);
        if (index === undefined) {
            index = new Map();
            for (const resource of this.ofType(type)) {
                for (const called of new Set(this.namesOf(resource))) {
                    index.set(called, [...(index.get(called) ?? []), resource]);
                }
            }
            this.names.set(type, index);
        }
        const found = index.get(name);
        if (found !== undefined) {
            return found;
        }
        return NUMBER.test(name) ? this.ofType(type).filter(resource => this.numbers.get(resource) !== true) : [];
    }

    /** Everything that the resource is called by: its names, its numbers, and its id. */
    private namesOf(resource: Resource): string[] {
        const { inputs, outputs, id } = resource;
        const numbers = [
            ...NUMBERS.flatMap(key => [outputs?.[key], inputs[key]]),
            ...[id, ...LINKS.map(key => outputs?.[key])].map(link =>
                typeof link === "string" ? parseReference(link).name : link,
            ),
        ].filter(value => typeof value === "string" || typeof value === "number");
        const names = [this.identityOf(resource).name, ...numbers.map(String)];
        const texts = [inputs["shortName"], outputs?.["shortName"]].filter(value => typeof value === "string");
        this.numbers.set(
            resource,
            names.some(name => NUMBER.test(name)),
        );
        return [...names, ...texts];
    }
}
