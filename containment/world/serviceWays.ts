import { type Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "./inputs";
import { type ServiceWay } from "./ways";

/** A way, and where it begins. Without a place it may begin anywhere. */
export interface Found extends Pick<ServiceWay, "kind" | "reason"> {
    readonly at?: readonly Beginning[];
}

export interface Beginning {
    readonly network: Maybe<string>;
    readonly subnetwork: Maybe<string>;
}

type Reader = (inputs: Inputs) => Found | undefined;

export function exit(reason: string, at?: Found["at"]): Found {
    return { kind: "exit", reason, ...(at === undefined ? {} : { at }) };
}

export function neighbour(reason: string, at?: Found["at"]): Found {
    return { kind: "neighbour", reason, ...(at === undefined ? {} : { at }) };
}

const inNetwork = (network: Maybe<string>): NonNullable<Found["at"]> => [{ network, subnetwork: undefined }];
const inSubnet = (subnetwork: Maybe<string>): NonNullable<Found["at"]> => [{ network: undefined, subnetwork }];

/** A neighbour where this input names a network, and nothing where it does not. */
function joined(key: string, reason: string): Reader {
    return inputs => {
        const network = inputs.name(key);
        return network === undefined ? undefined : neighbour(reason, inNetwork(network));
    };
}

/** Code of the user's runs in Google's network, with an interface in this one. */
const RUNS_CODE = "runs code in Google's network with a way out of its own, and is met at an address inside";
const COPIES = "copies what it reads inside to where those who run it say";

function attached(key: string, kind: "exit" | "neighbour", reason: string): Reader {
    return inputs => (inputs.name(key) === undefined ? undefined : { kind, reason });
}

function firstOf(...readers: readonly Reader[]): Reader {
    return inputs =>
        readers.reduce<Found | undefined>((found, read) => {
            const next = read(inputs);
            return found?.kind === "exit" || next === undefined ? found : next;
        }, undefined);
}

function present(value: unknown): boolean {
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** Zones and policies that send questions elsewhere. */
function resolvesElsewhere(what: string, blocks: readonly string[], networks: string): Reader {
    return inputs => {
        if (!blocks.some(block => present(inputs.objects(`${block}.targetNameServers`)) || isPeering(inputs, block))) {
            return undefined;
        }
        const list = inputs.objects(networks);
        const at = knownOf(list).map((network): Beginning => ({
            network: network.name("networkUrl"),
            subnetwork: undefined,
        }));
        return neighbour(
            `R1: ${what}, and a query name can carry data`,
            someUnknown(list) || at.length === 0 ? undefined : at,
        );
    };
}

function isPeering(inputs: Inputs, block: string): boolean {
    return block === "peeringConfig" && inputs.object(block) !== undefined;
}

/** Service classes of Google's own, whose endpoints lead to services that Google runs. */
const GOOGLE_SERVICE_CLASS = /^(gcp|google)-/;

/** Anybody may attach who is accepted without being named. */
function networkAttachment(inputs: Inputs): Found | undefined {
    const accepted = inputs.texts("producerAcceptLists");
    const nobody =
        inputs.name("connectionPreference") === "ACCEPT_MANUAL" &&
        !someUnknown(accepted) &&
        knownOf(accepted).length === 0;
    const subnets = inputs.texts("subnetworks");
    return nobody
        ? undefined
        : exit(
              "it lets machines of producers into the network, which have ways out of their own",
              (subnets === undefined || subnets === NOT_KNOWN ? [NOT_KNOWN] : subnets).flatMap(name =>
                  inSubnet(name as Maybe<string>),
              ),
          );
}

function workerPool(inputs: Inputs): Found | undefined {
    const peered = inputs.name("networkConfig.peeredNetwork");
    const attachment = inputs.name("privateServiceConnect.networkAttachment");
    if (peered === undefined && attachment === undefined) {
        return undefined;
    }
    const hidden = [
        inputs.flag("workerConfig.noExternalIp"),
        inputs.flag("privateServiceConnect.publicIpAddressDisabled"),
    ].includes(true);
    return {
        ...(hidden ? neighbour(COPIES) : exit(RUNS_CODE)),
        ...(peered === undefined ? {} : { at: inNetwork(peered) }),
    };
}

/** Config Sync makes objects of a repository that is not given. */
function configSync(key: string): Reader {
    return inputs =>
        inputs.object(key) === undefined
            ? undefined
            : exit("Config Sync applies objects of a repository that are not among the given resources");
}

const SERVERLESS = "it has a way to the internet on Google's side, and what it fetches inside it can carry there";

/** Serverless workloads that reach into a network, by an interface of their own or by a connector. Their interfaces are sources. */
function reachesInside(interfaces: string, connector: string): Reader {
    return inputs => {
        const blocks = inputs.objects(interfaces);
        const at = knownOf(blocks).map((block): Beginning => ({
            network: block.name("network"),
            subnetwork: block.name("subnetwork"),
        }));
        return inputs.name(connector) !== undefined || someUnknown(blocks)
            ? neighbour(SERVERLESS)
            : at.length > 0
              ? neighbour(SERVERLESS, at)
              : undefined;
    };
}

/** Ways of what is a source as well. */
export const SOURCE_WAYS: Readonly<Record<string, Reader>> = {
    "gcp:cloudfunctionsv2/function:Function": reachesInside(
        "serviceConfig.directVpcNetworkInterfaces",
        "serviceConfig.vpcConnector",
    ),
    "gcp:cloudrun/service:Service": inputs => {
        const annotations = inputs.map("template.metadata.annotations");
        return annotations === NOT_KNOWN ||
            ["network-interfaces", "vpc-access-connector"].some(key => annotations?.has(`run.googleapis.com/${key}`))
            ? neighbour(SERVERLESS)
            : undefined;
    },
    "gcp:cloudrunv2/job:Job": reachesInside(
        "template.template.vpcAccess.networkInterfaces",
        "template.template.vpcAccess.connector",
    ),
    "gcp:cloudrunv2/service:Service": reachesInside(
        "template.vpcAccess.networkInterfaces",
        "template.vpcAccess.connector",
    ),
    "gcp:cloudrunv2/workerPool:WorkerPool": reachesInside(
        "template.vpcAccess.networkInterfaces",
        "template.vpcAccess.connector",
    ),
};

/** What services on Google's side may do for those inside, by what they say about their network. */
export const SERVICE_WAYS: Readonly<Record<string, Reader>> = {
    "gcp:alloydb/cluster:Cluster": joined("networkConfig.network", "a database can be made to connect to others"),
    "gcp:alloydb/instance:Instance": inputs =>
        [inputs.flag("networkConfig.enableOutboundPublicIp")].some(flag => flag === true || flag === NOT_KNOWN)
            ? neighbour("a database with a public address to call out from can be made to connect to others")
            : undefined,
    // Without peering it is met at an endpoint, which counts by itself.
    "gcp:apigee/instance:Instance": () =>
        exit("its API proxies are met at an address inside, and call their targets on the internet"),
    "gcp:bigquery/connection:Connection": attached(
        "configuration.network.privateServiceConnect.networkAttachment",
        "neighbour",
        COPIES,
    ),
    "gcp:blockchainnodeengine/blockchainNodes:BlockchainNodes": () =>
        neighbour("it passes on transactions to a public network"),
    "gcp:cloudbuild/workerPool:WorkerPool": workerPool,
    "gcp:compute/networkAttachment:NetworkAttachment": networkAttachment,
    "gcp:databasemigrationservice/migrationJob:MigrationJob": joined("vpcPeeringConnectivity.vpc", COPIES),
    "gcp:databasemigrationservice/privateConnection:PrivateConnection": firstOf(
        attached("pscInterfaceConfig.networkAttachment", "neighbour", COPIES),
        joined("vpcPeeringConfig.vpcName", COPIES),
    ),
    "gcp:datastream/privateConnection:PrivateConnection": firstOf(
        attached("pscInterfaceConfig.networkAttachment", "neighbour", COPIES),
        joined("vpcPeeringConfig.vpc", COPIES),
    ),
    "gcp:dns/managedZone:ManagedZone": resolvesElsewhere(
        "questions for its names go to servers that it names, or to another network",
        ["forwardingConfig", "peeringConfig"],
        "privateVisibilityConfig.networks",
    ),
    "gcp:dns/policy:Policy": resolvesElsewhere(
        "all questions of its networks go to servers that it names",
        ["alternativeNameServerConfig"],
        "networks",
    ),
    "gcp:eventarc/pipeline:Pipeline": inputs =>
        present(inputs.objects("destinations"))
            ? neighbour("it delivers events to addresses inside, and reads the answers")
            : undefined,
    "gcp:eventarc/trigger:Trigger": attached(
        "destination.networkConfig.networkAttachment",
        "neighbour",
        "it delivers events to addresses inside, and reads the answers",
    ),
    "gcp:gkehub/feature:Feature": configSync("fleetDefaultMemberConfig.configmanagement.configSync"),
    "gcp:gkehub/featureMembership:FeatureMembership": configSync("configmanagement.configSync"),
    "gcp:looker/instance:Instance": joined("consumerNetwork", "it sends reports where its users say"),
    "gcp:managedkafka/connectCluster:ConnectCluster": inputs => {
        const blocks = knownOf(inputs.objects("gcpConfig.accessConfig.networkConfigs"));
        return neighbour(
            "its connectors read topics inside and write to where those who run them say",
            blocks.flatMap(block => inSubnet(block.name("primarySubnet"))),
        );
    },
    "gcp:netapp/storagePool:StoragePool": joined("network", "its volumes can be replicated to others"),
    "gcp:networkconnectivity/regionalEndpoint:RegionalEndpoint": inputs =>
        neighbour("R2: it leads to an API of Google's, where anybody's data can be", [
            { network: inputs.name("network"), subnetwork: inputs.name("subnetwork") },
        ]),
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": inputs => {
        const service = inputs.name("serviceClass");
        const at = inNetwork(inputs.name("network"));
        return typeof service === "string" && GOOGLE_SERVICE_CLASS.test(service)
            ? neighbour(`it lets ${service} make endpoints in the network, which lead to what Google runs`, at)
            : exit("it lets a producer make endpoints in the network that lead to services of its own", at);
    },
    "gcp:networkservices/agentGateway:AgentGateway": inputs =>
        exit(
            "it sends what agents ask for to anywhere, under Google's identity",
            inNetwork(inputs.name("network") ?? NOT_KNOWN),
        ),
    "gcp:networkservices/gateway:Gateway": inputs =>
        inputs.name("type") === "OPEN_MESH"
            ? undefined
            : exit("a Secure Web Proxy leaves the network under Google's identity, past firewall, NAT and routes", [
                  { network: inputs.name("network"), subnetwork: inputs.name("subnetwork") },
              ]),
    "gcp:sql/databaseInstance:DatabaseInstance": firstOf(
        attached(
            "settings.ipConfiguration.pscConfigs.networkAttachmentUri",
            "neighbour",
            "a database can be made to connect to others",
        ),
        joined("settings.ipConfiguration.privateNetwork", "a database can be made to connect to others"),
    ),
    "gcp:vertex/aiEndpoint:AiEndpoint": joined("network", "its models are code that is met at an address inside"),
    "gcp:vertex/aiIndexEndpoint:AiIndexEndpoint": joined("network", "it is met at an address inside"),
    "gcp:vertex/aiPersistentResource:AiPersistentResource": inputs => {
        const network = inputs.name("network");
        return network !== undefined
            ? exit(RUNS_CODE, inNetwork(network))
            : inputs.object("pscInterfaceConfig") === undefined
              ? undefined
              : exit(RUNS_CODE);
    },
    "gcp:vertex/aiReasoningEngine:AiReasoningEngine": attached(
        "spec.deploymentSpec.pscInterfaceConfig.networkAttachment",
        "exit",
        RUNS_CODE,
    ),
};
