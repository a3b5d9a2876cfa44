import assert from "node:assert/strict";
import { catalogueSettings, hostileCases, type HostileCase } from "../../../attacks";
import { IMPOSTORS } from "../../../attacks/impostors";
import { KUBELET_PATHS } from "../../../attacks/kubeletPaths";
import { gatewayDeployment, POD_KINDS } from "../../../attacks/objects";
import { CLIENT, NAMESPACES } from "../../../attacks/surroundings";
import { compileGuard } from "../../../components/guard/compile";
import { GUARD_RULE_LABEL } from "../../../components/guard/policy";
import { type GuardSettings } from "../../../components/guard/settings";
import { type Fields, fields, fieldsList, kubernetesObjects } from "../../../containment/kubernetes";
import { AdmissionControl } from "../../../containment/scheduling/admission";
import { type AdmissionRequest } from "../../../containment/scheduling/admissionRequest";
import { waysIntoTheGateway } from "../../../containment/scheduling/gatewayWays";
import { type TaintedPool } from "../../../containment/scheduling/nodePools";
import { podRootOf, type PodWay } from "../../../containment/scheduling/podWays";
import { createdNamespace, waysFrom } from "../../../containment/scheduling/ways";
import { type KubernetesManifest, resourceOf } from "../mesh/fixture";

const { nodeKey: key, nodeValue: value } = catalogueSettings;
/** The gateway's pool in the cluster that the catalogue is about. */
const pool: TaintedPool = {
    urn: "urn:pool:gateway",
    name: "gateway",
    taints: [{ key, value, effect: "NoExecute" }],
    labels: { [key]: value },
    serviceAccount: catalogueSettings.gatewayNodeAccount,
    tags: [catalogueSettings.networkTag],
    because: "the test says so",
};

