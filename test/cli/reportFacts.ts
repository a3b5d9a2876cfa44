import { destinationsOf, type ReportFacts } from "../../cli/report/facts";
import { type Resource } from "../../containment/resource";
import { prove } from "../../containment/prove";
import { type RegisteredDestination } from "../../declared/mesh";
import { planned } from "../program/planned";

export const PROVENANCE = {
    stacks: ["dev"],
    sources: ["offline plan of Pulumi.dev.yaml"],
    commit: "0123456789abcdef",
    version: "0.1.0",
    time: "2027-01-15T12:00:00.000Z",
    resources: 1,
};

async function factsOf(change: (resources: readonly Resource[]) => readonly Resource[]): Promise<ReportFacts> {
    const resources = change((await planned("dev")).resources);
    return { provenance: PROVENANCE, verdict: prove(resources), ...destinationsOf(resources) };
}

export const contained = (): Promise<ReportFacts> => factsOf(resources => resources);

/** Without firewall rules, and with a NAT and a route for everybody: nothing stops the nodes. */
export const open = (): Promise<ReportFacts> =>
    factsOf(resources =>
        resources
            .filter(({ type }) => !/networkFirewallPolicy|firewall:Firewall$/.test(type))
            .map(one =>
                one.type.endsWith(":RouterNat")
                    ? {
                          ...one,
                          inputs: {
                              ...one.inputs,
                              sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
                              subnetworks: [],
                          },
                      }
                    : one.type.endsWith(":Route")
                      ? { ...one, inputs: { ...one.inputs, tags: [] } }
                      : one,
            ),
    );

export const many = (count: number): RegisteredDestination[] =>
    Array.from({ length: count }, (_, index) => ({
        host: `host-${index}.example.com`,
        ports: [{ protocol: "tls" as const, number: 443 }],
        allow: [{ namespace: `team-${index % 12}`, serviceAccount: "api" }],
        owner: "team",
        ...(index === 0 ? { expires: "2027-01-14" } : index === 1 ? { expires: "2027-02-01" } : {}),
    }));
