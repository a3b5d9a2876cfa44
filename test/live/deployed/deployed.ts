import { type Resource } from "../../../containment/resource";
import { type Manifest } from "./cluster";
import { clusterIn } from "./deployedCluster";
import { inputsOf, networkIn } from "./deployedGoogle";
import { emptyProject, type Project } from "./google";
import { surroundings } from "./surroundings";

/** What Google and the API server show of a stack once it is deployed, with everything that they fill in by themselves. */
export interface Deployment {
    /** Of the cluster. */
    readonly project: Project;
    /** Of the network: another one in a shared VPC. */
    readonly host: Project;
    readonly objects: Manifest[];
}

/**
 * @param planned what the stack registers
 * @param shared a host project that other stacks are deployed in already
 */
export function deploy(planned: readonly Resource[], shared?: Project): Deployment {
    const platform = inputsOf(planned, "egress-gateway:platform:Platform")[0]!;
    const { project: id, networkProject = id } = platform;
    const project = emptyProject(id as string);
    const host = networkProject === id ? project : (shared ?? emptyProject(networkProject as string, "987654321098"));
    if (platform["kind"] === "gke") {
        networkIn(host, planned, platform);
        clusterIn(project, planned, platform);
    }
    return { project, host, objects: [...planned.flatMap(objectOf), ...surroundings(planned).map(stored)] };
}

/** A planned object as the API server keeps it. */
function objectOf({ type, inputs, name: logical }: Resource): Manifest[] {
    if (!/^kubernetes:/.test(type)) {
        return [];
    }
    const object = structuredClone(inputs) as Manifest;
    object["kind"] = String(object["kind"] ?? type.split(":").at(-1)).replace(/Patch$/, "");
    object["metadata"] = { name: logical, ...object["metadata"] };
    return [stored(object)];
}

let version = 4000;

/** With what the API server and the defaults of each kind fill in. */
function stored(object: Manifest): Manifest {
    const { kind, spec } = object;
    const metadata = {
        ...object["metadata"],
        uid: `0a1b2c3d-${version}`,
        resourceVersion: String((version += 3)),
        generation: 1,
        creationTimestamp: "2026-11-20T09:05:00Z",
        managedFields: [
            {
                manager: "pulumi-kubernetes",
                operation: "Apply",
                apiVersion: object["apiVersion"],
                time: "2026-11-20T09:05:00Z",
                fieldsType: "FieldsV1",
                fieldsV1: { "f:spec": {} },
            },
        ],
    };
    const kept: Manifest = { ...object, metadata };
    switch (kind) {
        case "Namespace":
            return {
                ...kept,
                metadata: { ...metadata, labels: { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name } },
                spec: { finalizers: ["kubernetes"] },
                status: { phase: "Active" },
            };
        case "ValidatingAdmissionPolicy":
            return {
                ...kept,
                spec: {
                    failurePolicy: "Fail",
                    ...spec,
                    matchConstraints: {
                        matchPolicy: "Equivalent",
                        namespaceSelector: {},
                        objectSelector: {},
                        ...spec.matchConstraints,
                        resourceRules: (spec.matchConstraints?.resourceRules ?? []).map((rule: Manifest) => ({
                            scope: "*",
                            ...rule,
                        })),
                    },
                },
                status: { observedGeneration: 1, typeChecking: {} },
            };
        case "ValidatingAdmissionPolicyBinding":
            return spec.matchResources === undefined
                ? kept
                : {
                      ...kept,
                      spec: {
                          ...spec,
                          matchResources: {
                              matchPolicy: "Equivalent",
                              namespaceSelector: {},
                              objectSelector: {},
                              ...spec.matchResources,
                          },
                      },
                  };
        case "Deployment": {
            const pod = spec.template.spec;
            return {
                ...kept,
                metadata: {
                    ...metadata,
                    annotations: { ...metadata.annotations, "deployment.kubernetes.io/revision": "1" },
                },
                spec: {
                    progressDeadlineSeconds: 600,
                    revisionHistoryLimit: 10,
                    ...spec,
                    template: {
                        ...spec.template,
                        metadata: { creationTimestamp: null, ...spec.template.metadata },
                        spec: {
                            dnsPolicy: "ClusterFirst",
                            restartPolicy: "Always",
                            schedulerName: "default-scheduler",
                            securityContext: {},
                            terminationGracePeriodSeconds: 30,
                            ...(pod.serviceAccountName === undefined ? {} : { serviceAccount: pod.serviceAccountName }),
                            ...pod,
                            containers: pod.containers.map((container: Manifest) => ({
                                imagePullPolicy: "IfNotPresent",
                                resources: {},
                                terminationMessagePath: "/dev/termination-log",
                                terminationMessagePolicy: "File",
                                ...container,
                            })),
                        },
                    },
                },
                status: { replicas: 3, readyReplicas: 3, observedGeneration: 1, conditions: [] },
            };
        }
        case "Service":
            return {
                ...kept,
                spec: {
                    clusterIP: "10.8.0.77",
                    clusterIPs: ["10.8.0.77"],
                    internalTrafficPolicy: "Cluster",
                    ipFamilies: ["IPv4"],
                    ipFamilyPolicy: "SingleStack",
                    sessionAffinity: "None",
                    type: "ClusterIP",
                    ...spec,
                    ports: (spec.ports ?? []).map((port: Manifest) => ({
                        protocol: "TCP",
                        targetPort: port["port"],
                        ...port,
                    })),
                },
                status: { loadBalancer: {} },
            };
        default:
            return kept;
    }
}
