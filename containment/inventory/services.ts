import { type Json, knownJson } from "../document";
import { UNKNOWN } from "../resource";
import { behind, list, nameOf, object, objects, text } from "./asset";
import { present } from "./spelling";
import { as, placeOf, token, type Translate } from "./translate";

/** The interfaces that Cloud Run's first API keeps in annotations, as its second one has them. */
function vpcAccessIn(annotations: Json): Json {
    const interfaces = text(annotations["run.googleapis.com/network-interfaces"]);
    return present({
        connector: annotations["run.googleapis.com/vpc-access-connector"],
        networkInterfaces: interfaces === undefined ? undefined : knownJson(interfaces),
    });
}

/** A service, or one of its revisions: those may serve as well. The second API has `template`, the first one wraps it in `spec`. */
const runService: Translate = (asset, data, inventory) => {
    const { template } = object(data["spec"]);
    return data["template"] !== undefined
        ? as(token("cloudrunv2/Service"))(asset, data, inventory)
        : [
              {
                  type: token("cloudrun/Service"),
                  inputs: { ...placeOf(asset, inventory), template: template ?? UNKNOWN },
              },
          ];
};

const runRevision: Translate = (asset, data, inventory) => {
    const { annotations } = object(data["metadata"]);
    const access = vpcAccessIn(object(annotations));
    return Object.keys(access).length === 0 && data["vpcAccess"] === undefined
        ? { leftOut: "a revision without a way into a VPC network" }
        : [
              {
                  type: token("cloudrunv2/Service"),
                  inputs: {
                      ...placeOf(asset, inventory),
                      template: {
                          serviceAccount: object(data["spec"])["serviceAccountName"] ?? data["serviceAccount"],
                          vpcAccess: data["vpcAccess"] ?? access,
                      },
                  },
              },
          ];
};

/** @param type how `@pulumi/gcp` calls it in the second API, whose shape the first one is brought to */
function runTask(type: string, wrap: (task: Json) => Json): Translate {
    return (asset, data, inventory) => {
        if (data["template"] !== undefined) {
            return as(token(type))(asset, data, inventory);
        }
        const { metadata, spec } = object(object(data["spec"])["template"]);
        const inner = object(object(object(spec)["template"])["spec"]);
        const task = present({
            serviceAccount: inner["serviceAccountName"] ?? object(spec)["serviceAccountName"],
            vpcAccess: vpcAccessIn(object(object(metadata)["annotations"])),
        });
        return [{ type: token(type), inputs: { ...placeOf(asset, inventory), template: wrap(task) } }];
    };
}

const connector = as(token("vpcaccess/Connector"), (_, asset) => ({ region: behind(asset, "locations") }));

/** Compute Engine's part of a Dataproc cluster, whose links are called `…Uri`. */
function engineConfig(config: unknown): Json {
    const engine = object(object(config)["gceClusterConfig"]);
    return {
        ...object(config),
        gceClusterConfig: present({ ...engine, network: engine["networkUri"], subnetwork: engine["subnetworkUri"] }),
    };
}

const dataprocCluster = as(token("dataproc/Cluster"), ({ config }) => ({ clusterConfig: engineConfig(config) }));

const workflowTemplate = as(token("dataproc/WorkflowTemplate"), ({ placement }) => {
    const { managedCluster, ...others } = object(placement);
    return managedCluster === undefined
        ? {}
        : {
              placement: {
                  ...others,
                  managedCluster: {
                      ...object(managedCluster),
                      config: engineConfig(object(managedCluster)["config"]),
                  },
              },
          };
});

const OVER = /(DONE|FAILED|CANCELLED|SUCCEEDED|DRAINED|UPDATED|EXPIRED|PARTIALLY_SUCCEEDED)$/;

/** What is over leaves no machine behind. */
function unlessOver(translate: Translate): Translate {
    return (asset, data, inventory) =>
        OVER.test(text(data["currentState"] ?? data["state"] ?? data["jobState"]) ?? "")
            ? { leftOut: "a job that is over" }
            : translate(asset, data, inventory);
}

