import assert from "node:assert/strict";
import { compileGuard } from "../../components/guard/compile";
import { SEVERAL_GATEWAY_NAMESPACES, severalGatewayCases, severalGatewaySettings } from "../../attacks/severalGateways";
import { NAMESPACES } from "../../attacks/surroundings";
import { type Cluster, putInPlace, startCluster } from "./harness/cluster";
import { everySender, guardHolds } from "./harness/guarded";
import { refusedBy, send } from "./harness/send";

describe("the guard of several gateways in a real API server", function () {
    this.timeout(120_000);
    let cluster: Cluster;
    before(async function () {
        this.timeout(1_800_000);
        const senders = severalGatewayCases.flatMap(({ as, twin }) => [as, twin.as ?? as]);
        // Whoever sends the first case of a rule, by which it is seen to hold, is among the senders of the whole catalogue.
        cluster = await startCluster([...everySender, ...senders], [...NAMESPACES, ...SEVERAL_GATEWAY_NAMESPACES]);
        await putInPlace(cluster.api, compileGuard(severalGatewaySettings));
        await guardHolds(cluster.api);
    });
    after(() => cluster.stop());

    for (const hostile of severalGatewayCases) {
        it(`${hostile.id}: ${hostile.title}`, async () => {
            const refused = await send(cluster.api, hostile.request, hostile.as);
            assert.equal(refusedBy(refused), hostile.rule, JSON.stringify(refused.body));
            assert.ok(refused.body.message.includes(hostile.message), refused.body.message);
            const passed = await send(cluster.api, hostile.twin.request, hostile.twin.as ?? hostile.as);
            assert.equal(refusedBy(passed), undefined, JSON.stringify(passed.body));
            // Behind this API server there is no kubelet to connect to.
            assert.ok(passed.status < 300 || hostile.request.operation === "connect", JSON.stringify(passed.body));
        });
    }
});
