import { type EgressOutputs } from "../../../contract/egress";
import { gatewaysOf, type VerifiedOutputs } from "../outputs";
import { isBelow, isWildcard } from "../../../base/conventions";
import { InputError } from "../../../base/problem";
import { type NetworkProbe, type Probe, sourceName } from "../probe";
import { accessProbes, admissionProbes, inspectionProbes } from "./admission";
import { allowedProbes, besideWildcardProbes, destinationPorts, refusedProbes, undeclaredProbes } from "./destinations";
import { type Echo, echoProbes } from "./echoes";
import { nameProbes } from "./names";
import { gatewayNodeProbes, gatewayProbes, intruderProbes } from "./gateway";
import { controlFor, perimeterProbes } from "./perimeter";
import { checkTargets, type Targets } from "./targets";

export interface CatalogueOptions {
    readonly targets: Targets;
    /** At most so many probes of a kind and a source; default: all. */
    readonly sample?: number;
    /** Names below declared wildcards, to be reached through them. */
    readonly below?: readonly string[];
    /** Declared hosts that answer with the caller's address. */
    readonly echoes?: readonly Echo[];
    /** Namespace from which a pod may stand on a gateway node; absent: none, and C3 stays unknown. */
    readonly gatewayNodeNamespace?: string;
    /** Goes into objects that are tried and never created. */
    readonly image: string;
}

/**
 * Everything that is tried on a live system, derived from what the stack gives to applications, so that a new destination
 * has its probes without anybody writing them. Controls come before what they vouch for.
 *
 * @throws InputError when a target, a name below a wildcard or an echo host cannot be used.
 */
export function probeCatalogue(outputs: VerifiedOutputs, options: CatalogueOptions): Probe[] {
    const { targets, gatewayNodeNamespace } = options;
    checkBelow(outputs, options.below ?? []);
    const gateways = gatewaysOf(outputs);
    const own = gateways.map(gateway => ({ ...gateway, ports: destinationPorts(gateway, options.below) }));
    const ports = own.flatMap(gateway => gateway.ports);
    const { dns } = outputs.gateway;
    const lock = dns?.lock === "enforce" ? dns : undefined;
    checkTargets(
        targets,
        outputs.destinations.map(({ host }) => host),
        lock !== undefined,
    );
    const sample = <P extends Probe>(probes: readonly P[]): P[] => sampled(probes, options.sample);
    const echoes = echoProbes(gateways, ports, options.echoes ?? []);
    const network = [
        ...sample(allowedProbes(ports)),
        ...echoes.filter(probe => probe.kind === "network"),
        ...sample(refusedProbes(ports)),
        ...undeclaredProbes(ports, targets),
        ...besideWildcardProbes(outputs, targets),
        ...perimeterProbes(ports, targets),
        ...(lock === undefined ? [] : nameProbes(ports, targets)),
        ...gateways.flatMap(gateway => gatewayProbes(ports, gateway)),
        ...own.flatMap(gateway => intruderProbes(gateway.ports, targets, gateway.name)),
        ...(gatewayNodeNamespace === undefined
            ? []
            : own.flatMap(gateway =>
                  gatewayNodeProbes(gateway.ports, ports, targets, gatewayNodeNamespace, gateway.name),
              )),
    ];
    return [
        ...admissionProbes(ports, {
            gateways,
            image: options.image,
            ...(lock === undefined ? {} : { resolverNamespace: lock.namespace }),
        }),
        ...gateways.flatMap(gateway => accessProbes(ports, gateway)),
        ...gateways.flatMap(inspectionProbes),
        ...echoes.filter(probe => probe.kind === "untried"),
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

/** Of every group, which is of one gateway, evenly spread, always the same. */
function sampled<P extends Probe>(probes: readonly P[], limit: number | undefined): P[] {
    if (limit === undefined) {
        return [...probes];
    }
    const groups = new Map<string, P[]>();
    for (const probe of probes) {
        const source = probe.kind === "network" ? sourceName(probe.source) : "";
        const group = [probe.id.split("/")[0], source, probe.gateway].join();
        groups.set(group, [...(groups.get(group) ?? []), probe]);
    }
    return [...groups.values()].flatMap(group =>
        group.length <= limit
            ? group
            : Array.from({ length: limit }, (_, index) => group[Math.floor((index * group.length) / limit)]!),
    );
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
