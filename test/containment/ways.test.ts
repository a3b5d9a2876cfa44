import assert from "node:assert/strict";
import { networkClaims } from "../../containment/prove";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { compute, resource } from "./worlds/build";
import { B3, PROJECT } from "./worlds/threeLocks";

const NETWORK = `projects/${PROJECT}/global/networks/fl-vpc`;
const OTHER = `projects/${PROJECT}/global/networks/other`;
const APPS = `projects/${PROJECT}/regions/us-central1/subnetworks/fl-apps`;
const FOREIGN = "projects/producer/regions/us-central1/serviceAttachments/service";

type Inputs = Record<string, unknown>;

function judged(...more: readonly Resource[]): { readonly result: string; readonly residual: string } {
    const { claims, residualRisks } = networkClaims([...B3, ...more]);
    return { result: claims.find(({ id }) => id === "C1")!.result, residual: residualRisks.join("\n") };
}

const group = (networkEndpointType: string, more: Inputs = {}): Resource =>
    resource(compute("RegionNetworkEndpointGroup"), "beyond", { networkEndpointType, network: NETWORK, ...more });
const backend = (loadBalancingScheme: string): Resource =>
    resource(compute("RegionBackendService"), "service", { loadBalancingScheme, backends: [{ group: "beyond" }] });
const beyond = (type: string, inputs: Inputs): Resource => resource(type, "beyond", inputs);
const CONNECT = { loadBalancingScheme: "", network: NETWORK, ipAddress: "10.10.0.9" };

const EXITS: Readonly<Record<string, readonly Resource[]>> = {
    "an endpoint for a producer's service": [beyond(compute("ForwardingRule"), { ...CONNECT, target: FOREIGN })],
    "an endpoint for what is not known yet": [beyond(compute("ForwardingRule"), { ...CONNECT, target: UNKNOWN })],
    "an endpoint for all of Google's APIs": [
        beyond(compute("GlobalForwardingRule"), { ...CONNECT, target: "all-apis" }),
    ],
    "an endpoint group for a producer's service": [group("PRIVATE_SERVICE_CONNECT", { pscTargetService: FOREIGN })],
    "a serverless endpoint group": [group("SERVERLESS"), backend("INTERNAL_MANAGED")],
    "a hybrid endpoint group": [group("NON_GCP_PRIVATE_IP_PORT")],
    "an internet endpoint group": [group("INTERNET_FQDN_PORT")],
    "an endpoint group of a kind to come": [group("SOMETHING_NEW")],
    "a network attachment that takes anybody": [
        beyond(compute("NetworkAttachment"), { connectionPreference: "ACCEPT_AUTOMATIC", subnetworks: [APPS] }),
    ],
    "a network attachment for a producer": [
        beyond(compute("NetworkAttachment"), {
            connectionPreference: "ACCEPT_MANUAL",
            producerAcceptLists: ["producer"],
            subnetworks: [APPS],
        }),
    ],
    "a Secure Web Proxy": [
        beyond("gcp:networkservices/gateway:Gateway", { type: "SECURE_WEB_GATEWAY", network: NETWORK }),
    ],
    "an agent gateway": [beyond("gcp:networkservices/agentGateway:AgentGateway", {})],
    "a service connection policy for a producer": [
        beyond("gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy", {
            network: NETWORK,
            serviceClass: "my-class",
        }),
    ],
    "build workers in a peered network": [
        beyond("gcp:cloudbuild/workerPool:WorkerPool", { networkConfig: { peeredNetwork: NETWORK } }),
    ],
    "an agent with an interface inside": [
        beyond("gcp:vertex/aiReasoningEngine:AiReasoningEngine", {
            spec: { deploymentSpec: { pscInterfaceConfig: { networkAttachment: "a" } } },
        }),
    ],
    "objects of a repository": [
        beyond("gcp:gkehub/featureMembership:FeatureMembership", {
            configmanagement: { configSync: { git: { syncRepo: "https://git.example" } } },
        }),
    ],
};

