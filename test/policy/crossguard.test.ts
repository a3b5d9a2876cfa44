import assert from "node:assert/strict";
import { unknownCheckingProxy, UnknownValueError } from "@pulumi/policy";
import { UNKNOWN } from "../../containment/resource";
import { policies } from "../../policy/crossguard";
import { packPolicies } from "../../policy/pack";
import { plain } from "../../policy/properties";
import { type ResourceRule, type StackRule, undecided } from "../../policy/rule";
import { type PackSettings, type Waiver } from "../../policy/settings";
import { type Subject } from "./cases/case";
import { violations } from "./sdk";

const INFO = { concern: "perimeter", severity: "high", enforcement: "mandatory", description: "", stops: "" } as const;

/** Refuses resources whose `colour` is not the first of the pack's network tags. */
function colourRule({ gatewayTags }: PackSettings): ResourceRule {
    return {
        ...INFO,
        scope: "resource",
        name: "colour",
        remedy: "Paint it.",
        concerns: type => type === "test:index:Box",
        judge: ({ inputs }) =>
            inputs.colour === UNKNOWN
                ? [undecided("colour", "the colour")]
                : inputs.colour === gatewayTags[0]
                  ? []
                  : [{ found: `colour is ${String(inputs.colour)}.` }],
    };
}

/** Counts boxes, and names the last of them. */
const crowd: StackRule = {
    ...INFO,
    scope: "stack",
    name: "crowd",
    remedy: "Remove one.",
    judge: resources => {
        const boxes = resources.filter(({ type }) => type === "test:index:Box");
        return boxes.length > 1
            ? [
                  {
                      resource: boxes.at(-1)!.urn,
                      found: `${boxes.length} boxes, ${boxes.map(({ inputs }) => inputs.colour).join(" and ")}.`,
                  },
                  { found: "The stack is full." },
              ]
            : [];
    },
};

function box(colour: unknown, name = "box"): Subject {
    return { type: "test:index:Box", name, inputs: { colour } };
}

async function judged(subjects: readonly Subject[], settings: Partial<Record<keyof PackSettings, unknown>> = {}) {
    const pack = policies([configured => [colourRule(configured), crowd]]);
    const found = await violations(pack, subjects, { "pack-settings": { gatewayTags: ["red"], ...settings } });
    return found.map(({ policy, message, urn }) => [policy, message, urn.split("::").at(-1)]);
}

function waiver(more: Partial<Waiver> = {}): Waiver {
    return { rule: "colour", resource: "box", reason: "it was a present", ...more };
}

describe("rules as policies of CrossGuard", () => {
    it("say where, what was found and what to do", async () => {
        assert.deepEqual(await judged([box("green")]), [["colour", "colour is green. Paint it.", "box"]]);
        assert.deepEqual(await judged([box("red")]), []);
    });

    it("judge by the settings that one policy of the pack is configured with", async () => {
        assert.deepEqual(await judged([box("green")], { gatewayTags: ["green"] }), []);
    });

    it("refuse a value that is not known, and do not let it become advice", async () => {
        const [violation] = await judged([box(UNKNOWN)]);
        assert.match(String(violation![1]), /^colour is not known before deployment, and it decides the colour\./);
    });

    it("see the stack with the inputs of its resources, whatever became of them", async () => {
        assert.deepEqual(await judged([box("red", "a"), box("red", "b")]), [
            ["crowd", "2 boxes, red and red. Remove one.", "b"],
            ["crowd", "The stack is full. Remove one.", ""],
        ]);
    });

    it("say the same in whatever order the engine shows the stack", async () => {
        const stack = async (...names: string[]) => judged(names.map(name => box("red", name)));
        assert.deepEqual(await stack("b", "a"), await stack("a", "b"));
    });

    it("have names of their own", () => {
        assert.throws(() => policies([() => [crowd, crowd]]), /two rules of one name/);
    });

    it("carry their metadata into the pack", () => {
        const [, colour] = policies([settings => [colourRule(settings)]]);
        assert.equal(colour!.enforcementLevel, "mandatory");
        assert.equal(colour!.severity, "high");
        assert.equal(colour!.remediationSteps, "Paint it.");
        assert.equal(colour!.url, "docs/policies.md#colour");
    });
});

