import assert from "node:assert/strict";
import { type AdmissionPolicy } from "../../components/guard/policy";
import { GUARD_RULES } from "../../components/guard/rules";
import { type HostileCase, hostileCases } from "../../attacks";
import { type Api, succeeded } from "./harness/api";
import { guardedCluster, guardObjects, guardHolds, withoutRule } from "./harness/guarded";
import { until } from "./harness/processes";
import { refusedBy, send } from "./harness/send";

const CONFLICT = 409;

/** In dry run, so that what passes leaves no trace. Fails if a request is stopped by anything but the guard. */
async function thatPass(api: Api, cases: readonly HostileCase[]): Promise<string[]> {
    const passing: string[] = [];
    for (const { id, request, as } of cases) {
        const answer = await send(api, request, as, true);
        if (refusedBy(answer) === undefined) {
            // There is no kubelet behind this API server that a connection could reach; and that something is there already is said
            // by whoever stores it, which comes after the guard.
            assert.ok(
                answer.status < 300 || answer.status === CONFLICT || request.operation === "connect",
                `${id}: ${JSON.stringify(answer.body)}`,
            );
            passing.push(id);
        }
    }
    return passing;
}

describe("the guard without one of its parts", function () {
    this.timeout(180_000);
    let api: Api;
    before(async function () {
        this.timeout(1_800_000);
        ({ api } = await guardedCluster());
    });

    for (const { id: rule } of GUARD_RULES) {
        it(`lets exactly the cases of ${rule} through when that rule is removed`, async () => {
            const own = hostileCases.filter(hostile => hostile.rule === rule);
            assert.notEqual(own.length, 0, "every rule has cases");
            await withoutRule(api, rule, async () => {
                // Policies of one rule leave one after the other: all of its cases have to pass at last.
                await until(`the cases of ${rule} to pass`, 30, async () => {
                    const passing = await thatPass(api, own);
                    if (passing.length !== own.length) {
                        throw new Error(
                            `still refused: ${own
                                .map(({ id }) => id)
                                .filter(id => !passing.includes(id))
                                .join(", ")}`,
                        );
                    }
                    return true;
                });
                const passing = await thatPass(api, hostileCases);
                assert.deepEqual(
                    passing,
                    own.map(({ id }) => id),
                );
            });
        });
    }

    const policies = guardObjects.filter(
        (object): object is AdmissionPolicy => object.kind === "ValidatingAdmissionPolicy",
    );
    const mostChecks = Math.max(...policies.map(({ spec }) => spec.validations.length));
    for (let position = 0; position < mostChecks; position += 1) {
        // No case is refused by two policies, so one check of each policy can be tried at the same time.
        const having = policies.filter(({ spec }) => spec.validations.length > position);
        it(`lets a case through for each check number ${position + 1} that is taken out`, async () => {
            const casesOf = await refusedByPolicy(api);
            for (const policy of having) {
                await replace(api, withoutCheck(policy, position));
            }
            try {
                let idle = having;
                await until("every missing check to be noticed", 20, async () => {
                    const still: AdmissionPolicy[] = [];
                    for (const policy of idle) {
                        const passing = await thatPass(api, casesOf.get(policy.metadata.name) ?? []);
                        if (passing.length === 0) {
                            still.push(policy);
                        }
                    }
                    idle = still;
                    if (idle.length > 0) {
                        const names = idle.map(
                            ({ metadata, spec }) => `${metadata.name}: ${spec.validations[position].message}`,
                        );
                        throw new Error(`no case needs ${names.join("; ")}`);
                    }
                    return true;
                });
            } finally {
                for (const policy of having) {
                    await replace(api, policy);
                }
                await until("the checks to be back", 30, async () => {
                    const passing = await thatPass(api, hostileCases);
                    return passing.length === 0 ? true : undefined;
                });
            }
        });
    }

    it("holds again when everything is back", async () => {
        await guardHolds(api);
        assert.deepEqual(await thatPass(api, hostileCases), []);
    });
});

/** Cases by the name of the policy that refuses them. */
async function refusedByPolicy(api: Api): Promise<ReadonlyMap<string, readonly HostileCase[]>> {
    const cases = new Map<string, HostileCase[]>();
    for (const hostile of hostileCases) {
        const { body } = await send(api, hostile.request, hostile.as, true);
        const policy = /ValidatingAdmissionPolicy '([^']+)'/.exec(body.message)![1];
        cases.set(policy, [...(cases.get(policy) ?? []), hostile]);
    }
    return cases;
}

/** In place of the check stands one that always passes: a policy has to have one. */
function withoutCheck(policy: AdmissionPolicy, position: number): AdmissionPolicy {
    const validations = policy.spec.validations.map((one, index) =>
        index === position ? { ...one, expression: "true" } : one,
    );
    return { ...policy, spec: { ...policy.spec, validations } };
}

async function replace(api: Api, policy: AdmissionPolicy): Promise<void> {
    const live = succeeded(await api.get(policy), policy.metadata.name).body;
    const metadata = { ...policy.metadata, resourceVersion: live.metadata.resourceVersion };
    succeeded(
        await api.request("PUT", await api.path(policy), { ...policy, metadata }),
        `replacing ${policy.metadata.name}`,
    );
}
