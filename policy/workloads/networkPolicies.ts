import { registeredAs } from "../../declared/component";
import { PLATFORM } from "../../declared/platform";
import {
    fields,
    fieldsList,
    integer,
    type KubernetesObject,
    kubernetesObjects,
    text,
    texts,
} from "../../containment/kubernetes";
import { AddressError, type AddressRange, EVERY_ADDRESS, overlaps, parseRange } from "../../containment/kernel/address";
import { METADATA_SERVER, outside } from "../../containment/kernel/specialAddresses";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { unclear } from "../mesh/objects";
import { common, describeAddresses, guardedAddresses } from "../perimeter/publicAddresses";
import { type Finding, type ResourceRule, type StackRule } from "../rule";
import { gatewayNamespaces, type PackSettings } from "../settings";

const NETWORK_POLICY = /^kubernetes:networking\.k8s\.io\/[^:]+:NetworkPolicy(Patch)?$/;

/** An egress rule that opens addresses, with its place. */
interface Opening {
    readonly path: string;
    readonly ranges: readonly AddressRange[];
    readonly ports: readonly Readonly<Record<string, unknown>>[];
}

/** No `to` means every address; a selector means pods. */
function openingsOf({ spec }: KubernetesObject): Opening[] {
    return fieldsList(spec.egress).flatMap((rule, index): Opening[] => {
        const path = `spec.egress[${index}]`;
        const ports = fieldsList(rule.ports);
        const peers = fieldsList(rule.to);
        if (rule.to === undefined || (Array.isArray(rule.to) && peers.length === 0)) {
            return [{ path, ranges: EVERY_ADDRESS, ports }];
        }
        return peers.flatMap((peer, position): Opening[] => {
            const block = fields(peer.ipBlock);
            const cidr = text(block.cidr);
            const known = cidr !== undefined && cidr !== UNKNOWN;
            return known
                ? [
                      {
                          path: `${path}.to[${position}].ipBlock`,
                          ranges: outside(ranges([cidr]), ranges(texts(block.except))),
                          ports,
                      },
                  ]
                : [];
        });
    });
}

/** What the API server would refuse opens nothing. */
function ranges(cidrs: readonly string[]): AddressRange[] {
    return cidrs.flatMap(cidr => {
        try {
            return [parseRange(cidr)];
        } catch (error) {
            if (error instanceof AddressError) {
                return [];
            }
            throw error;
        }
    });
}

/** Network policies add up: one that opens is not closed by another. */
export function networkPolicyEgress(settings: PackSettings): ResourceRule {
    const guarded = guardedAddresses(settings);
    return {
        scope: "resource",
        name: "network-policy-egress",
        concern: "workloads",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Network policies outside the gateway's namespace open no public address.",
        stops: "A policy that opens the internet for pods: policies add up, so no other one closes it again.",
        remedy: "Open pods by selector and private ranges by ipBlock; the internet is reached through the gateway's pods.",
        concerns: type => NETWORK_POLICY.test(type),
        judge: resource => {
            const [policy] = kubernetesObjects([resource]);
            if (policy === undefined || gatewayNamespaces(settings).includes(policy.namespace)) {
                return [];
            }
            return [
                ...openingsOf(policy).flatMap(({ path, ranges }): Finding[] => {
                    const opened = common(ranges, guarded);
                    return opened.length === 0
                        ? []
                        : [{ found: `${path} opens ${describeAddresses(opened, guarded)}.` }];
                }),
                ...unclear(
                    policy,
                    "whether the policy opens public addresses",
                    "spec.egress[*].to[*].ipBlock.cidr",
                    "spec.egress[*].to[*].ipBlock.except",
                ),
            ];
        },
    };
}

/**
 * Google's resolver answers whoever asks it, whatever the firewall says, and names are a channel. Pods ask the cluster's own
 * DNS; only with Cloud DNS for GKE is that the metadata server itself.
 */
export function resolverAccess(): StackRule {
    return {
        scope: "stack",
        name: "resolver-access",
        concern: "workloads",
        severity: "medium",
        enforcement: "advisory",
        description: "Pods do not ask the metadata server's resolver.",
        stops: "Data in the names that pods look up: no firewall filters the metadata server, and no log of the cluster shows the question.",
        remedy: "Open the cluster's DNS pods instead; with Cloud DNS for GKE say so in the platform (cluster.dns: cloud-dns), and close names with a response policy.",
        judge: resources => {
            const cloudDns = registeredAs(PLATFORM, resources).some(platform => {
                const cluster = platform.read("cluster");
                return cluster.known && cluster.value.dns === "cloud-dns";
            });
            return cloudDns
                ? []
                : policiesOf(resources).flatMap(policy => [
                      ...openingsOf(policy)
                          .filter(({ ranges }) =>
                              ranges.some(range => METADATA_SERVER.some(server => overlaps(range, server))),
                          )
                          .filter(({ ports }) => ports.length === 0 || ports.some(coversDns))
                          .map(({ path }) => ({
                              resource: policy.urn,
                              found: `${path} opens port 53 of the metadata server.`,
                          })),
                      ...unclear(
                          policy,
                          "whether pods may ask the metadata server's resolver",
                          "spec.egress[*].to[*].ipBlock.cidr",
                      ),
                  ]);
        },
    };
}

function coversDns(port: Readonly<Record<string, unknown>>): boolean {
    const first = integer(port.port);
    return first === undefined || first === 53 || (first < 53 && (integer(port.endPort) ?? first) >= 53);
}

export function policiesOf(resources: readonly Resource[]): KubernetesObject[] {
    return kubernetesObjects(resources.filter(({ type }) => NETWORK_POLICY.test(type)));
}
