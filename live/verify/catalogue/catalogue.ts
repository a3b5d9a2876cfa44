import { type EgressOutputs } from "../../../contract/egress";
import { isBelow, isWildcard } from "../../../base/conventions";
import { InputError } from "../../../base/problem";
import { type NetworkProbe, type Probe, sourceName } from "../probe";
import { accessProbes, admissionProbes, inspectionProbes } from "./admission";
import { allowedProbes, besideWildcardProbes, destinationPorts, refusedProbes, undeclaredProbes } from "./destinations";
import { nameProbes } from "./names";
import { controlFor, gatewayNodeProbes, gatewayProbes, intruderProbes, perimeterProbes } from "./perimeter";
import { checkTargets, type Targets } from "./targets";

export interface CatalogueOptions {
    readonly targets: Targets;
    /** At most so many probes of a kind and a source; default: all. */
    readonly sample?: number;
    /** Names below declared wildcards, to be reached through them. */
    readonly below?: readonly string[];
    /** A declared host that answers with the caller's address, and where it says so. */
    readonly echo?: { readonly host: string; readonly path: string };
    /** Namespace from which a pod may stand on a gateway node; absent: none, and C3 stays unknown. */
    readonly gatewayNodeNamespace?: string;
    /** Goes into objects that are tried and never created. */
    readonly image: string;
}

/**
 * Everything that is tried on a live system, derived from what the stack gives to applications, so that a new destination
 * has its probes without anybody writing them. Controls come before what they vouch for.
 *
 * @throws InputError when a target, a name below a wildcard or the echo host cannot be used.
 */
export function probeCatalogue(
    outputs: Pick<EgressOutputs, "destinations" | "gateway">,
    options: CatalogueOptions,
): Probe[] {
    const { targets, gatewayNodeNamespace } = options;
    checkBelow(outputs, options.below ?? []);
    const ports = destinationPorts(outputs, options.below);
    const { dns } = outputs.gateway;
    const lock = dns?.lock === "enforce" ? dns : undefined;
    checkTargets(
        targets,
        outputs.destinations.map(({ host }) => host),
        lock !== undefined,
    );
    const { namespace, host } = outputs.gateway;
    const sample = <P extends Probe>(probes: readonly P[]): P[] => sampled(probes, options.sample);
    const network = [
        ...sample(allowedProbes(ports)),
        ...echoProbes(ports, options.echo),
        ...sample(refusedProbes(ports)),
        ...undeclaredProbes(ports, targets),
        ...besideWildcardProbes(outputs, targets),
        ...perimeterProbes(ports, targets),
        ...(lock === undefined ? [] : nameProbes(ports, targets)),
        ...gatewayProbes(ports, host),
        ...intruderProbes(ports, targets),
        ...(gatewayNodeNamespace === undefined ? [] : gatewayNodeProbes(ports, targets, gatewayNodeNamespace)),
    ];
    return [
        ...admissionProbes(ports, {
            gatewayNamespace: namespace,
            gatewayHost: host,
            image: options.image,
            ...(lock === undefined ? {} : { resolverNamespace: lock.namespace }),
        }),
        ...accessProbes(ports, namespace),
        ...inspectionProbes(),
        ...missingControls(network),
        ...network,
    ];
}

function checkBelow({ destinations }: Pick<EgressOutputs, "destinations">, below: readonly string[]): void {
    const wildcards = destinations.map(({ host }) => host).filter(isWildcard);
    const wrong = below.filter(name => !wildcards.some(wildcard => isBelow(name, wildcard)));
    if (wrong.length > 0) {
        throw new InputError(
            "the probes cannot be composed",
            wrong.map(given => ({
                path: "--below",
                given,
                expected: `a name below a declared wildcard: ${wildcards.join(", ") || "there is none"}`,
                remedy: "Name a host that exists and that the wildcard is for, such as acme.my.salesforce.com, or leave it out.",
            })),
        );
    }
}

/** Of every group, evenly spread, always the same. */
function sampled<P extends Probe>(probes: readonly P[], limit: number | undefined): P[] {
    if (limit === undefined) {
        return [...probes];
    }
    const groups = new Map<string, P[]>();
    for (const probe of probes) {
        const group = `${probe.id.split("/")[0]}${probe.kind === "network" ? sourceName(probe.source) : ""}`;
        groups.set(group, [...(groups.get(group) ?? []), probe]);
    }
    return [...groups.values()].flatMap(group =>
        group.length <= limit
            ? group
            : Array.from({ length: limit }, (_, index) => group[Math.floor((index * group.length) / limit)]!),
    );
}

function echoProbes(ports: ReturnType<typeof destinationPorts>, echo: CatalogueOptions["echo"]): NetworkProbe[] {
    if (echo === undefined) {
        return [];
    }
    const destination = ports.find(({ host, port }) => host === echo.host && port.protocol !== "tcp");
    const [workload] = destination?.allow ?? [];
    if (destination === undefined || workload === undefined) {
        throw new InputError("the probes cannot be composed", [
            {
                path: "--echo",
                given: echo.host,
                expected: `the host of a declared destination that speaks HTTP or HTTPS: ${[...new Set(ports.filter(({ port }) => port.protocol !== "tcp").map(({ host }) => host))].join(", ")}`,
                remedy: "Only a declared host can be reached, so declare the one that tells callers their address, or leave --echo out.",
            },
        ]);
    }
    const { host, port } = destination;
    return [
        {
            kind: "network",
            id: `source-address/${workload.namespace}/${workload.serviceAccount}/${host}`,
            title: `${host} sees one of the stack's NAT addresses`,
            claim: "C1",
            bypasses: [16],
            source: { kind: "client", ...workload },
            attempt: {
                action: "http",
                host,
                port: port.clientPort,
                path: echo.path,
                keepBody: true,
                tls: port.protocol === "tls",
            },
            expect: { allowed: true, through: destination.route, sourceIsNat: true },
        },
    ];
}

/** Every control that a probe names, once. */
function missingControls(probes: readonly NetworkProbe[]): NetworkProbe[] {
    const there = new Set(probes.map(({ id }) => id));
    const controls = new Map<string, NetworkProbe>();
    for (const probe of probes) {
        if (probe.control !== undefined && !there.has(probe.control)) {
            controls.set(probe.control, controlFor(probe.source, probe.attempt));
        }
    }
    return [...controls.values()];
}
