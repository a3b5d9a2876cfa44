import { type Resource } from "../base/resource";
import { GUARD } from "../declared/guard";
import { MESH } from "../declared/mesh";
import { PERIMETER } from "../declared/perimeter";

/** What a change does to what is enclosed; `changes`: somebody has to know, and neither word fits. */
export type Effect = "opens" | "changes" | "closes";

/** Something that a person decided, and that is decided otherwise now. */
export interface DecisionChange {
    readonly effect: Effect;
    readonly subject: string;
    /** Absent where it is new. */
    readonly before?: string;
    /** Absent where it is gone. */
    readonly after?: string;
}

/** One decision, as one side registers it. */
interface Decision {
    readonly subject: string;
    readonly value: string;
    /** What its appearance does; its end does the opposite. @default changes */
    readonly presence?: Effect;
    /** A greater number is more open; two without it, or alike, only change. */
    readonly openness?: number;
    /** What any other value does. @default as `openness` says */
    readonly otherwise?: Effect;
}

const EFFECTS: readonly Effect[] = ["opens", "changes", "closes"];
const OPPOSITE: Readonly<Record<Effect, Effect>> = { opens: "closes", changes: "changes", closes: "opens" };

/** What is decided otherwise, opened things first: read from what components register, so that the files may be written anyhow. */
export function decisionChanges(before: readonly Resource[], after: readonly Resource[]): DecisionChange[] {
    const [then, now] = [decisions(before, after), decisions(after, before)];
    return [...new Set([...then.keys(), ...now.keys()])]
        .flatMap(subject => difference(subject, then.get(subject), now.get(subject)))
        .sort((a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect) || (a.subject < b.subject ? -1 : 1));
}

function difference(subject: string, then: Decision | undefined, now: Decision | undefined): DecisionChange[] {
    if (then?.value === now?.value) {
        return [];
    }
    const sides = {
        ...(then === undefined ? {} : { before: then.value }),
        ...(now === undefined ? {} : { after: now.value }),
    };
    return [{ effect: effectOf(then, now), subject, ...sides }];
}

function effectOf(then: Decision | undefined, now: Decision | undefined): Effect {
    if (then === undefined || now === undefined) {
        const presence = (then ?? now)?.presence ?? "changes";
        return now === undefined ? OPPOSITE[presence] : presence;
    }
    const more = (now.openness ?? 0) - (then.openness ?? 0);
    return now.otherwise ?? (more > 0 ? "opens" : more < 0 ? "closes" : "changes");
}

/** What belongs to a component that only one side has is told by the component. */
function decisions(side: readonly Resource[], other: readonly Resource[]): ReadonlyMap<string, Decision> {
    const inputsOf = (type: string): Record<string, unknown> | undefined =>
        other.some(resource => resource.type === type)
            ? side.find(resource => resource.type === type)?.inputs
            : undefined;
    const found = [
        ...components(side),
        ...guardDecisions(inputsOf(GUARD.type)),
        ...meshDecisions(inputsOf(MESH.type)),
        ...perimeterDecisions(inputsOf(PERIMETER.type)),
        ...addresses(side),
    ];
    return new Map(found.map(decision => [decision.subject, decision]));
}

/** Components whose absence takes a lock away. */
const ENCLOSING = ["guard", "network-policies", "perimeter"];

function components(side: readonly Resource[]): Decision[] {
    return side.flatMap(({ type, name }): Decision[] => {
        const [project, kind = ""] = type.split(":");
        return project === "egress-gateway"
            ? [
                  {
                      subject: `component ${name}`,
                      value: "there",
                      ...(ENCLOSING.includes(kind) ? { presence: "closes" } : {}),
                  },
              ]
            : [];
    });
}

/** Whom or what the guard lets pass, by what it registers. */
const EXEMPTIONS: Readonly<Record<string, string>> = {
    exemptUsers: "the guard exempts user",
    exemptGroups: "the guard exempts group",
    exemptNamespaces: "pods run anywhere, gateway nodes included, of namespace",
    proxyImages: "the guard takes for the mesh's proxy the image",
    placers: "pods are placed on nodes by",
    uninjectedUsers: "pods go without a sidecar of",
    operatorGroups: "the gateway is restarted and scaled by group",
};

function guardDecisions(guard: Record<string, unknown> | undefined): Decision[] {
    if (guard === undefined) {
        return [];
    }
    return [
        ...Object.entries(EXEMPTIONS).flatMap(([key, words]) =>
            listOf(guard[key]).map((one): Decision => ({
                subject: `${words} ${text(one)}`,
                value: "yes",
                presence: "opens",
            })),
        ),
        ...Object.entries(mapOf(guard["injectedAnnotations"])).map(([key, value]): Decision => ({
            subject: `pods may carry the annotation ${key}`,
            value: text(value),
            presence: "opens",
            otherwise: "opens",
        })),
        // Others get in, whoever they are.
        { subject: "the break-glass group", value: text(guard["breakGlassGroup"]), otherwise: "opens" },
        modeOf("the guard", guard["mode"]),
    ];
}