describe("the settings of the pack", () => {
    const route: Subject = {
        type: "gcp:compute/route:Route",
        inputs: { network: "vpc", destRange: "0.0.0.0/0", nextHopGateway: "default-internet-gateway" },
    };
    const routed = (settings: object) => violations(packPolicies(), [route], { "pack-settings": settings });

    it("appear in what the rules say", async () => {
        const [violation] = await routed({ gatewayTags: ["way-out"] });
        assert.match(violation!.message, /Give the route the tag way-out/);
    });

    it("are refused where they cannot be read, and allow nothing", async () => {
        const found = await routed({ allowedEgress: ["203.0.113.0/24", "0.0.0.0/33"], gatewayTags: ["a"] });
        assert.deepEqual(found.map(({ policy, message }) => [policy, message.split(".0/33")[0]])[0], [
            "pack-settings",
            'allowedEgress[1] is "0.0.0',
        ]);
        const [, refused] = await routed({ allowedEgress: ["everything"] });
        assert.equal(refused!.policy, "internet-route");
    });
});

describe("what is written for the pack", () => {
    const COMING = "2999-12-31";
    const problems = async (settings: object) =>
        (await violations(packPolicies(), [], { "pack-settings": settings }))
            .filter(({ policy }) => policy === "pack-settings")
            .map(({ message }) => message.replace(" Correct the file given with --policy-pack-config.", ""));

    it("has no key that nobody reads", async () => {
        assert.deepEqual(await problems({ gatewayTag: ["x"], clientNamespace: ["a"], colour: "red" }), [
            "gatewayTag is no setting of this pack; gatewayTags is meant, perhaps.",
            "clientNamespace is no setting of this pack; clientNamespaces is meant, perhaps.",
            "colour is no setting of this pack.",
        ]);
    });

    it("gives the gateway a namespace of its own", async () => {
        assert.match(
            (await problems({ gatewayNamespace: "kube-system" })).join(),
            /^gatewayNamespace is "kube-system", where others run/,
        );
        assert.match(
            (await problems({ gateways: [{ name: "one", namespace: "istio-egress" }] })).join(),
            /^the namespace of a further gateway is "istio-egress", where others run/,
        );
    });

    const WIDE: readonly (readonly [string, string])[] = [
        ["allowedEgress", "0.0.0.0/0"],
        ["allowedEgress", "128.0.0.0/1"],
        ["allowedEgress", "2000::/3"],
        ["allowedNats", "*"],
        ["deployers", "allAuthenticatedUsers"],
        ["gatewaySubnets", "**"],
        ["reviewedHosts", "*"],
        ["wildcardHosts", "*.com"],
        ["systemNamespaces", "*"],
    ];
    for (const [setting, value] of WIDE) {
        it(`switches no rule off by "${value}" in ${setting}, but with a reason and an end`, async () => {
            const allowance = { setting, value, reason: "while we move", expires: COMING };
            const given = (allowances: object[]) => problems({ [setting]: [value], allowances });
            const off = /counts for nothing/;
            assert.match((await given([])).join(), off);
            assert.deepEqual(await given([allowance]), []);
            for (const missing of [
                { reason: " " },
                { expires: "2020-01-31" },
                { expires: "soon" },
                { expires: undefined },
            ]) {
                const [first, second, ...others] = await given([{ ...allowance, ...missing }]);
                assert.match(first!, off);
                assert.match(second!, /^allowances\[0\]/);
                assert.deepEqual(others, []);
            }
        });
    }

    it("allows nothing by a wide value that nobody allowed", async () => {
        const route: Subject = {
            type: "gcp:compute/route:Route",
            inputs: { network: "vpc", destRange: "0.0.0.0/0", nextHopGateway: "default-internet-gateway" },
        };
        const refused = async (allowances: object[]) => {
            const settings = { allowedEgress: ["0.0.0.0/0"], allowances };
            const found = await violations(packPolicies(), [route], { "pack-settings": settings });
            return found.some(({ policy }) => policy === "internet-route");
        };
        const allowance = { setting: "allowedEgress", value: "0.0.0.0/0", reason: "while we move", expires: COMING };
        assert.equal(await refused([]), true);
        assert.equal(await refused([allowance]), false);
    });

    it("has no allowance for what does not stand there", async () => {
        const allowances = [{ setting: "allowedNats", value: "*", reason: "none", expires: COMING }];
        assert.deepEqual(await problems({ allowances }), [
            'allowances[0] is for "*" in allowedNats, and no such value stands there.',
        ]);
    });
});

