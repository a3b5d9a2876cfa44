import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { differenceOf } from "../../cli/commands/diff";
import { differenceReport } from "../../cli/differenceReport";
import { type Plan } from "../../plan/offline";
import { plannedIn } from "./planned";

const ADDRESSES = ["34.76.1.10", "34.76.1.11"];
const WORKLOAD = { namespace: "payments", serviceAccount: "api" };

/** The egress stack of dev, or the same with one more workload at the database. */
async function egressPlan(allowed: boolean): Promise<Plan> {
    return plannedIn({
        folder: ".",
        configure: config => {
            const destinations = config["egress-gateway:destinations"] as { host: string; allow: object[] }[];
            if (allowed) {
                destinations.find(({ host }) => host === "db.example.com")?.allow.push(WORKLOAD);
            }
        },
    });
}

/** The egress stack's outputs as after `up`: an offline plan knows everything but the addresses. */
async function egressOutputs(allowed: boolean): Promise<Record<string, unknown>> {
    return { ...(await egressPlan(allowed)).outputs, natAddresses: ADDRESSES };
}

const planned = (outputs: unknown): Promise<Plan> =>
    plannedIn({ folder: "examples/application", stackOutputs: { "egress-gateway.dev": outputs } });

describe("the change that lets the example application in", () => {
    it("is told by `diff` as docs/stacks.md shows it", async () => {
        const [before, after] = [await egressPlan(false), await egressPlan(true)].map(({ resources }) => resources) as [
            Plan["resources"],
            Plan["resources"],
        ];
        const report = differenceReport(differenceOf(before, after));
        const page = fs.readFileSync(path.resolve(__dirname, "..", "..", "docs", "stacks.md"), "utf8");
        assert.ok(page.includes(stripVTControlCharacters(report)), report);
    });
});

describe("the example application", () => {
    it("is refused at preview while one of its destinations is not allowed, and says what to write where", async () => {
        await assert.rejects(planned(await egressOutputs(false)), (error: Error) => {
            assert.match(error.message, /db\.example\.com:5432 for payments\/api/);
            assert.match(error.message, /only for orders\/web/);
            assert.match(
                error.message,
                /write \{ namespace: payments, serviceAccount: api \} under `allow` at egress-gateway:destinations\[5\] in Pulumi\.dev\.yaml/,
            );
            assert.match(error.message, /Ask orders, who owns it/);
            assert.doesNotMatch(error.message, /istio\.io|hooks/);
            return true;
        });
    });

    it("reaches a tls, an originate and a tcp destination once all are allowed", async () => {
        const { resources, outputs } = await planned(await egressOutputs(true));
        assert.deepEqual(outputs, {
            sourceAddresses: ADDRESSES,
            reaches: ["https://istio.io", "http://hooks.example.com", "db.example.com:5432"],
        });
        const deployment = resources.find(({ type }) => type === "kubernetes:apps/v1:Deployment");
        const { template } = deployment?.inputs["spec"] as {
            template: {
                metadata: { labels: object; annotations: object };
                spec: { serviceAccountName: string; containers: { env: { name: string; value: string }[] }[] };
            };
        };
        assert.deepEqual(template.metadata, {
            labels: { app: "api", "sidecar.istio.io/inject": "true" },
            annotations: { "proxy.istio.io/config": '{"proxyMetadata":{"ISTIO_META_DNS_CAPTURE":"true"}}' },
        });
        assert.equal(template.spec.serviceAccountName, "api");
        assert.deepEqual(
            template.spec.containers[0]?.env.map(({ name, value }) => `${name}=${value}`),
            [
                "RELEASES_URL=https://istio.io",
                "HOOKS_URL=http://hooks.example.com",
                "DATABASE_HOST=db.example.com",
                "DATABASE_PORT=5432",
            ],
        );
    });

    it("runs as a service account of its own, made before its pods", async () => {
        const { resources } = await planned(await egressOutputs(true));
        const account = resources.find(({ type }) => type === "kubernetes:core/v1:ServiceAccount");
        const deployment = resources.find(({ type }) => type === "kubernetes:apps/v1:Deployment");
        assert.deepEqual(account?.inputs["metadata"], { name: "api", namespace: "payments" });
        assert.ok(deployment?.dependsOn.includes(account?.urn ?? ""));
    });

    it("uses its own provider only", async () => {
        const { resources } = await planned(await egressOutputs(true));
        for (const resource of resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
            assert.match(resource.provider ?? "", /pulumi:providers:kubernetes::cluster$/);
        }
    });

    it("is refused when the egress stack was never deployed", async () => {
        await assert.rejects(planned({}), /exists but was never deployed/);
    });
});
