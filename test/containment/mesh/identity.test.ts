import assert from "node:assert/strict";
import fc from "fast-check";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { type Declaration, readDeclaration } from "../../../containment/mesh/declared";
import { compareIdentities } from "../../../containment/mesh/identity";
import { largeMesh } from "./largeMesh";
import { type Resource } from "../../../containment/resource";

const ACCOUNTS = ["team-0/api", "team-1/api", "team-0/batch"] as const;

describe("compareIdentities", () => {
    it("holds exactly if every destination accepts the declared identities and no other", () => {
        const accounts = fc.subarray([...ACCOUNTS]);
        fc.assert(
            fc.property(
                fc.array(accounts, { minLength: 6, maxLength: 6 }),
                fc.array(fc.tuple(fc.nat(5), accounts), { maxLength: 2 }),
                (accepted, changes) => {
                    const declared = accepted.map(
                        (list, index) => changes.find(([target]) => target === index)?.[1] ?? list,
                    );

                    const { result } = compare(meshAccepting(accepted, declared));

                    const equal = accepted.every(
                        (list, index) => [...list].sort().join() === [...declared[index]!].sort().join(),
                    );
                    assert.equal(result, equal ? "holds" : "violated");
                },
            ),
            { numRuns: 100 },
        );
    });

    it("names the workload that nobody declared, and the destination that it reaches", () => {
        const accepted = Array.from({ length: 6 }, () => ["team-0/api"]);
        const declared = [...accepted];
        accepted[3] = ["team-0/api", "team-1/api"];

        const { witnesses } = compare(meshAccepting(accepted, declared));

        assert.deepEqual(
            witnesses.map(({ source, hops }) => [source, hops.at(-1)!.decision]),
            [["the workload cluster.local/ns/team-1/sa/api", "the gateway connects to host-3.example.com:443"]],
        );
    });
});

function compare(resources: readonly Resource[]): ReturnType<typeof compareIdentities> {
    return compareIdentities(kubernetesObjects(resources), readDeclaration(resources) as Declaration);
}

/** Six destinations (0 and 5 are HTTP) whose objects accept one list of workloads and whose declaration says another. */
function meshAccepting(accepted: readonly (readonly string[])[], declared: readonly (readonly string[])[]): Resource[] {
    const workloads = (list: readonly string[]): { readonly namespace: string; readonly serviceAccount: string }[] =>
        list.map(entry => ({ namespace: entry.split("/")[0]!, serviceAccount: entry.split("/")[1]! }));
    const principals = (index: number): string[] =>
        accepted[index]!.map(entry => `cluster.local/ns/${entry.replace("/", "/sa/")}`);
    return largeMesh(6).map(resource => {
        const index = Number(/host-(\d)/.exec(resource.name)?.[1] ?? -1);
        // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs of several kinds
        const inputs = structuredClone(resource.inputs) as any;
        if (resource.type === "egress-gateway:mesh:Mesh") {
            inputs.destinations.forEach((destination: { allow: unknown }, position: number) => {
                destination.allow = workloads(declared[position]!);
            });
        } else if (resource.type.endsWith(":Gateway") && index >= 0) {
            // An empty list would mean everybody; a name of another form means nobody.
            inputs.spec.servers[0].tls.subjectAltNames = [
                ...principals(index).map(name => `spiffe://${name}`),
                "nobody.example",
            ].slice(0, Math.max(1, accepted[index]!.length));
        } else if (resource.type.endsWith(":AuthorizationPolicy") && index >= 0) {
            inputs.spec.rules =
                accepted[index]!.length === 0
                    ? []
                    : [{ ...inputs.spec.rules[0], from: [{ source: { principals: principals(index) } }] }];
        } else if (Array.isArray(inputs.spec?.exportTo) && !inputs.spec.exportTo.includes(".")) {
            inputs.spec.exportTo = ["team-0", "team-1"];
        } else if (resource.type.endsWith(":DestinationRule")) {
            inputs.spec.subsets = Array.from({ length: 6 }, (_, position) => ({
                name: `host-${position}-example-com`,
                trafficPolicy: {
                    portLevelSettings: [
                        position % 5 === 0
                            ? { port: { number: 80 }, tls: { mode: "ISTIO_MUTUAL" } }
                            : {
                                  port: { number: 443 },
                                  tls: { mode: "ISTIO_MUTUAL", sni: `host-${position}.example.com` },
                              },
                    ],
                },
            }));
        }
        return { ...resource, inputs };
    });
}
