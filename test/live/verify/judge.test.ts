import { strict as assert } from "node:assert";
import { clusterCounter, type GatewayCounters, LISTENER_COUNTERS } from "../../../live/verify/counters";
import { type CounterWindow, type Tried } from "../../../live/verify/judge/evidence";
import { judgeStep } from "../../../live/verify/judge/judge";
import { type Observation } from "../../../live/verify/observation";
import { type GatewayRoute, type NetworkProbe, type Reason, type ProbeSource } from "../../../live/verify/probe";
import { type ProbeResult } from "../../../live/verify/result";

const ROUTE: GatewayRoute = { host: "istio.io", port: 443, leg: "tls" };
const CLIENT: ProbeSource = { kind: "client", namespace: "payments", serviceAccount: "api" };
const STRANGER: ProbeSource = { kind: "no-sidecar" };
const OPENED = clusterCounter(ROUTE, "upstream_cx_total");
const SENT = clusterCounter(ROUTE, "upstream_cx_tx_bytes_total");
const FAILED = clusterCounter(ROUTE, "upstream_cx_connect_fail");

const ANSWER: Observation = { saw: "answer", http: 200 };
const RESET: Observation = { saw: "reset" };
const SILENCE: Observation = { saw: "silence" };

const rising = (risen: Readonly<Record<string, number>>): CounterWindow => ({
    before: new Map(Object.keys(risen).map(key => [key, 10])),
    after: new Map(Object.entries(risen).map(([key, rise]) => [key, 10 + rise])) as GatewayCounters,
});

function allowed(id = "allowed", source = CLIENT): NetworkProbe {
    return {
        kind: "network",
        id,
        title: id,
        claim: "C4",
        bypasses: [],
        source,
        attempt: { action: "https", host: "istio.io", port: 443 },
        expect: { allowed: true, through: ROUTE },
    };
}

function denied(reasons: readonly Reason[], source: ProbeSource = CLIENT, id = "denied"): NetworkProbe {
    return { ...allowed(id, source), expect: { allowed: false, reasons }, control: "control" };
}

const CONTROL: NetworkProbe = { ...allowed("control", STRANGER), expect: { allowed: true } };

function judged(
    step: readonly (readonly [NetworkProbe, readonly Observation[], string?])[],
    counters: CounterWindow,
    more: object = {},
): ProbeResult {
    const tried: Tried[] = step.map(([probe, observations, node]) => ({
        probe,
        runs: [{ node: node ?? "node-1", observations }],
    }));
    return judgeStep(tried, () => ({ counters, allowedNeeds: 2, ...more }))[0]!;
}