/** An export shows a job's workers where it shows its environment. */
const dataflowJob = unlessOver((asset, data, inventory) => {
    const environment = object(data["environment"]);
    const pools = objects(environment["workerPools"]);
    return (pools.length === 0 ? [undefined] : pools).map((pool, index) => ({
        type: token("dataflow/Job"),
        name: `${nameOf(asset)}${index === 0 ? "" : `/${index}`}`,
        inputs: {
            ...placeOf(asset, inventory),
            network: pool === undefined ? UNKNOWN : (pool["network"] ?? "default"),
            ...present({ subnetwork: pool === undefined ? UNKNOWN : pool["subnetwork"] }),
            ipConfiguration: pool?.["ipConfiguration"] ?? (pool === undefined ? UNKNOWN : "WORKER_IP_PUBLIC"),
            serviceAccountEmail: environment["serviceAccountEmail"] ?? UNKNOWN,
            additionalExperiments: list(environment["experiments"]),
        },
    }));
});

/** Its code runs in Google's network, joined to this one where it says so. */
function trainingJob(spec: string): Translate {
    return unlessOver((asset, data, inventory) => {
        const { network, pscInterfaceConfig } = object(data[spec]);
        return network === undefined && pscInterfaceConfig === undefined
            ? { leftOut: "a job without a way into a VPC network" }
            : [
                  {
                      type: token("vertex/AiPersistentResource"),
                      inputs: present({ ...placeOf(asset, inventory), network, pscInterfaceConfig }),
                  },
              ];
    });
}

const workerPool = as(token("cloudbuild/WorkerPool"), data => {
    const { networkConfig, privateServiceConnect, workerConfig } = object(data["privatePoolV1Config"]);
    const { egressOption } = object(networkConfig);
    return present({
        networkConfig,
        privateServiceConnect,
        workerConfig: { ...object(workerConfig), noExternalIp: egressOption === "NO_PUBLIC_EGRESS" },
    });
});

const feature: Translate = (asset, data, inventory) => [
    ...(as(token("gkehub/Feature"))(asset, data, inventory) as []),
    ...Object.entries(object(data["membershipSpecs"])).map(([membership, spec]) => ({
        type: token("gkehub/FeatureMembership"),
        name: `${nameOf(asset)} of ${membership}`,
        inputs: { ...object(spec), membership },
    })),
];

/** App Engine's standard environment has no machines in a VPC network. */
const appEngineVersion: Translate = (asset, data, inventory) =>
    data["env"] === "standard" || data["env"] === undefined
        ? as(token("appengine/StandardAppVersion"))(asset, data, inventory)
        : as(token("appengine/FlexibleAppVersion"), ({ network, serviceAccount }) => ({
              network: { ...object(network), subnetwork: object(network)["subnetworkName"] },
              serviceAccount,
          }))(asset, data, inventory);

const notebook: Translate = (asset, data, inventory) =>
    as(token(data["gceSetup"] === undefined ? "notebooks/Instance" : "workbench/Instance"))(asset, data, inventory);

const database = as(token("sql/DatabaseInstance"), ({ settings }) => {
    const { ipConfiguration } = object(settings);
    const { pscConfig } = object(ipConfiguration);
    return {
        settings: {
            ...object(settings),
            ipConfiguration: present({
                ...object(ipConfiguration),
                pscConfigs: pscConfig === undefined ? undefined : [pscConfig],
            }),
        },
    };
});

