import assert from "node:assert/strict";
import { type Resource, UNKNOWN } from "../../base/resource";
import { type ComponentType, registeredAs } from "../../declared/component";
import { GATEWAY, GATEWAY_NAMESPACE } from "../../declared/gateway";
import { GUARD } from "../../declared/guard";
import { MESH } from "../../declared/mesh";
import { MONITORING } from "../../declared/monitoring";
import { NETWORK_POLICIES } from "../../declared/networkPolicies";
import { GATEWAY_NODE_IDENTITY, GATEWAY_NODE_POOL } from "../../declared/nodePool";
import { PERIMETER } from "../../declared/perimeter";
import { PLATFORM } from "../../declared/platform";
import { planned } from "../program/planned";

const IN_EVERY_CLUSTER = [PLATFORM, GUARD, GATEWAY_NAMESPACE, GATEWAY, MESH, NETWORK_POLICIES];
const ON_GOOGLE = [PERIMETER, GATEWAY_NODE_IDENTITY, GATEWAY_NODE_POOL];

describe("what components register", () => {
    for (const stack of ["dev", "prod", "local"]) {
        it(`is all that readers ask for, in the plan of ${stack}`, async () => {
            const { resources } = await planned(stack);
            const components = [
                ...IN_EVERY_CLUSTER,
                ...(stack === "local" ? [] : ON_GOOGLE),
                ...(stack === "prod" ? [MONITORING] : []),
            ];
            for (const component of components as readonly ComponentType<Record<string, unknown>>[]) {
                const registered = registeredAs(component, resources);
                assert.notEqual(registered.length, 0, `${component.type} is not in the plan`);
                for (const each of registered) {
                    const facts = each.readAll(...Object.keys(component.inputs));
                    assert.deepEqual(facts.known ? [] : facts.reasons, []);
                }
            }
        });
    }

    const mesh = (inputs: Record<string, unknown>) => {
        const resource: Resource = {
            urn: "urn:pulumi:dev::egress-gateway::egress-gateway:mesh:Mesh::mesh",
            type: MESH.type,
            name: "mesh",
            inputs,
            dependsOn: [],
        };
        return registeredAs(MESH, [resource])[0]!;
    };
    const destination = {
        host: "istio.io",
        ports: [{ number: 443, protocol: "tls" }],
        allow: [{ namespace: "payments", serviceAccount: "api" }],
    };
    const reasons = (inputs: Record<string, unknown>, key: keyof typeof MESH.inputs): readonly string[] => {
        const fact = mesh(inputs).read(key);
        return fact.known ? [] : fact.reasons;
    };

    it("has no default: a key that nobody registered is not known, and the reason names resource and key", () => {
        assert.match(
            reasons({}, "controlPlaneNamespace").join(),
            /^urn:pulumi:dev::.*::mesh does not register controlPlaneNamespace, so it is not known/,
        );
    });

    it("is not known before up where it is computed", () => {
        assert.match(
            reasons({ trustDomain: UNKNOWN }, "trustDomain").join(),
            /::mesh: trustDomain is not known before/,
        );
    });

    it("is not known where one value inside cannot be read, and every such value is named", () => {
        const destinations = [
            { ...destination, ports: [{ number: "443", protocol: "quic" }] },
            { ...destination, ports: [{ number: 443, protocol: "originate" }], allow: [{ namespace: "payments" }] },
        ];
        assert.deepEqual(
            reasons({ destinations }, "destinations").map(reason => reason.split("::mesh: ")[1]),
            [
                'destinations[0].ports[0].protocol is "quic", expected one of tls, http, originate, tcp',
                'destinations[0].ports[0].number is "443", expected a whole number',
                "destinations[1].ports[0].plainPort is missing, expected the port on which the application speaks plain HTTP",
                "destinations[1].allow[0].serviceAccount is missing, expected a text",
            ],
        );
    });

    it("is read as it stands where all of it can be read", () => {
        const fact = mesh({ destinations: [destination], mutualTls: false }).readAll("destinations", "mutualTls");
        assert.ok(fact.known);
        assert.equal(fact.value.mutualTls, false);
        assert.deepEqual(fact.value.destinations[0]?.ports[0], {
            protocol: "tls",
            number: 443,
            plainPort: undefined,
            innerName: undefined,
            caCertificate: undefined,
            clientCertificate: undefined,
            clientCertificates: undefined,
        });
    });
});
