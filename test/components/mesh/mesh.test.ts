import assert from "node:assert/strict";
import { compileMesh } from "../../../components/mesh/compile";
import { Mesh } from "../../../components/mesh/mesh";
import { registered } from "../registered";
import { destination, settings } from "../../settings/build";
import { verifiedSettings } from "./catalogue";

for (const preview of [true, false]) {
    describe(`Mesh, ${preview ? "in a preview" : "created"}`, () => {
        const register = (read = verifiedSettings(true)) => registered(() => void new Mesh("mesh", read), preview);

        it("registers every object of the compiler as a child, unchanged, under a name that never moves", async () => {
            const [mesh, ...children] = await register();
            assert.equal(mesh?.type, "egress-gateway:mesh:Mesh");
            assert.ok(children.every(({ parent }) => parent === "Mesh mesh"));
            const objects = children.map(({ type, name, inputs }) => ({ type, name, inputs }));
            const expected = compileMesh(verifiedSettings(true)).map(object => ({
                type: `kubernetes:${object.apiVersion}:${object.kind}`,
                name: `${object.metadata.namespace}/${object.metadata.name}`,
                inputs: JSON.parse(JSON.stringify(object)) as unknown,
            }));
            const key = ({ type, name }: { type: string; name: string }) => `${type} ${name}`;
            const sorted = <T extends { type: string; name: string }>(all: T[]) =>
                all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
            assert.deepEqual(sorted(objects), sorted(expected));
        });

        it("replaces an object by deleting it first, since its name is fixed", async () => {
            const children = (await register()).filter(({ type }) => type.startsWith("kubernetes:"));
            assert.ok(children.length > 0 && children.every(({ deleteBeforeReplace }) => deleteBeforeReplace));
        });

        it("has the policy that denies before everything else, so that it also goes last", async () => {
            const children = (await register()).filter(({ type }) => type.startsWith("kubernetes:"));
            const first = "AuthorizationPolicy istio-egress/default-deny";
            for (const { type, name, dependsOn } of children) {
                const isFirst = `${type.split(":").at(-1)} ${name}` === first;
                assert.deepEqual(dependsOn, isFirst ? [] : [first], name);
            }
        });

        it("declares in its own inputs who may use what, with owner, reason and date and without a place in a file", async () => {
            const stripe = destination("api.stripe.com", { owner: "payments", reason: "cards", expires: "2030-01-31" });
            const [mesh] = await register(settings({ destinations: [stripe, destination("istio.io")] }));
            assert.deepEqual(mesh?.inputs, {
                version: "1.30",
                trustDomain: "cluster.local",
                controlPlaneNamespace: "istio-system",
                gatewayNamespace: "istio-egress",
                mutualTls: true,
                googleApis: "restricted",
                clients: { outboundTraffic: "registry-only", privateDestinations: [] },
                clientNamespaces: ["payments"],
                destinations: [
                    {
                        host: "api.stripe.com",
                        ports: [{ number: 443, protocol: "tls" }],
                        allow: [{ namespace: "payments", serviceAccount: "api" }],
                        owner: "payments",
                        reason: "cards",
                        expires: "2030-01-31",
                    },
                    {
                        host: "istio.io",
                        ports: [{ number: 443, protocol: "tls" }],
                        allow: [{ namespace: "payments", serviceAccount: "api" }],
                    },
                ],
            });
        });
    });
}