/** Assets whose data are what `@pulumi/gcp` calls inputs, but for lists: by asset type. */
const ALIKE: Readonly<Record<string, string>> = {
    "aiplatform.googleapis.com/Endpoint": "vertex/AiEndpoint",
    "aiplatform.googleapis.com/IndexEndpoint": "vertex/AiIndexEndpoint",
    "aiplatform.googleapis.com/NotebookExecutionJob": "colab/NotebookExecution",
    "aiplatform.googleapis.com/NotebookRuntimeTemplate": "colab/RuntimeTemplate",
    "aiplatform.googleapis.com/PersistentResource": "vertex/AiPersistentResource",
    "aiplatform.googleapis.com/ReasoningEngine": "vertex/AiReasoningEngine",
    "aiplatform.googleapis.com/Schedule": "vertex/AiSchedule",
    "alloydb.googleapis.com/Cluster": "alloydb/Cluster",
    "alloydb.googleapis.com/Instance": "alloydb/Instance",
    "apigee.googleapis.com/Instance": "apigee/Instance",
    "bigqueryconnection.googleapis.com/Connection": "bigquery/Connection",
    "blockchainnodeengine.googleapis.com/BlockchainNode": "blockchainnodeengine/BlockchainNodes",
    "cloudfunctions.googleapis.com/Function": "cloudfunctionsv2/Function",
    "composer.googleapis.com/Environment": "composer/Environment",
    "datafusion.googleapis.com/Instance": "datafusion/Instance",
    "datamigration.googleapis.com/MigrationJob": "databasemigrationservice/MigrationJob",
    "datamigration.googleapis.com/PrivateConnection": "databasemigrationservice/PrivateConnection",
    "dataproc.googleapis.com/Batch": "dataproc/Batch",
    "dataproc.googleapis.com/SessionTemplate": "dataproc/SessionTemplate",
    "datastream.googleapis.com/PrivateConnection": "datastream/PrivateConnection",
    "dns.googleapis.com/ManagedZone": "dns/ManagedZone",
    "dns.googleapis.com/Policy": "dns/Policy",
    "eventarc.googleapis.com/Pipeline": "eventarc/Pipeline",
    "eventarc.googleapis.com/Trigger": "eventarc/Trigger",
    "looker.googleapis.com/Instance": "looker/Instance",
    "managedkafka.googleapis.com/ConnectCluster": "managedkafka/ConnectCluster",
    "netapp.googleapis.com/StoragePool": "netapp/StoragePool",
    "networkconnectivity.googleapis.com/RegionalEndpoint": "networkconnectivity/RegionalEndpoint",
    "networkconnectivity.googleapis.com/ServiceConnectionPolicy": "networkconnectivity/ServiceConnectionPolicy",
    "networkservices.googleapis.com/Gateway": "networkservices/Gateway",
    "tpu.googleapis.com/Node": "tpu/V2Vm",
};

/** Services' assets that put something into a VPC network, or may lead out of one. */
export const SERVICES: Readonly<Record<string, Translate>> = {
    ...Object.fromEntries(Object.entries(ALIKE).map(([type, name]) => [type, as(token(name))])),
    "aiplatform.googleapis.com/CustomJob": trainingJob("jobSpec"),
    "aiplatform.googleapis.com/HyperparameterTuningJob": trainingJob("trialJobSpec"),
    "appengine.googleapis.com/Version": appEngineVersion,
    "cloudbuild.googleapis.com/WorkerPool": workerPool,
    "dataflow.googleapis.com/Job": dataflowJob,
    "dataproc.googleapis.com/Cluster": dataprocCluster,
    "dataproc.googleapis.com/WorkflowTemplate": workflowTemplate,
    "dns.googleapis.com/ResourceRecordSet": as(token("dns/RecordSet"), (_, asset) => ({
        managedZone: behind(asset, "managedZones"),
    })),
    "dns.googleapis.com/ResponsePolicyRule": as(token("dns/ResponsePolicyRule"), (_, asset) => ({
        responsePolicy: behind(asset, "responsePolicies"),
    })),
    "gkehub.googleapis.com/Feature": feature,
    "notebooks.googleapis.com/Instance": notebook,
    "run.googleapis.com/Job": runTask("cloudrunv2/Job", task => ({ template: task })),
    "run.googleapis.com/Revision": runRevision,
    "run.googleapis.com/Service": runService,
    "run.googleapis.com/WorkerPool": runTask("cloudrunv2/WorkerPool", task => task),
    "sqladmin.googleapis.com/Instance": database,
    "vpcaccess.googleapis.com/Connector": connector,
    "workstations.googleapis.com/WorkstationCluster": as(token("workstations/WorkstationCluster"), (_, asset) => ({
        workstationClusterId: nameOf(asset),
    })),
    "workstations.googleapis.com/WorkstationConfig": as(token("workstations/WorkstationConfig"), (_, asset) => ({
        workstationClusterId: behind(asset, "workstationClusters"),
    })),
};
