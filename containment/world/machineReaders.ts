import { type Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "./inputs";

/** One network interface as a resource describes it. */
export interface InterfaceFacts {
    readonly network: Maybe<string>;
    readonly subnetwork: Maybe<string>;
    readonly externalIpv4: Maybe<boolean>;
    /** @default false */
    readonly dualStack?: Maybe<boolean>;
    /** Names of secondary ranges that it has addresses of; `undefined` among them: of the primary range. */
    readonly aliasRanges?: readonly Maybe<string>[];
    /** It leads into another's network by this network attachment. */
    readonly attachment?: Maybe<string>;
}

/** Machines of one configuration. What a resource leaves out is absent, what nothing shows is {@link NOT_KNOWN}. */
export interface MachineFacts {
    /** Told apart from others of the same resource. */
    readonly suffix?: string;
    /** `undefined`: it runs as the project's default account. */
    readonly account: Maybe<string>;
    readonly withoutAccount?: boolean;
    readonly tags: Maybe<readonly (string | typeof NOT_KNOWN)[]>;
    readonly secureTags?: Maybe<ReadonlyMap<string, string | typeof NOT_KNOWN>>;
    readonly interfaces: Maybe<readonly InterfaceFacts[]>;
}

type Reader = (inputs: Inputs) => readonly MachineFacts[];

/** What the keys of a block are called that describes machines with one interface. */
interface Keys {
    readonly network?: string;
    readonly subnetwork?: string;
    readonly account?: string;
    readonly tags?: string;
}

/** Machines with one interface, which `at` describes; `external` says whether it has an external address. */
function single(inputs: Inputs, at: string, external: Maybe<boolean>, keys: Keys = {}): MachineFacts {
    const path = (key: string): string => (at === "" ? key : `${at}.${key}`);
    return {
        account: inputs.name(path(keys.account ?? "serviceAccount")),
        tags: inputs.texts(path(keys.tags ?? "tags")),
        interfaces: [
            {
                network: inputs.name(path(keys.network ?? "network")),
                subnetwork: inputs.name(path(keys.subnetwork ?? "subnetwork")),
                externalIpv4: external,
            },
        ],
    };
}

/** Only where the block is there; without it the service runs outside of every VPC network. */
function ifPresent(inputs: Inputs, at: string, read: () => MachineFacts): readonly MachineFacts[] {
    return inputs.object(at) === undefined ? [] : [read()];
}

function not(flag: Maybe<boolean>): Maybe<boolean> {
    return typeof flag === "boolean" ? !flag : flag;
}

/** A flag whose default differs between versions and places: absent, nothing says it. */
function orNotKnown<T>(value: Maybe<T>): T | typeof NOT_KNOWN {
    return value ?? NOT_KNOWN;
}

/** Serverless workloads with an interface of their own ("Direct VPC egress"): tags stand in the interface. */
function directVpc(inputs: Inputs, interfaces: string, account: string): readonly MachineFacts[] {
    const list = inputs.objects(interfaces);
    return [
        ...(list === NOT_KNOWN || someUnknown(list) ? [unknownAs(inputs.name(account))] : []),
        ...knownOf(list).map((block): MachineFacts => ({ ...single(block, "", false), account: inputs.name(account) })),
    ];
}

function unknownAs(account: Maybe<string>): MachineFacts {
    return { ...NOTHING_KNOWN, account };
}

/** Cloud Run's first API keeps its interfaces in an annotation, as JSON. */
function annotatedVpc(inputs: Inputs): readonly MachineFacts[] {
    const annotations = inputs.map("template.metadata.annotations");
    const text = annotations === NOT_KNOWN ? NOT_KNOWN : annotations?.get("run.googleapis.com/network-interfaces");
    const account = inputs.name("template.spec.serviceAccountName");
    if (text === undefined) {
        return [];
    }
    try {
        const list: unknown = text === NOT_KNOWN ? undefined : JSON.parse(text);
        if (Array.isArray(list)) {
            return list.map((entry: Readonly<Record<string, unknown>>) => ({
                account,
                tags: Array.isArray(entry["tags"]) ? entry["tags"].map(String) : [],
                interfaces: [
                    {
                        network: typeof entry["network"] === "string" ? entry["network"] : undefined,
                        subnetwork: typeof entry["subnetwork"] === "string" ? entry["subnetwork"] : undefined,
                        externalIpv4: false,
                    },
                ],
            }));
        }
    } catch {
        // Not JSON: nothing is known of it.
    }
    return [{ ...NOTHING_KNOWN, account }];
}

/** Dataflow's workers take network tags as an experiment. */
function dataflow(inputs: Inputs, at: string): MachineFacts {
    const path = (key: string): string => (at === "" ? key : `${at}.${key}`);
    const mode = inputs.name(path("ipConfiguration"));
    const experiments = inputs.texts(path("additionalExperiments"));
    const tags = knownOf(experiments)
        .filter(text => /^use_network_tags(_for_flex_templates)?=/.test(text))
        .flatMap(text => text.slice(text.indexOf("=") + 1).split(";"));
    return {
        ...single(inputs, at, mode === NOT_KNOWN ? mode : mode !== "WORKER_IP_PRIVATE", {
            account: "serviceAccountEmail",
        }),
        tags: someUnknown(experiments) ? NOT_KNOWN : tags,
    };
}

function templateLaunch(inputs: Inputs): readonly MachineFacts[] {
    return [
        "workload.dataflowFlexTemplateRequest.launchParameter.environment",
        "workload.dataflowLaunchTemplateRequest.launchParameters.environment",
    ].flatMap(at => ifPresent(inputs, at, () => dataflow(inputs, at)));
}

/** Dataproc's own images differ in whether addresses are internal unless told. */
function dataproc(inputs: Inputs, at: string): MachineFacts {
    return {
        ...single(inputs, at, orNotKnown(not(inputs.flag(`${at}.internalIpOnly`)))),
        secureTags: inputs.map(`${at}.resourceManagerTags`),
    };
}

function notebookRun(inputs: Inputs, job: string): readonly MachineFacts[] {
    const at = `${job}customEnvironmentSpec.networkSpec`;
    return ifPresent(inputs, at, () => ({
        ...single(inputs, at, inputs.flag(`${at}.enableInternetAccess`) ?? false),
        account: inputs.name(`${job}serviceAccount`),
        tags: [],
    }));
}

function workbench(inputs: Inputs): readonly MachineFacts[] {
    const interfaces = inputs.objects("gceSetup.networkInterfaces");
    const publicIp = not(inputs.flag("gceSetup.disablePublicIp")) ?? true;
    const named = knownOf(interfaces).map((nic): InterfaceFacts => ({
        network: nic.name("network"),
        subnetwork: nic.name("subnet"),
        externalIpv4: publicIp,
    }));
    return [
        {
            account: inputs.name("gceSetup.serviceAccounts.email"),
            tags: inputs.texts("gceSetup.tags"),
            interfaces: someUnknown(interfaces)
                ? NOT_KNOWN
                : named.length > 0
                  ? named
                  : [{ network: undefined, subnetwork: undefined, externalIpv4: publicIp }],
        },
    ];
}

function tpu(inputs: Inputs): readonly MachineFacts[] {
    const several = inputs.objects("networkConfigs");
    const blocks = knownOf(several);
    const one = (block: Inputs, at: string): InterfaceFacts => ({
        network: block.name(`${at}network`),
        subnetwork: block.name(`${at}subnetwork`),
        externalIpv4: block.flag(`${at}enableExternalIps`) ?? false,
    });
    return [
        {
            account: inputs.name("serviceAccount.email"),
            tags: inputs.texts("tags"),
            interfaces: someUnknown(several)
                ? NOT_KNOWN
                : blocks.length > 0
                  ? blocks.map(block => one(block, ""))
                  : [one(inputs, "networkConfig.")],
        },
    ];
}

function queuedTpu(inputs: Inputs): readonly MachineFacts[] {
    return knownOf(inputs.objects("tpu.nodeSpecs")).map((spec, index) => ({
        ...single(spec, "node.networkConfig", spec.flag("node.networkConfig.enableExternalIps") ?? false),
        suffix: `node ${index}`,
        // Its resource has no place for either.
        account: undefined,
        tags: [],
    }));
}

/** Nothing is said of them. */
const NOTHING_KNOWN: MachineFacts = { account: NOT_KNOWN, tags: NOT_KNOWN, interfaces: NOT_KNOWN };

/** Who creates machines in a VPC network on somebody's behalf, and where its resource names their account, tags and subnet. */
export const MACHINE_READERS: Readonly<Record<string, Reader>> = {
    "gcp:appengine/flexibleAppVersion:FlexibleAppVersion": inputs => {
        const mode = inputs.name("network.instanceIpMode");
        // App Engine gives its machines external addresses unless told otherwise (FlexibleAppVersion, "instance_ip_mode").
        const external = mode === NOT_KNOWN ? mode : !/^internal$/i.test(mode ?? "");
        return [
            {
                ...single(inputs, "network", external, { network: "name" }),
                account: inputs.name("serviceAccount"),
                tags: oneOrNone(inputs.name("network.instanceTag")),
            },
        ];
    },
    "gcp:cloudfunctionsv2/function:Function": inputs =>
        directVpc(inputs, "serviceConfig.directVpcNetworkInterfaces", "serviceConfig.serviceAccountEmail"),
    "gcp:cloudrun/service:Service": annotatedVpc,
    "gcp:cloudrunv2/job:Job": inputs =>
        directVpc(inputs, "template.template.vpcAccess.networkInterfaces", "template.template.serviceAccount"),
    "gcp:cloudrunv2/service:Service": inputs =>
        directVpc(inputs, "template.vpcAccess.networkInterfaces", "template.serviceAccount"),
    "gcp:cloudrunv2/workerPool:WorkerPool": inputs =>
        directVpc(inputs, "template.vpcAccess.networkInterfaces", "template.serviceAccount"),
    "gcp:colab/notebookExecution:NotebookExecution": inputs => notebookRun(inputs, ""),
    "gcp:colab/runtimeTemplate:RuntimeTemplate": inputs =>
        ifPresent(inputs, "networkSpec", () => ({
            ...single(inputs, "networkSpec", inputs.flag("networkSpec.enableInternetAccess") ?? false),
            // It runs as its user or as an account that is chosen when it starts.
            account: NOT_KNOWN,
            tags: inputs.texts("networkTags"),
        })),
    "gcp:colab/schedule:Schedule": inputs =>
        notebookRun(inputs, "createNotebookExecutionJobRequest.notebookExecutionJob."),
    "gcp:composer/environment:Environment": inputs => {
        const hidden =
            inputs.flag("config.enablePrivateEnvironment") ??
            inputs.flag("config.privateEnvironmentConfig.enablePrivateEndpoint");
        return [single(inputs, "config.nodeConfig", hidden === true ? false : NOT_KNOWN)];
    },
    "gcp:dataflow/flexTemplateJob:FlexTemplateJob": inputs => [dataflow(inputs, "")],
    "gcp:dataflow/job:Job": inputs => [dataflow(inputs, "")],
    "gcp:dataflow/pipeline:Pipeline": templateLaunch,
    // Its pipelines run on Dataproc clusters, whose profiles choose the network.
    "gcp:datafusion/instance:Instance": inputs => [
        { ...NOTHING_KNOWN, account: inputs.name("dataprocServiceAccount"), tags: [] },
    ],
    "gcp:dataproc/batch:Batch": inputs => [
        single(inputs, "environmentConfig.executionConfig", false, {
            network: "networkUri",
            subnetwork: "subnetworkUri",
            tags: "networkTags",
        }),
    ],
    "gcp:dataproc/sessionTemplate:SessionTemplate": inputs => [
        single(inputs, "environmentConfig.executionConfig", false, {
            network: "networkUri",
            subnetwork: "subnetworkUri",
            tags: "networkTags",
        }),
    ],
    // A virtual cluster runs on a GKE cluster, whose nodes are sources of their own.
    "gcp:dataproc/cluster:Cluster": inputs =>
        inputs.object("virtualClusterConfig") === undefined ? [dataproc(inputs, "clusterConfig.gceClusterConfig")] : [],
    "gcp:dataproc/workflowTemplate:WorkflowTemplate": inputs =>
        ifPresent(inputs, "placement.managedCluster", () =>
            dataproc(inputs, "placement.managedCluster.config.gceClusterConfig"),
        ),
    "gcp:hypercomputecluster/cluster:Cluster": () => [NOTHING_KNOWN],
    "gcp:notebooks/instance:Instance": inputs => [
        single(inputs, "", not(inputs.flag("noPublicIp")) ?? true, { subnetwork: "subnet" }),
    ],
    "gcp:notebooks/runtime:Runtime": inputs => [
        {
            ...single(
                inputs,
                "virtualMachine.virtualMachineConfig",
                not(inputs.flag("virtualMachine.virtualMachineConfig.internalIpOnly")) ?? true,
                { subnetwork: "subnet" },
            ),
            account: inputs.name("accessConfig.runtimeOwner"),
        },
    ],
    "gcp:tpu/v2QueuedResource:V2QueuedResource": queuedTpu,
    "gcp:tpu/v2Vm:V2Vm": tpu,
    "gcp:vertex/aiSchedule:AiSchedule": inputs =>
        notebookRun(inputs, "createNotebookExecutionJobRequest.notebookExecutionJob."),
    // Connectors carry the tags `vpc-connector` and `vpc-connector-<region>-<name>` and nobody's account.
    "gcp:vpcaccess/connector:Connector": inputs => {
        const name = inputs.name("name");
        const region = inputs.name("region");
        return [
            {
                ...single(inputs, "", false, { subnetwork: "subnet.name" }),
                account: undefined,
                withoutAccount: true,
                tags: [
                    "vpc-connector",
                    ...(typeof name === "string" && typeof region === "string"
                        ? [`vpc-connector-${region}-${name}`]
                        : []),
                ],
            },
        ];
    },
    "gcp:workbench/instance:Instance": workbench,
};

function oneOrNone(value: Maybe<string>): Maybe<readonly (string | typeof NOT_KNOWN)[]> {
    return value === undefined ? undefined : [value];
}