function perimeterDecisions(perimeter: Record<string, unknown> | undefined): Decision[] {
    if (perimeter === undefined) {
        return [];
    }
    const cluster = perimeter["scope"] === "cluster";
    return [
        modeOf("the perimeter", perimeter["mode"]),
        {
            subject: "the perimeter denies for",
            value: cluster ? "this cluster's nodes only" : "every machine of the network",
            openness: cluster ? 1 : 0,
        },
    ];
}

function modeOf(what: string, mode: unknown): Decision {
    const observes = mode === "observe";
    return { subject: what, value: observes ? "observes" : "enforces", openness: observes ? 1 : 0 };
}

function meshDecisions(mesh: Record<string, unknown> | undefined): Decision[] {
    if (mesh === undefined) {
        return [];
    }
    const clients = mapOf(mesh["clients"]);
    const any = clients["outboundTraffic"] === "allow-any";
    return [
        {
            subject: "undeclared traffic",
            value: any ? "passes the sidecars, up to the perimeter" : "ends in the sidecar",
            openness: any ? 1 : 0,
        },
        {
            subject: "mutual TLS between sidecars and gateway",
            value: mesh["mutualTls"] === false ? "off: the gateway does not know who calls" : "on",
            openness: mesh["mutualTls"] === false ? 1 : 0,
        },
        ...listOf(clients["privateDestinations"]).flatMap(privateDestination),
        ...listOf(mesh["destinations"]).flatMap(destination),
    ];
}

function privateDestination(given: unknown): Decision[] {
    const { name, cidrs, ports, namespaces } = mapOf(given);
    return listOf(namespaces).flatMap(namespace =>
        listOf(cidrs).flatMap(cidr =>
            listOf(ports)
                .map(mapOf)
                .map(({ number, protocol }): Decision => ({
                    subject: `past the gateway, inside the network: ${text(namespace)} to ${text(name)}, ${text(protocol)} ${text(number)} at ${text(cidr)}`,
                    value: "open",
                    presence: "opens",
                })),
        ),
    );
}

const PROTOCOLS: Readonly<Record<string, { readonly words: string; readonly openness: number }>> = {
    tls: { words: "tls: the application's own, from end to end", openness: 0 },
    tcp: { words: "tcp: bytes that nothing reads", openness: 1 },
    originate: { words: "originate: the gateway and its nodes see plain text", openness: 1 },
    http: { words: "http: unencrypted all the way", openness: 2 },
};

function destination(given: unknown): Decision[] {
    const { host, ports, owner, reason, expires } = mapOf(given);
    const about = (what: string, value: unknown): Decision[] =>
        value === undefined ? [] : [{ subject: `${text(host)}: ${what}`, value: text(value) }];
    return [
        ...about("owner", owner),
        ...about("reason", reason),
        ...about("expires", expires),
        ...listOf(ports)
            .map(mapOf)
            .flatMap(port => portDecisions(text(host), port)),
    ];
}

function portDecisions(host: string, port: Record<string, unknown>): Decision[] {
    const subject = `${host}:${text(port["number"])}`;
    const protocol = PROTOCOLS[text(port["protocol"])];
    const certificates = [
        ["client certificate", mapOf(port["clientCertificate"])["secret"]],
        ...listOf(port["clientCertificates"])
            .map(mapOf)
            .map(({ namespace, secret }) => [`client certificate for ${text(namespace)}`, secret]),
        // Narrower than the public authorities; whose they are, the Secret says.
        ["authorities", mapOf(port["caCertificate"])["secret"]],
    ].filter(([, secret]) => secret !== undefined);
    const further = ["plainPort", "upstreamProtocol", "virtualAddress"].filter(key => port[key] !== undefined);
    return [
        {
            subject,
            value: protocol?.words ?? text(port["protocol"]),
            openness: protocol?.openness ?? 0,
            presence: "opens",
        },
        // Without it the far side cannot tell the gateway from anybody.
        ...(port["innerName"] === undefined
            ? []
            : [
                  {
                      subject: `${subject}: server name inside`,
                      value: text(port["innerName"]),
                      presence: "closes" as const,
                  },
              ]),
        ...certificates.map(([what, secret]) => ({
            subject: `${subject}: ${text(what)}`,
            value: text(secret),
            presence: "closes" as const,
        })),
        ...further.map(key => ({ subject: `${subject}: ${key}`, value: text(port[key]) })),
    ];
}

/** The addresses that partners have on their lists. */
function addresses(side: readonly Resource[]): Decision[] {
    return side
        .filter(({ type }) => type === "gcp:compute/routerNat:RouterNat")
        .map(({ name, inputs }) => {
            const natIps = listOf(inputs["natIps"]).map(one => text(one).split("/").pop()!);
            return {
                subject: `source addresses of ${name}, which partners let in`,
                value: natIps.length === 0 ? "Google's choice" : natIps.join(", "),
            };
        });
}

function listOf(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

function mapOf(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : {};
}

function text(value: unknown): string {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