describe("a waiver", () => {
    it("lets a finding pass and is printed with its reason", async () => {
        assert.deepEqual(await judged([box("green")], { waivers: [waiver()] }), [
            ["waived", "colour is waived (it was a present): colour is green.", "box"],
        ]);
    });

    it("counts until its last day", async () => {
        assert.deepEqual(
            (await judged([box("green")], { waivers: [waiver({ expires: "2999-12-31" })] })).map(
                ([, message]) => message,
            ),
            ["colour is waived (it was a present, until 2999-12-31): colour is green."],
        );
        assert.deepEqual(
            (await judged([box("green")], { waivers: [waiver({ expires: "2020-01-31" })] })).map(
                ([, message]) => message,
            ),
            [
                "waivers[0] was meant until 2020-01-31, and counts no longer. Correct the file given with --policy-pack-config.",
                "colour is green. Paint it.",
            ],
        );
    });

    it("is for its rule and its resource only", async () => {
        const others = [waiver({ resource: "another" }), waiver({ rule: "crowd" })];
        assert.deepEqual(await judged([box("green")], { waivers: others }), [
            ["colour", "colour is green. Paint it.", "box"],
        ]);
    });

    it("names a resource by URN, by logical name, or by a pattern of either", async () => {
        for (const resource of ["box", "b*", "*::test:index:Box::*", "urn:pulumi:dev::shop::test:index:Box::box"]) {
            const found = await judged([box("green")], { waivers: [waiver({ resource })] });
            assert.deepEqual(
                found.map(([policy]) => policy),
                ["waived"],
                resource,
            );
        }
    });

    it("is for the whole name: a part of it is another name", async () => {
        const found = await judged([box("green", "box-2")], { waivers: [waiver()] });
        assert.deepEqual(
            found.map(([policy]) => policy),
            ["colour"],
        );
    });

    it("for a finding about the stack names the stack", async () => {
        const boxes = [box("red", "a"), box("red", "b")];
        const settings = { waivers: [waiver({ rule: "crowd", resource: "shop-dev" })] };
        assert.deepEqual(await judged(boxes, settings), [
            ["crowd", "2 boxes, red and red. Remove one.", "b"],
            ["waived-in-stack", "crowd is waived (it was a present): The stack is full.", ""],
        ]);
    });

    it("without a reason waives nothing and is refused itself", async () => {
        assert.deepEqual(await judged([box("green")], { waivers: [waiver({ reason: "  " })] }), [
            [
                "pack-settings",
                "waivers[0] has no reason: a waiver names a rule, a resource and the reason. Correct the file given with --policy-pack-config.",
                "shop-dev",
            ],
            ["colour", "colour is green. Paint it.", "box"],
        ]);
    });

    it("for a rule that does not exist is refused", async () => {
        assert.deepEqual(await judged([], { waivers: [waiver({ rule: "color" })] }), [
            [
                "pack-settings",
                'waivers[0].rule is "color", which is no rule of this pack; colour is meant, perhaps; npm run policies lists them. Correct the file given with --policy-pack-config.',
                "shop-dev",
            ],
        ]);
    });
});

describe("properties without the SDK's proxy", () => {
    it("have the sentinel where the proxy would throw, at any depth", () => {
        const properties = { a: UNKNOWN, b: [{ c: UNKNOWN, d: 1 }, UNKNOWN], e: null, f: "text" };
        const proxied = unknownCheckingProxy(properties) as Record<string, unknown>;
        assert.throws(() => proxied.a, UnknownValueError);
        assert.deepEqual(plain(proxied), properties);
    });

    it("have it for every sort of value that is not known", () => {
        // The engine's sentinels for booleans, numbers, lists and objects (`sdk/go/common/resource/plugin`).
        const sorts = [
            "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
            "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
            "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
            "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        ];
        assert.deepEqual(plain(unknownCheckingProxy({ sorts })), { sorts: sorts.map(() => UNKNOWN) });
    });
});