describe("probes of several gateways", () => {
    const refusal: Reason = { by: "gateway-handshake", towards: ROUTE };
    const at = (gateway: string, probe: NetworkProbe): NetworkProbe => ({ ...probe, gateway });
    const judgedAt = (
        step: readonly NetworkProbe[],
        seen: Observation,
        windows: Readonly<Record<string, CounterWindow>>,
    ) =>
        judgeStep(
            step.map(probe => ({ probe, runs: [{ node: "node-1", observations: [seen, seen] }] })),
            gateway => ({ counters: windows[gateway!]!, allowedNeeds: 2 }),
        ).map(({ outcome }) => outcome);

    it("are judged by the counters of their own", () => {
        const step = [at("default", allowed("a")), at("partners", allowed("b"))];
        const carried = rising({ [OPENED]: 2, [SENT]: 600 });
        const nothing = rising({ [OPENED]: 0, [SENT]: 0 });
        assert.deepEqual(judgedAt(step, ANSWER, { default: carried, partners: carried }), ["passed", "passed"]);
        assert.deepEqual(judgedAt(step, ANSWER, { default: carried, partners: nothing }), ["passed", "failed"]);
    });

    it("are refused by their own: what another refuses proves nothing", () => {
        const step = [at("default", denied([refusal], CLIENT, "a")), at("partners", denied([refusal], CLIENT, "b"))];
        const key = LISTENER_COUNTERS.refusedIdentity;
        const [both, twice, none] = [2, 4, 0].map(rose => rising({ [key]: rose })) as [
            CounterWindow,
            CounterWindow,
            CounterWindow,
        ];
        assert.deepEqual(judgedAt(step, RESET, { default: both, partners: both }), ["passed", "passed"]);
        assert.deepEqual(judgedAt(step, RESET, { default: twice, partners: none }), ["passed", "unproven"]);
    });

    it("have to be seen from their own addresses, and not from another's", () => {
        const probe: NetworkProbe = {
            ...allowed("echo"),
            claim: "C7",
            gateway: "partners",
            expect: { allowed: true, through: ROUTE, sourceIsNat: true },
        };
        const from = (address: string) =>
            judged(
                [
                    [
                        probe,
                        [
                            { ...ANSWER, body: address } as Observation,
                            { ...ANSWER, body: "198.51.100.21" } as Observation,
                        ],
                    ],
                ],
                rising({ [OPENED]: 2, [SENT]: 600 }),
                {
                    natAddresses: ["198.51.100.21"],
                    addressOwners: new Map([
                        ["198.51.100.11", "default"],
                        ["198.51.100.21", "partners"],
                    ]),
                },
            );
        assert.equal(from("198.51.100.21").outcome, "passed");
        const { outcome, because } = from("198.51.100.11");
        assert.equal(outcome, "failed");
        assert.match(because, /came from 198\.51\.100\.11, which is gateway default's, and none of 198\.51\.100\.21/);
    });
});

describe("a probe that should be allowed", () => {
    it("passes when it was answered and the gateway counted as many connections and sent bytes", () => {
        const result = judged([[allowed(), [ANSWER, ANSWER, ANSWER]]], rising({ [OPENED]: 3, [SENT]: 900 }));
        assert.equal(result.outcome, "passed");
        assert.match(result.because, /outbound\|443\|\|istio\.io upstream_cx_total rose by 3, 900 bytes sent/);
    });

    it("passes with k of n answers, and not with fewer", () => {
        const window = rising({ [OPENED]: 3, [SENT]: 900 });
        assert.equal(judged([[allowed(), [ANSWER, SILENCE, ANSWER]]], window).outcome, "passed");
        assert.equal(judged([[allowed(), [SILENCE, SILENCE, ANSWER]]], window).outcome, "failed");
    });

    it("fails when it was answered and the gateway counted nothing: it went past the gateway", () => {
        const result = judged([[allowed(), [ANSWER, ANSWER]]], rising({ [OPENED]: 0, [SENT]: 0 }));
        assert.equal(result.outcome, "failed");
        assert.match(result.because, /past the gateway/);
    });

    it("fails when connections were counted and no bytes: Envoy opens one for a refused caller too", () => {
        assert.equal(judged([[allowed(), [ANSWER, ANSWER]]], rising({ [OPENED]: 2, [SENT]: 0 })).outcome, "failed");
    });

    it("fails when two clients were answered and the gateway counted one of them", () => {
        const other = allowed("other", { ...CLIENT, serviceAccount: "ledger" });
        const step = [
            [allowed(), [ANSWER, ANSWER]],
            [other, [ANSWER, ANSWER]],
        ] as const;
        assert.equal(judged(step, rising({ [OPENED]: 2, [SENT]: 600 })).outcome, "failed");
        assert.equal(judged(step, rising({ [OPENED]: 4, [SENT]: 600 })).outcome, "passed");
    });

    it("is not proven when the counters cannot be read", () => {
        assert.equal(
            judged([[allowed(), [ANSWER, ANSWER]]], { unreadable: "the guard refuses it" }).outcome,
            "unproven",
        );
    });

    it("does not take a sidecar's or the gateway's own reply for the far side's", () => {
        for (const reply of [
            { saw: "answer", http: 502 },
            { saw: "answer", http: 403, body: "RBAC: access denied" },
            { saw: "answer", http: 503, body: "upstream connect err" },
        ] as const) {
            assert.equal(
                judged([[allowed(), [reply, reply]]], rising({ [OPENED]: 2, [SENT]: 600 })).outcome,
                "failed",
                JSON.stringify(reply),
            );
        }
        assert.equal(
            judged([[allowed(), [{ saw: "answer", http: 403 }, ANSWER]]], rising({ [OPENED]: 2, [SENT]: 600 })).outcome,
            "passed",
        );
    });

    const deaths: readonly (readonly [string, Observation, Readonly<Record<string, number>>, RegExp])[] = [
        ["a name that does not resolve", { saw: "unresolved" }, {}, /name resolution/],
        ["a reset that the gateway knows nothing of", RESET, { [OPENED]: 0 }, /client's sidecar/],
        [
            "silence that the gateway knows nothing of",
            SILENCE,
            { [OPENED]: 0 },
            /between the client's pod and the gateway/,
        ],
        [
            "a refused certificate",
            RESET,
            { [OPENED]: 1, [SENT]: 0, [LISTENER_COUNTERS.refusedIdentity]: 1 },
            /gateway's handshake/,
        ],
        ["an unknown SNI", RESET, { [LISTENER_COUNTERS.noFilterChain]: 1 }, /gateway's listener/],
        ["a failed upstream connection", SILENCE, { [OPENED]: 1, [FAILED]: 1 }, /between the gateway and the far side/],
        ["bytes that were sent and not answered", SILENCE, { [OPENED]: 1, [SENT]: 500 }, /the far side/],
        [
            "a refusal by policy",
            { saw: "answer", http: 403, body: "RBAC: access denied" },
            { [LISTENER_COUNTERS.refusedRequest]: 1 },
            /gateway's authorization/,
        ],
        [
            "the gateway's own 503",
            { saw: "answer", http: 503, body: "no healthy upstream" },
            {},
            /between the gateway and the far side/,
        ],
    ];
    for (const [what, seen, counters, hop] of deaths) {
        it(`says where it died, by ${what}`, () => {
            const { outcome, diagnosis } = judged([[allowed(), [seen, seen]]], rising(counters));
            assert.equal(outcome, "failed");
            assert.match(diagnosis!.hop, hop);
            assert.ok(diagnosis!.next.length > 20);
        });
    }

    it("compares the source address with the stack's, when there is something to compare", () => {
        const echo: NetworkProbe = { ...allowed(), expect: { allowed: true, through: ROUTE, sourceIsNat: true } };
        const seen: Observation = { saw: "answer", http: 200, body: "203.0.113.7" };
        const window = rising({ [OPENED]: 2, [SENT]: 600 });
        const run = (natAddresses?: string[]) => judged([[echo, [seen, seen]]], window, { natAddresses });
        assert.equal(run(["203.0.113.7", "203.0.113.8"]).outcome, "passed");
        assert.equal(run(["203.0.113.8"]).outcome, "failed");
        assert.match(run(["203.0.113.8"]).because, /it came from 203\.0\.113\.7, which is none of 203\.0\.113\.8/);
        assert.equal(run(undefined).outcome, "unproven");
    });
});

describe("a probe that should be denied", () => {
    const HANDSHAKE: readonly Reason[] = [{ by: "gateway-handshake", towards: ROUTE }];
    const NETWORK: readonly Reason[] = [
        { by: "network", hint: "the firewall log has the packets" },
        { by: "no-route" },
    ];

    it("fails when a single try of several got through", () => {
        const result = judged(
            [[denied(HANDSHAKE), [RESET, RESET, ANSWER]]],
            rising({ [LISTENER_COUNTERS.refusedIdentity]: 3 }),
        );
        assert.equal(result.outcome, "failed");
        assert.match(result.because, /got through: an answer/);
    });

    it("passes when the gateway counted every refusal and sent the destination nothing", () => {
        const result = judged(
            [[denied(HANDSHAKE), [RESET, RESET]]],
            rising({ [LISTENER_COUNTERS.refusedIdentity]: 2, [OPENED]: 2, [SENT]: 0 }),
        );
        assert.equal(result.outcome, "passed");
        assert.match(result.because, /ssl\.fail_verify_san rose by 2, and istio\.io was sent no byte/);
    });

    it("is not proven when it was reset and the gateway counted fewer refusals", () => {
        const result = judged(
            [[denied(HANDSHAKE), [RESET, RESET]]],
            rising({ [LISTENER_COUNTERS.refusedIdentity]: 1 }),
        );
        assert.equal(result.outcome, "unproven");
        assert.match(result.because, /rose by 1, not by 2/);
    });

    it("is not proven when the gateway does not publish the counter", () => {
        assert.match(
            judged([[denied(HANDSHAKE), [RESET]]], rising({})).because,
            /does not publish .*proxyStatsMatcher/,
        );
    });

    it("is not proven by a time-out where a reason can be had", () => {
        const result = judged(
            [[denied(HANDSHAKE), [SILENCE, SILENCE]]],
            rising({ [LISTENER_COUNTERS.refusedIdentity]: 2 }),
        );
        assert.equal(result.outcome, "unproven");
        assert.match(result.because, /denied, but by no answer in time; expected the gateway refuses the identity/);
    });

    it("bears other callers' bytes when the gateway refused exactly these tries, and not when it refused more", () => {
        const run = (refusals: number) =>
            judged(
                [[denied(HANDSHAKE), [RESET, RESET]]],
                rising({ [LISTENER_COUNTERS.refusedIdentity]: refusals, [SENT]: 4000 }),
            );
        assert.equal(run(2).outcome, "passed");
        assert.equal(run(5).outcome, "unproven");
    });

    it("shares a counter with the other probes of its step", () => {
        const step = [
            [denied(HANDSHAKE), [RESET, RESET]],
            [denied(HANDSHAKE, CLIENT, "second"), [RESET, RESET]],
        ] as const;
        assert.equal(judged(step, rising({ [LISTENER_COUNTERS.refusedIdentity]: 4 })).outcome, "passed");
        assert.equal(judged(step, rising({ [LISTENER_COUNTERS.refusedIdentity]: 3 })).outcome, "unproven");
    });

    it("passes by silence beside a control that was answered on the same node, and not otherwise", () => {
        const window = rising({});
        const probe = denied(NETWORK, STRANGER);
        assert.equal(
            judged(
                [
                    [probe, [SILENCE, SILENCE]],
                    [CONTROL, [ANSWER, ANSWER]],
                ],
                window,
            ).outcome,
            "passed",
        );
        assert.equal(
            judged(
                [
                    [probe, [SILENCE, SILENCE]],
                    [CONTROL, [SILENCE, SILENCE]],
                ],
                window,
            ).outcome,
            "unproven",
        );
        assert.equal(
            judged(
                [
                    [probe, [SILENCE, SILENCE]],
                    [CONTROL, [ANSWER, ANSWER], "node-2"],
                ],
                window,
            ).outcome,
            "unproven",
        );
        assert.equal(judged([[probe, [SILENCE, SILENCE]]], window).outcome, "unproven");
    });

    it("passes when its tries were denied for different reasons, each with one that is backed", () => {
        const counted = (rose: number): CounterWindow => rising({ [LISTENER_COUNTERS.noFilterChain]: rose });
        const run = (reasons: readonly Reason[], window: CounterWindow) =>
            judged(
                [
                    [denied(reasons), [SILENCE, RESET]],
                    [CONTROL, [ANSWER, ANSWER]],
                ],
                window,
            );
        const listener: Reason = { by: "gateway-listener" };
        assert.equal(run([listener, ...NETWORK], counted(1)).outcome, "passed");
        assert.equal(run([listener, ...NETWORK], counted(0)).outcome, "unproven");
        // Of a try that looks like two reasons, one is enough.
        const { outcome, because } = run([listener, { by: "sidecar" }, ...NETWORK], counted(0));
        assert.equal(outcome, "passed");
        assert.match(because, /dropped on the way .*; the caller's sidecar has no route/);
    });

    it("takes a refusal from a public address for an answer, unless a sidecar may have given it", () => {
        assert.equal(judged([[denied(NETWORK, STRANGER), [{ saw: "refused" }]]], rising({})).outcome, "failed");
        assert.equal(judged([[denied(NETWORK, CLIENT), [RESET]]], rising({})).outcome, "unproven");
    });

    it("passes without a control when the caller has no route at all", () => {
        assert.equal(judged([[denied(NETWORK, STRANGER), [{ saw: "unreachable" }]]], rising({})).outcome, "passed");
    });

    it("passes when a false address led to the declared host all the same, and fails when it led elsewhere", () => {
        const redirected = denied([{ by: "redirected", through: ROUTE }]);
        assert.equal(judged([[redirected, [ANSWER, ANSWER]]], rising({ [OPENED]: 2 })).outcome, "passed");
        assert.equal(
            judged([[redirected, [{ saw: "untrusted-certificate" }]]], rising({ [OPENED]: 0 })).outcome,
            "failed",
        );
    });

    it("believes a plain answer at a false address only when the gateway counted the request", () => {
        const http: NetworkProbe = {
            ...denied([{ by: "redirected", through: { host: "istio.io", port: 80, leg: "http" } }]),
            attempt: { action: "http", host: "istio.io", port: 80, at: "1.1.1.1" },
        };
        const requests = clusterCounter({ host: "istio.io", port: 80 }, "upstream_rq_total");
        assert.equal(judged([[http, [ANSWER, ANSWER]]], rising({ [requests]: 2 })).outcome, "passed");
        assert.equal(judged([[http, [ANSWER, ANSWER]]], rising({ [requests]: 0 })).outcome, "unproven");
    });

    it("takes the metadata server's answer for the workload, and not its answer for the node", () => {
        const probe = {
            ...denied([{ by: "workload-identity" }], STRANGER),
            attempt: { action: "http", host: "169.254.169.254", port: 80, keepBody: true },
        } as NetworkProbe;
        const email = (body: string): Observation => ({ saw: "answer", http: 200, body });
        assert.equal(judged([[probe, [email("acme-dev.svc.id.goog")]]], rising({})).outcome, "passed");
        assert.equal(judged([[probe, [{ saw: "answer", http: 404 }]]], rising({})).outcome, "passed");
        assert.equal(
            judged([[probe, [email("123-compute@developer.gserviceaccount.com")]]], rising({})).outcome,
            "failed",
        );
    });

    it("was not run when the image lacks the tool, which is no denial", () => {
        const result = judged(
            [[denied(NETWORK, STRANGER), [{ saw: "nothing", why: "no ping in the image" }]]],
            rising({}),
        );
        assert.equal(result.outcome, "not-run");
        assert.equal(result.because, "no ping in the image");
    });

    it("falls back to the sidecar's refusal where the gateway counted only others' tries", () => {
        const either = denied([{ by: "gateway-listener" }, { by: "sidecar" }]);
        assert.match(
            judged([[either, [RESET]]], rising({ [LISTENER_COUNTERS.noFilterChain]: 1 })).because,
            /no filter chain/,
        );
        assert.match(
            judged([[either, [RESET]]], rising({ [LISTENER_COUNTERS.noFilterChain]: 0 })).because,
            /sidecar has no route/,
        );
    });
});

describe("a name that the DNS lock should not resolve", () => {
    const asked = (type: "A" | "HTTPS", reasons: readonly Reason[] = [{ by: "name-lock" }]): NetworkProbe => ({
        ...denied(reasons),
        claim: "C6",
        attempt: { action: "dns", transport: "udp", name: "example.net", type },
    });
    const QUIET = rising({});
    const outcome = (probe: NetworkProbe, seen: Observation["saw"], control: Observation = { saw: "records" }) =>
        judged(
            [
                [probe, [1, 2].map(() => ({ saw: seen }) as Observation)],
                [{ ...CONTROL, source: CLIENT }, [control]],
            ],
            QUIET,
        ).outcome;

    it("passes when the resolver says that there is none, beside a name that it resolves", () => {
        assert.equal(outcome(asked("A"), "no-such-name"), "passed");
        assert.equal(outcome(asked("HTTPS"), "no-such-name"), "passed");
    });

    it("fails when there are records", () => {
        assert.equal(outcome(asked("A"), "records"), "failed");
    });

    it("is open when the resolver may just be broken, or resolves nothing at all", () => {
        assert.equal(outcome(asked("A"), "resolver-error"), "unproven");
        assert.equal(outcome(asked("A"), "silence"), "unproven");
        assert.equal(outcome(asked("A"), "no-such-name", { saw: "no-such-name" }), "unproven");
        assert.equal(outcome(asked("A"), "no-such-name", { saw: "silence" }), "unproven");
    });

    it("is open when there is no record of a type that the host may well not have, but every host has an address", () => {
        assert.equal(outcome(asked("HTTPS"), "no-records"), "unproven");
        assert.equal(outcome(asked("A"), "no-records"), "passed");
    });

    it("is open when a tool ended early and none of its queries was answered", () => {
        const past = asked("A", [{ by: "closed-port" }]);
        assert.equal(outcome(past, "refused"), "passed");
        assert.equal(outcome(past, "refused", { saw: "refused" }), "unproven");
    });

    it("fails for a declared name that is denied", () => {
        const declared: NetworkProbe = { ...asked("A"), expect: { allowed: true } };
        assert.equal(outcome(declared, "records"), "passed");
        assert.equal(outcome(declared, "no-such-name"), "failed");
    });
});
