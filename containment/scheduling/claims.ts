import { registeredAs } from "../../declared/component";
import { MESH } from "../../declared/mesh";
import { opaqueInstallers } from "../kubernetes";
import { type Claim, type ClaimSet, type Lock, type Result } from "../verdict";
import { type World } from "../world/world";
import { administratorsIn } from "./administrators";
import { AdmissionControl } from "./admission";
import { decideScheduling, type Given } from "./decide";
import { namespaceClasses } from "./namespaces";
import { type GatewayNodes, gatewayNodes } from "./nodePools";
import { registeredThere } from "./registered";
import { trustOf } from "./trust";

const STATEMENT = "Nothing but the gateway's own pods can come to run on gateway nodes.";

/** Claim C2, with the two locks that hold it: the taint, and the guard on who may tolerate it. */
export function schedulingClaims(world: World): ClaimSet {
    const nodes = gatewayNodes(world);
    if (nodes.pools.length === 0) {
        const reasons = [
            ...nodes.reasons,
            "there is no pool of the gateway among the given resources: of nothing, nothing can be said",
        ];
        const claim: Claim = { id: "C2", statement: STATEMENT, result: "unknown", witnesses: [], reasons };
        return { claims: [claim], locks: [], assumptions: [], residualRisks: [] };
    }
    const situations = situationsIn(world, nodes);
    const { given } = situations;
    const { result, witnesses, reasons } = decideScheduling(given);
    return {
        claims: [{ id: "C2", statement: STATEMENT, result, witnesses, reasons }],
        get locks() {
            return locks(situations);
        },
        assumptions: assumptions(given, opaqueInstallers(world.resources)),
        residualRisks: residualRisks(given),
    };
}

/** What is decided about: what there is, and the same without one of its locks. */
interface Situations {
    readonly given: Given;
    readonly untainted: () => Given;
    readonly unguarded: () => Given;
}

function situationsIn(world: World, nodes: GatewayNodes): Situations {
    const { resources, objects } = world;
    const facts = registeredAs(MESH, resources).map(mesh => mesh.readAll("clientNamespaces", "controlPlaneNamespace"));
    const meshes = facts.flatMap(fact => (fact.known ? [fact.value] : []));
    const clients = meshes.flatMap(({ clientNamespaces }) => clientNamespaces);
    const rootNamespaces = meshes.map(({ controlPlaneNamespace }) => controlPlaneNamespace);
    const { gatewayNamespace } = nodes;
    const trust = trustOf(resources, { gatewayNamespace, rootNamespaces });
    // Whom the guard's own declaration exempts, its owner answers for; a client or the gateway it cannot exempt.
    const exempt = trust.namespaces.filter(name => name !== gatewayNamespace && !clients.includes(name));
    const system = [...rootNamespaces, ...exempt];
    const notRead = facts.flatMap(fact => (fact.known ? [] : fact.reasons));
    const administrators = administratorsIn(objects, trust, clients, system);
    const under = (control: AdmissionControl) => ({
        control,
        ...namespaceClasses(control, objects, clients, { gatewayNamespace, rootNamespaces: system }),
    });
    const on = (its: GatewayNodes) => ({ nodes: its, registered: registeredThere(world, its, system) });
    const given: Given = {
        ...on(nodes),
        ...under(new AdmissionControl(objects)),
        trust,
        rootNamespaces,
        notRead,
        administrators,
    };
    const untainted = { ...nodes, pools: nodes.pools.map(pool => ({ ...pool, taints: [] })) };
    return {
        given,
        untainted: () => ({ ...given, ...on(untainted) }),
        unguarded: () => ({ ...given, ...under(new AdmissionControl(objects, [])) }),
    };
}

function locks({ given, untainted, unguarded }: Situations): Lock[] {
    const { nodes } = given;
    const resultOf = (changed: Given): Result => decideScheduling(changed, undefined, 1).result;
    return [
        {
            lock: "taint of the gateway nodes",
            description:
                "nothing runs there without tolerating the taint; NO_EXECUTE holds for pods that name their node too",
            resources: [...new Set(nodes.pools.filter(({ taints }) => taints.length > 0).map(({ urn }) => urn))],
            without: { C2: resultOf(untainted()) },
        },
        {
            lock: "admission guard",
            description: "the API server refuses objects with which a tenant would become part of the gateway",
            resources: given.control.resources,
            without: { C2: resultOf(unguarded()) },
        },
    ];
}

function assumptions(
    { nodes, trust, administrators }: Given,
    installers: ReturnType<typeof opaqueInstallers>,
): string[] {
    return [
        `Nodes keep the taints and labels that their pools give them (${nodes.pools.map(({ name }) => name).join(", ")}).`,
        "Only administrators create admission policies, node pools, and pods in system namespaces; of RBAC, only given bindings are read.",
        ...(administrators.named.length > 0
            ? [`Those whom given bindings make administrators are meant to be: ${administrators.named.join("; ")}.`]
            : []),
        ...(trust.declared.length > 0
            ? [`The identities that the guard exempts put nothing else on gateway nodes: ${trust.declared.join(", ")}.`]
            : []),
        ...installers.map(
            ({ urn, chart }) =>
                `What ${urn} installs (${chart}) runs nothing on gateway nodes, and changes no admission policy: its objects are not shown.`,
        ),
    ];
}

function residualRisks({ system, registered }: Given): string[] {
    return [
        `R7: system components run on gateway nodes: DaemonSets of GKE, and whatever an administrator puts into ${[...new Set(["kube-system", ...system])].join(", ")}, tolerate every taint${registered.ofSystem.length === 0 ? "" : `; of the given resources, ${registered.ofSystem.join(", ")}`}.`,
        "Whoever is in the break-glass group may enter gateway pods.",
    ];
}
