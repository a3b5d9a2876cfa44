import assert from "node:assert/strict";
import { hostileCases, systemRequests } from "../../attacks";
import { passesElsewhere } from "../../attacks/clientPods";
import { developer } from "../../attacks/surroundings";
import { type Cluster } from "./harness/cluster";
import { guardedCluster } from "./harness/guarded";
import { refusedBy, send } from "./harness/send";

describe("the guard in a real API server", function () {
    this.timeout(120_000);
    let cluster: Cluster;
    before(async function () {
        this.timeout(1_800_000);
        cluster = await guardedCluster();
        console.log(
            `    API server ready after ${cluster.startupMilliseconds} ms, definitions served after another ` +
                `${cluster.definitionsMilliseconds} ms`,
        );
    });

    describe("refuses", () => {
        for (const hostile of hostileCases) {
            it(`${hostile.id}: ${hostile.title}`, async () => {
                const answer = await send(cluster.api, hostile.request, hostile.as);
                assert.equal(refusedBy(answer), hostile.rule, JSON.stringify(answer.body));
                assert.equal(answer.status, 403);
                assert.ok(
                    answer.body.message.includes(hostile.message),
                    `"${hostile.message}" in "${answer.body.message}"`,
                );
            });
        }
    });

    describe("lets pass beside it", () => {
        for (const { id, as, twin, request } of hostileCases) {
            it(`${id}: ${twin.title}`, async () => {
                const answer = await send(cluster.api, twin.request, twin.as ?? as);
                if (request.operation === "connect") {
                    // Admission passed; there is no kubelet behind this API server to connect to.
                    assert.notEqual(answer.status, 403, JSON.stringify(answer.body));
                    assert.equal(refusedBy(answer), undefined);
                } else {
                    assert.ok(answer.status < 300, JSON.stringify(answer.body));
                }
            });
        }
    });

    describe("keeps the cluster working", () => {
        for (const { id, title, request, as } of systemRequests) {
            it(`${id}: ${title}`, async () => {
                const answer = await send(cluster.api, request, as);
                assert.ok(answer.status < 300, JSON.stringify(answer.body));
            });
        }
        passesElsewhere.forEach((request, index) => {
            it(`judges clients only where the rule is about clients (${index + 1})`, async () => {
                const answer = await send(cluster.api, request, developer);
                assert.ok(answer.status < 300, JSON.stringify(answer.body));
            });
        });
    });
});