const manifest = (object: object): KubernetesManifest => object as KubernetesManifest;
const guardOf = (settings: GuardSettings): AdmissionControl =>
    new AdmissionControl(
        kubernetesObjects(
            [
                ...NAMESPACES.map(name => manifest({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
                ...compileGuard(settings).map(manifest),
            ].map(resourceOf),
        ),
    );
const control = guardOf(catalogueSettings);
/** The same with a taint that the scheduler alone asks for. */
const schedulers = guardOf({ ...catalogueSettings, taintEffect: "NoSchedule" });

interface Tried {
    readonly way: PodWay;
    readonly guard: AdmissionControl;
}

const tries: readonly Tried[] = [
    ...waysFrom(CLIENT, pool).map(way => ({ way, guard: control })),
    ...waysFrom(CLIENT, { ...pool, taints: [{ key, value, effect: "NoSchedule" }] }).map(way => ({
        way,
        guard: schedulers,
    })),
    { way: createdNamespace("gke-managed-yet-to-come", pool), guard: control },
    ...waysIntoTheGateway(
        pool,
        {
            pools: [pool],
            gatewayNamespace: catalogueSettings.gatewayNamespace,
            workloads: kubernetesObjects([resourceOf(manifest(gatewayDeployment("egress-gateway")))]),
            proxyImage: "registry.acme.example/istio/proxyv2:1.30.3",
            reasons: [],
        },
        [CLIENT],
    ).map(way => ({ way, guard: control })),
];
const ways = tries.map(({ way }) => way);

/** By the way's id: the case of the catalogue of which it is the general form. */
const ATTACKS: Readonly<Record<string, string>> = {
    pod: "toleration/by-key/Pod",
    "toleration-by-update": "toleration/by-update",
    "extended-resource": "toleration/extended-resource",
    "runtime-class": "runtime-class/toleration",
    "node-name": "node-name/named/Pod",
    "binding of pods": "node-name/binding",
    "binding of bindings": "node-name/old-binding",
    "created-namespace": "exempt-namespace-creation/managed",
    "impostor pod": "gateway-maker/exact",
    "impostor image change": "gateway-maker/image",
    "impostor Deployment CREATE": "gateway-owner/deployment",
    "impostor Deployment UPDATE": "gateway-change/restarted-with-a-change",
    exec: "gateway-access/exec",
    attach: "gateway-access/attach",
    kubelet: "gateway-access/kubelet-exec",
    "ephemeral-container": "gateway-access/debug-container",
    "taint-removal": "node/untaint",
    "taint-preference": "node/weaken-taint",
    "taint-for-the-scheduler": "node/weaken-taint",
    "taint-value": "node/rename-taint",
    "taint-key": "node/rename-taint",
    "compute-class by account": "compute-class/account",
    "compute-class by tag": "compute-class/network-tag",
    ...Object.fromEntries(
        POD_KINDS.filter(kind => kind !== "Pod").flatMap(kind => [
            [`${kind} CREATE`, `toleration/by-key/${kind}`],
            [`${kind} UPDATE`, "toleration/template-by-update"],
            [`node-name of ${kind} CREATE`, `node-name/named/${kind}`],
            [`node-name of ${kind} UPDATE`, `node-name/named/${kind}`],
            ...(kind === "Deployment"
                ? []
                : ["CREATE", "UPDATE"].map(operation => [
                      `impostor ${kind} ${operation}`,
                      `gateway-maker/${kind.toLowerCase()}`,
                  ])),
        ]),
    ),
};

const byId = new Map(hostileCases.map(hostile => [hostile.id, hostile]));

function rulesRefusing(guard: AdmissionControl, request: AdmissionRequest): (string | undefined)[] {
    return guard
        .asked(request)
        .filter(bound => guard.ask(bound, request, guard.rootOf(request)).refusals.length > 0)
        .map(({ policy }) => policy.labels[GUARD_RULE_LABEL]);
}

/** What the catalogue has of the rules that C2 stands on, and no way of C2 does. */
const NOT_A_WAY: readonly (readonly [RegExp, string])[] = [
    [/^node-name\/(custom-scheduler|binding-by-controller)$/, "another sender: whoever asks is open"],
    [/^exempt-namespace-creation\/system$/, "another sender: whoever asks is open"],
    [/^gateway-access\/exec-by-deployer$/, "another sender: whoever asks is open"],
    [/^resolver-/, "of the resolver's namespace, from where nothing gets onto a gateway node: C6 is about it"],
    [/^runtime-class\/selector$/, "a selector lets nothing pass a taint"],
    [
        /^node\/(unlabel|label-|kubelet-labels|registered-)/,
        "moves the gateway, to a node whose account and tag it is not: nothing else comes to run on a gateway node",
    ],
    [
        /^compute-class\/(taint|taint-of-another-effect|label)$/,
        "lures the gateway, as a label does; the nodes have neither its account nor its tag",
    ],
    [/^gateway-pods\//, "the deployer's own template: read among the resources (ownPods.ts)"],
    [
        /^gateway-maker\/(replicaset-scaled|label|label-through-status|address-through-status|dead-owner|deleted)$/,
        "ends or relabels the gateway's own pods, and starts nothing",
    ],
    [/^gateway-owner\/(?!deployment$)/, "no object that has pods: what routes and admits is C4's"],
    [/^gateway-change\/(?!restarted-with-a-change$|bound$)/, "changes no program"],
    [/^gateway-change\/bound$/, "a pod of the gateway, which may run there"],
    [
        /^gateway-access\/(portforward|proxy|service-proxy|admin-port|counters-|kubelet-(mixed-case|port-forward|checkpoint))/,
        "speaks to the gateway, and starts nothing",
    ],
];

/** Whether the product of C2 has the pod that the case creates: its kind, and a toleration of it by which it gets in. */
function inProduct({ request }: HostileCase): boolean {
    if (request.operation !== "create" || request.below !== undefined) {
        return false;
    }
    const { kind } = request.object;
    const root = podRootOf(kind);
    if (root === undefined) {
        return kind === "RuntimeClass" && tolerated(fields((request.object as Fields).scheduling), "runtime-class");
    }
    const pod = root.reduce<Fields>((inner, step) => fields(inner[step]), request.object);
    return tolerated(fields(pod.spec), kind === "Pod" ? "pod" : `${kind} CREATE`);
}

function tolerated({ tolerations }: Fields, id: string): boolean {
    const sent = fieldsList(tolerations).map(one => JSON.stringify(sorted(one)));
    return ways.some(
        way =>
            way.id === id &&
            fieldsList(way.podSpec?.tolerations).length > 0 &&
            fieldsList(way.podSpec?.tolerations).every(one => sent.includes(JSON.stringify(sorted(one)))),
    );
}

function sorted(object: Fields): [string, unknown][] {
    return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("the ways of C2 and the catalogue of attacks", () => {
    it("have for every way a case, and the guard refuses both by the same rule", () => {
        for (const { way, guard } of tries) {
            const hostile = byId.get(ATTACKS[way.id] ?? "");
            assert.ok(hostile !== undefined, `${way.id} (${way.words}) names no attack of the catalogue`);
            const rules = way.requests.flatMap(request => rulesRefusing(guard, request));
            assert.ok(rules.includes(hostile.rule), `${way.id}, ${hostile.id}: ${rules.join()}`);
        }
    });

    it("name no case for a way that C2 does not try", () => {
        const tried = new Set(ways.map(({ id }) => id));
        assert.deepEqual(
            Object.keys(ATTACKS).filter(id => !tried.has(id)),
            [],
        );
    });

    it("have for every case of those rules a way, or the reason why it is none", () => {
        const named = new Set([
            ...Object.values(ATTACKS),
            ...IMPOSTORS.map(({ name }) => `gateway-maker/${name}`),
            ...KUBELET_PATHS.filter(({ runs }) => runs).map(({ name }) => `gateway-access/kubelet-${name}`),
            // Of the three ways to write an account each is tried.
            "compute-class/account-mixed-case",
            "compute-class/account-of-a-priority",
            "gateway-maker/replicaset-by-stranger",
        ]);
        const rules = new Set(Object.values(ATTACKS).map(id => byId.get(id)?.rule));
        const open = hostileCases.filter(
            hostile =>
                rules.has(hostile.rule) &&
                !named.has(hostile.id) &&
                !inProduct(hostile) &&
                !NOT_A_WAY.some(([ids]) => ids.test(hostile.id)),
        );
        assert.deepEqual(
            open.map(({ id }) => id),
            [],
        );
    });

    it("give no reason for a case that is not there", () => {
        assert.deepEqual(
            NOT_A_WAY.filter(([ids]) => !hostileCases.some(({ id }) => ids.test(id))).map(([ids]) => String(ids)),
            [],
        );
    });
});
