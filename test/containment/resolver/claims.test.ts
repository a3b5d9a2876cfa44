import assert from "node:assert/strict";
import { type Resource } from "../../../containment/resource";
import { type Claim, type Verdict } from "../../../containment/verdict";
import { prove } from "../../../containment/prove";
import { variant } from "../../program/variant";

const CLIENT = "payments";
const NAMESPACE = "istio-egress-dns";

/** As they are registered: what a change does not touch it does not know. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Inputs = Record<string, any>;

/** The one resource with this type's end and name. */
type Change = (resource: Resource) => Resource | undefined;

function changed(
    resources: readonly Resource[],
    which: readonly [type: string, name: string],
    change: Change,
): Resource[] {
    const is = ({ type, name }: Resource) => type.endsWith(`:${which[0]}`) && name === which[1];
    assert.equal(resources.filter(is).length, 1, which.join(" "));
    return resources.flatMap(resource => (is(resource) ? (change(resource) ?? []) : [resource]));
}

const inputs =
    (of: (before: Inputs) => Record<string, unknown>): Change =>
    resource => ({
        ...resource,
        inputs: { ...resource.inputs, ...of(structuredClone(resource.inputs)) } as Resource["inputs"],
    });

const COREFILE = ["ConfigMap", `${NAMESPACE}/egress-dns`] as const;
const CLUSTER_DNS = ["ConfigMapPatch", "kube-system/kube-dns"] as const;
const PODS = ["Deployment", `${NAMESPACE}/egress-dns`] as const;
const edited = (from: string | RegExp, to: string) =>
    inputs(({ data }) => {
        const after = (data as { Corefile: string }).Corefile.replace(from, to);
        assert.notEqual(after, data.Corefile);
        return { data: { Corefile: after } };
    });

function object(type: string, name: string, body: Record<string, unknown>): Resource {
    const [namespace, short] = name.split("/");
    return {
        urn: `urn:pulumi:dev::egress-gateway::kubernetes:${type}::${name}`,
        type: `kubernetes:${type}`,
        name,
        inputs: { metadata: { namespace, name: short }, ...body },
    } as unknown as Resource;
}