const NEIGHBOURS: Readonly<Record<string, Resource>> = {
    "a zone that others answer": beyond("gcp:dns/managedZone:ManagedZone", {
        visibility: "private",
        privateVisibilityConfig: { networks: [{ networkUrl: NETWORK }] },
        forwardingConfig: { targetNameServers: [{ ipv4Address: "203.0.113.53" }] },
    }),
    "a policy that others answer": beyond("gcp:dns/policy:Policy", {
        networks: [{ networkUrl: NETWORK }],
        alternativeNameServerConfig: { targetNameServers: [{ ipv4Address: "203.0.113.53" }] },
    }),
    "a database inside": beyond("gcp:sql/databaseInstance:DatabaseInstance", {
        settings: { ipConfiguration: { privateNetwork: NETWORK } },
    }),
    "a serverless service with an interface inside": beyond("gcp:cloudrunv2/service:Service", {
        template: { vpcAccess: { networkInterfaces: [{ network: "fl-vpc", subnetwork: "fl-apps" }] } },
    }),
    "endpoints of a service of Google's": beyond(
        "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy",
        { network: NETWORK, serviceClass: "gcp-memorystore-redis" },
    ),
    "a pipeline that delivers inside": beyond("gcp:eventarc/pipeline:Pipeline", { destinations: [{}] }),
};

const LEADS_NOWHERE: Readonly<Record<string, readonly Resource[]>> = {
    "endpoints that are machines": [group("GCE_VM_IP_PORT")],
    "a serverless service behind an external load balancer": [group("SERVERLESS"), backend("EXTERNAL_MANAGED")],
    "an endpoint for the restricted APIs": [beyond(compute("GlobalForwardingRule"), { ...CONNECT, target: "vpc-sc" })],
    "a load balancer": [
        beyond(compute("ForwardingRule"), { loadBalancingScheme: "INTERNAL", network: NETWORK, backendService: "b" }),
    ],
    "a producer's service met in another network": [
        beyond(compute("ForwardingRule"), { ...CONNECT, network: OTHER, target: FOREIGN }),
    ],
    "a Secure Web Proxy in another network": [
        beyond("gcp:networkservices/gateway:Gateway", { type: "SECURE_WEB_GATEWAY", network: OTHER }),
    ],
    "a network attachment that takes nobody": [
        beyond(compute("NetworkAttachment"), { connectionPreference: "ACCEPT_MANUAL", subnetworks: [APPS] }),
    ],
    "a zone that Google answers": [
        beyond("gcp:dns/managedZone:ManagedZone", {
            visibility: "private",
            privateVisibilityConfig: { networks: [{ networkUrl: NETWORK }] },
        }),
    ],
    "build workers of Google's": [beyond("gcp:cloudbuild/workerPool:WorkerPool", { workerConfig: {} })],
};

describe("ways out that are no public address", () => {
    for (const [what, resources] of Object.entries(EXITS)) {
        it(`${what} cannot be told`, () => {
            assert.equal(judged(...resources).result, "unknown");
        });
    }
    for (const [what, neighbour] of Object.entries(NEIGHBOURS)) {
        it(`${what} is a risk that is named`, () => {
            const { result, residual } = judged(neighbour);
            assert.equal(result, "holds");
            assert.ok(residual.includes(neighbour.urn), residual);
        });
    }
    for (const [what, resources] of Object.entries(LEADS_NOWHERE)) {
        it(`${what} is none`, () => {
            const { result, residual } = judged(...resources);
            assert.equal(result, "holds");
            assert.ok(!residual.includes("beyond"), residual);
        });
    }
    it("a kind of GKE's networking that nobody has heard of cannot be told, others of its group can", () => {
        const object = (kind: string): Resource => ({
            ...resource(`kubernetes:networking.gke.io/v1:${kind}`, "x", {
                apiVersion: "networking.gke.io/v1",
                kind,
                metadata: { name: "x", namespace: "shop" },
                spec: {},
            }),
        });
        assert.equal(judged(object("GCPEgressPolicy")).result, "unknown");
        assert.equal(judged(object("HealthCheckPolicy")).result, "holds");
    });
});