describe("claim C6", () => {
    let resources: readonly Resource[];
    let verdict: Verdict;
    before(async () => {
        const locked = await variant({ dns: { lock: "enforce" } });
        resources = locked.plan.resources;
        verdict = locked.verdict;
    });
    const c6 = (given: readonly Resource[]): Claim => prove(given, { claims: ["C6"] }).claims[0]!;

    it("holds for the lock as it is rendered, and R1 falls away", () => {
        assert.deepEqual(
            verdict.claims
                .filter(({ id }) => id === "C6")
                .map(({ result, reasons, witnesses }) => ({ result, reasons, witnesses })),
            [{ result: "holds", reasons: [], witnesses: [] }],
        );
        assert.equal(verdict.verdict, "contained");
        assert.ok(!verdict.residualRisks.some(risk => risk.includes("the cluster's resolver asks the internet")));
    });

    it("is no claim of a stack without the lock, or with one that only observes", async () => {
        for (const lock of ["off", "observe"]) {
            const { verdict: without } = await variant({ dns: { lock } });
            assert.ok(!without.claims.some(({ id }) => id === "C6"), lock);
            assert.equal(without.verdict, "contained", lock);
            assert.ok(
                without.residualRisks.some(risk => risk.startsWith("R1: the cluster's resolver asks the internet")),
            );
        }
    });

    const violations: readonly (readonly [string, (all: readonly Resource[]) => readonly Resource[], RegExp])[] = [
        [
            "the cluster's DNS asks Google's metadata server",
            all =>
                changed(
                    all,
                    CLUSTER_DNS,
                    inputs(() => ({ data: { upstreamNameservers: '["169.254.169.254"]', stubDomains: "{}" } })),
                ),
            /asks 169\.254\.169\.254/,
        ],
        [
            "the cluster's DNS asks another beside the resolver",
            all =>
                changed(
                    all,
                    CLUSTER_DNS,
                    inputs(() => ({ data: { upstreamNameservers: '["10.8.0.14", "8.8.8.8"]', stubDomains: "{}" } })),
                ),
            /asks 8\.8\.8\.8/,
        ],
        [
            "a stub domain goes past the resolver",
            all =>
                changed(
                    all,
                    CLUSTER_DNS,
                    inputs(() => ({
                        data: { upstreamNameservers: '["10.8.0.14"]', stubDomains: '{"evil.example": ["10.0.0.53"]}' },
                    })),
                ),
            /10\.0\.0\.53 for names below evil\.example/,
        ],
        [
            "nothing tells the cluster's DNS to ask it",
            all => changed(all, CLUSTER_DNS, () => undefined),
            /no ConfigMap kube-system\/kube-dns/,
        ],
        [
            "a name more is answered",
            all => changed(all, COREFILE, edited("'api.stripe.com.'", "'api.stripe.com.', 'evil.example.'")),
            /view declared/,
        ],
        [
            "text is answered",
            all => changed(all, COREFILE, edited(/type\(\) in \['A', 'AAAA'\]/g, "type() in ['A', 'TXT']")),
            /view declared/,
        ],
        [
            "every type is answered",
            all => changed(all, COREFILE, edited(/type\(\) in \['A', 'AAAA'\]/g, "true")),
            /view declared/,
        ],
        [
            "what is undeclared is asked of a server",
            all =>
                changed(
                    all,
                    COREFILE,
                    edited(
                        /\.:5353 \{\n {4}view undeclared \{[\s\S]*$/,
                        ".:5353 {\n    forward . 169.254.169.254\n}\n",
                    ),
                ),
            /block \./,
        ],
        [
            "the client's message is sent on whole",
            all => changed(all, COREFILE, edited(" && size() == len(name()) + 17", "")),
            /beside the question/,
        ],
        [
            "clients reach the part that asks servers, past the one that knows the names",
            all => changed(all, COREFILE, edited(/ {4}bind 127\.0\.0\.1\n/g, "")),
            /view plain/,
        ],
        [
            "the resolver is told of a host that is no destination",
            all =>
                changed(
                    all,
                    ["Resolver", "resolver"],
                    inputs(({ hosts }) => ({ hosts: [...hosts, "evil.example"] })),
                ),
            /no destination/,
        ],
        [
            "another workload runs beside the resolver",
            all => [
                ...all,
                object("apps/v1:Deployment", `${NAMESPACE}/relay`, {
                    kind: "Deployment",
                    spec: { template: { metadata: { labels: { app: "relay" } }, spec: { containers: [] } } },
                }),
            ],
            /runs beside the resolver/,
        ],
        [
            "clients may ask the metadata server",
            all => [
                ...all,
                object("networking.k8s.io/v1:NetworkPolicy", `${CLIENT}/dns`, {
                    kind: "NetworkPolicy",
                    apiVersion: "networking.k8s.io/v1",
                    spec: {
                        podSelector: {},
                        policyTypes: ["Egress"],
                        egress: [
                            { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }], ports: [{ protocol: "UDP", port: 53 }] },
                        ],
                    },
                }),
            ],
            /ask the metadata server/,
        ],
        [
            "a client namespace has no network policy",
            all => all.filter(({ type, name }) => !(type.endsWith(":NetworkPolicy") && name.startsWith(`${CLIENT}/`))),
            /ask the metadata server/,
        ],
        [
            "nobody guards",
            all => all.filter(({ type }) => !type.includes("ValidatingAdmissionPolicy")),
            /tenant|changes/,
        ],
    ];
    for (const [what, change, decision] of violations) {
        it(`is violated, with a witness, where ${what}`, () => {
            const { result, witnesses } = c6(change(resources));
            assert.equal(result, "violated");
            const decisions = witnesses.map(({ hops }) => hops.map(hop => hop.decision).join("; "));
            assert.ok(
                decisions.some(text => decision.test(text)),
                decisions.join("\n"),
            );
            assert.ok(witnesses.every(({ remedy, extent }) => remedy !== "" && extent !== undefined));
        });
    }

    for (const [what, which] of [
        ["change the cluster's DNS", "cluster-dns"],
        ["run something beside the resolver", "gateway-namespace-pods"],
        ["open the metadata server in a client namespace, or delete what closes it", "client-network-policies"],
        ["run a pod on the node's network", "client-host-network"],
    ] as const) {
        it(`needs the guard's rule ${which}: else tenants ${what}`, () => {
            const without = resources.filter(
                ({ type, name }) =>
                    !(type.includes("ValidatingAdmissionPolicy") && name.split("/").at(-1)!.includes(which)),
            );
            assert.ok(without.length < resources.length, which);
            assert.equal(c6(without).result, "violated");
        });
    }

    const doubts: readonly (readonly [string, (all: readonly Resource[]) => readonly Resource[], RegExp])[] = [
        [
            "the stub domains are left to others",
            all =>
                changed(
                    all,
                    CLUSTER_DNS,
                    inputs(() => ({ data: { upstreamNameservers: '["10.8.0.14"]' } })),
                ),
            /leaves `stubDomains`/,
        ],
        [
            "NodeLocal DNSCache is configured by itself",
            all => [...all, object("core/v1:ConfigMap", "kube-system/node-local-dns", { kind: "ConfigMap", data: {} })],
            /node-local-dns says something/,
        ],
        [
            "no Service has the address",
            all => changed(all, ["Service", `${NAMESPACE}/egress-dns`], () => undefined),
            /no Service has the address/,
        ],
        [
            "the resolver's pods have a second container",
            all =>
                changed(
                    all,
                    PODS,
                    inputs(({ spec }) => {
                        spec.template.spec.containers.push({ name: "x" });
                        return { spec };
                    }),
                ),
            /is more than CoreDNS/,
        ],
        [
            "the configuration is in another file",
            all =>
                changed(
                    all,
                    PODS,
                    inputs(({ spec }) => {
                        spec.template.spec.containers[0].args = ["-conf", "/tmp/Corefile"];
                        return { spec };
                    }),
                ),
            /is more than CoreDNS|no ConfigMap/,
        ],
        [
            "the configuration has a plugin that is not read",
            all => changed(all, COREFILE, edited("forward . ", "route53 x:Y\n    forward . ")),
            /route53/,
        ],
        [
            "it asks a server that is not declared",
            all => changed(all, COREFILE, edited("forward . 169.254.169.254", "forward . 10.9.9.9")),
            /asks 10\.9\.9\.9/,
        ],
    ];
    for (const [what, change, reason] of doubts) {
        it(`is unknown, with the reason, where ${what}`, () => {
            const { result, reasons } = c6(change(resources));
            assert.equal(result, "unknown", reasons.join("\n"));
            assert.match(reasons.join("\n"), reason);
        });
    }

    it("is unknown on a cluster whose pods ask Cloud DNS", () => {
        const { result, reasons } = c6(
            changed(
                resources,
                ["Platform", "platform"],
                inputs(({ cluster }) => ({ cluster: { ...cluster, dns: "cloud-dns" } })),
            ),
        );
        assert.equal(result, "unknown");
        assert.match(reasons.join(), /nothing can be put in front of it/);
    });

    it("says what it cannot without a resolver, where it is asked for", () => {
        const { result, reasons } = c6(resources.filter(({ type }) => !type.endsWith(":Resolver")));
        assert.equal(result, "unknown");
        assert.match(reasons.join(), /no resolver is given/);
    });

    it("is a row of the matrix, which rests on policies and guard as well", () => {
        const rows = new Map(verdict.locks.map(({ lock, without }) => [lock, without.C6]));
        assert.deepEqual(
            ["DNS lock", "network policies", "admission guard", "firewall"].map(lock => rows.get(lock)),
            ["violated", "violated", "violated", "holds"],
        );
    });
});
