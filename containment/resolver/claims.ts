import { counted, firstOf } from "../../base/words";
import { GOOGLE_METADATA_HOST, isWildcard } from "../../base/conventions";
import { registeredAs } from "../../declared/component";
import { MESH } from "../../declared/mesh";
import { PLATFORM } from "../../declared/platform";
import { RESOLVER, type ResolverInputs } from "../../declared/resolver";
import { type Fact, untold } from "../../declared/fact";
import { type KubernetesObject, opaqueInstallers } from "../kubernetes";
import { type Resource } from "../resource";
import { type Claim, type ClaimSet, type Lock, type Result, type Witness } from "../verdict";
import { type World } from "../world/world";
import { type Undeclared } from "./configuration";
import { type Deployed, deployedResolver, namesWitness } from "./deployed";
import { otherResolvers, tenantMoves } from "./tenants";

const STATEMENT = "No name but the declared ones is resolved for client workloads.";

/** Whether a stack registers the DNS lock, and so makes the claim. */
export function locksDns(resources: readonly Resource[]): boolean {
    return registeredAs(RESOLVER, resources).some(resolver => {
        const lock = resolver.read("lock");
        return !lock.known || lock.value === "enforce";
    });
}

/** Claim C6, with the locks that hold it, and what names can carry all the same (R1). */
export function resolverClaims(world: World): ClaimSet {
    const declared = declaredResolver(world);
    if (declared === undefined || !declared.known) {
        const reasons = declared?.reasons ?? [
            "no resolver is given that knows the declared names alone (`dns.lock: enforce`): the cluster's DNS asks the servers of its node",
        ];
        return {
            claims: [claim({ result: "unknown", witnesses: [], reasons })],
            locks: [],
            assumptions: [],
            residualRisks: withoutLock(world),
        };
    }
    const findings = decide(world, declared.value);
    return {
        claims: [claim(findings)],
        get locks() {
            return locks(world, declared.value, findings.deployed);
        },
        assumptions: assumptions(world, declared.value),
        residualRisks: findings.result === "holds" ? withLock(declared.value) : withoutLock(world),
    };
}

interface Findings {
    readonly result: Result;
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
}

function claim(findings: Findings): Claim {
    const { result, witnesses, reasons } = findings;
    return { id: "C6", statement: STATEMENT, result, witnesses, reasons };
}

/** The resolver of the gateway's cluster; undefined where none enforces. */
export function declaredResolver({ resources }: Pick<World, "resources">): Fact<ResolverInputs> | undefined {
    const enforced = registeredAs(RESOLVER, resources)
        .map(resolver => resolver.readAll("lock", "namespace", "address", "clusterDns", "hosts", "zones", "upstreams"))
        .filter(fact => !fact.known || fact.value.lock === "enforce");
    return enforced.length > 1
        ? untold("several stacks register a resolver, and a cluster's DNS asks one")
        : enforced[0];
}

function decide(world: World, declared: ResolverInputs): Findings & { readonly deployed: Deployed } {
    const deployed = deployedResolver(world.objects, declared);
    const clusters = registeredAs(PLATFORM, world.resources).map(platform => platform.read("cluster"));
    if (clusters.some(cluster => cluster.known && cluster.value.dns === "cloud-dns")) {
        const reasons = [
            "the platform says `cloud-dns`: pods ask the metadata server of their node, and nothing can be put in front of it",
        ];
        return { result: "unknown", witnesses: [], reasons, deployed };
    }
    const parts = [
        deployed,
        configured(deployed, declared),
        undeclaredHosts(world, declared),
        otherResolvers(world, declared),
        tenantMoves(world, declared),
    ];
    const witnesses = parts.flatMap(part => part.witnesses);
    const reasons = [...new Set(parts.flatMap(part => part.reasons))];
    return {
        result: witnesses.length > 0 ? "violated" : reasons.length > 0 ? "unknown" : "holds",
        ...{ witnesses, reasons, deployed },
    };
}

/** What the resolver's configuration asks, against what it is declared to ask. */
function configured(
    { configuration, way, resources }: Deployed,
    declared: ResolverInputs,
): Pick<Findings, "witnesses" | "reasons"> {
    if (configuration === undefined) {
        return { witnesses: [], reasons: [] };
    }
    const servers = [...declared.upstreams, ...declared.zones.flatMap(({ nameservers }) => nameservers)];
    const strangers = configuration.servers.filter(server => !servers.includes(server));
    const found = configuration.undeclared(declared);
    const resource = resources.at(-1);
    const witness = ({ query, block, nameDeclared }: Undeclared): Witness =>
        namesWitness(
            query.name.slice(0, -1),
            query.type,
            [
                ...way,
                {
                    at: "resolver's configuration",
                    decision: `${block} asks a server for it${nameDeclared ? `, ${inWords(query)}` : ""}`,
                    ...(resource === undefined ? {} : { resource }),
                    decides: true,
                },
            ],
            `answer it in that block, or declare it: a destination, or \`dns.zones\``,
        );
    // One for each block shows it: a block that is open is open for every name.
    const certain = onePerBlock(found.filter(each => each.certain));
    const doubtful = onePerBlock(found.filter(each => !each.certain));
    return {
        witnesses: certain.map(witness),
        reasons: [
            ...configuration.doubts,
            ...strangers.map(server => `the resolver asks ${server}, which it does not declare`),
            ...doubtful.map(
                ({ query, block }) =>
                    `whether ${block} asks a server for ${query.name.slice(0, -1)} (${query.type}) is not known`,
            ),
        ],
    };
}

function inWords({ class: queryClass, opcode, size }: Undeclared["query"]): string {
    return queryClass !== "IN"
        ? `in class ${queryClass}`
        : opcode !== "0"
          ? `in a message of kind ${opcode}`
          : `with whatever stands in the message beside the question (${size} bytes more than the name)`;
}

function onePerBlock(found: readonly Undeclared[]): readonly Undeclared[] {
    return [
        ...new Map(found.map(each => [`${each.block} ${String(each.nameDeclared)}`, each] as const).reverse()).values(),
    ];
}

/** A host that the resolver was told, and that nobody may use. */
function undeclaredHosts({ resources }: World, { hosts }: ResolverInputs): Pick<Findings, "witnesses" | "reasons"> {
    const facts = registeredAs(MESH, resources).map(mesh => mesh.read("destinations"));
    const destinations = facts.flatMap(fact => (fact.known ? fact.value : [])).map(({ host }) => host.toLowerCase());
    const expected = new Set([GOOGLE_METADATA_HOST, ...destinations.filter(host => !isWildcard(host))]);
    const reasons = facts.flatMap(fact => (fact.known ? [] : fact.reasons));
    const others = hosts.filter(host => !expected.has(host));
    return {
        witnesses:
            reasons.length > 0
                ? []
                : others.map(host =>
                      namesWitness(
                          host,
                          undefined,
                          [{ at: "resolver", decision: "is told of a host that is no destination", decides: true }],
                          `declare ${host}, or take it out of the resolver`,
                      ),
                  ),
        reasons,
    };
}

function locks(world: World, declared: ResolverInputs, { resources }: Deployed): Lock[] {
    const without = (belongs: (object: KubernetesObject) => boolean): Lock["without"] => ({
        C6: decide({ ...world, objects: world.objects.filter(object => !belongs(object)) }, declared).result,
    });
    const isAdmission = ({ kind }: KubernetesObject): boolean => /^ValidatingAdmissionPolicy(?:Binding)?$/.test(kind);
    const isPolicy = ({ kind, group }: KubernetesObject): boolean =>
        kind === "NetworkPolicy" && group === "networking.k8s.io";
    return [
        {
            lock: "DNS lock",
            description: `the cluster's DNS asks a resolver that knows ${counted(declared.hosts.length, "name")} and ${counted(declared.zones.length, "zone")}`,
            resources,
            without: without(({ urn }) => resources.includes(urn)),
        },
        {
            lock: "network policies",
            description: "",
            resources: [],
            without: without(isPolicy),
        },
        {
            lock: "admission guard",
            description: "the API server refuses objects with which a tenant would become part of the gateway",
            resources: world.objects.filter(isAdmission).map(({ urn }) => urn),
            without: without(isAdmission),
        },
    ];
}

function assumptions({ resources }: World, { clusterDns, namespace }: ResolverInputs): string[] {
    return [
        `The cluster's DNS is what ConfigMap ${clusterDns.namespace}/${clusterDns.name} says, answers cluster names itself, and runs the image that it came with; the resolver's image is CoreDNS.`,
        ...opaqueInstallers(resources).map(
            ({ urn, chart }) =>
                `What ${urn} installs (${chart}) is no resolver that clients reach, and changes nothing in ${namespace}: its objects are not shown.`,
        ),
    ];
}

function withoutLock({ resources, networks }: World): string[] {
    if (networks.length === 0) {
        return [];
    }
    return [
        resources.some(({ type }) => /^gcp:dns\/responsePolicy:/.test(type))
            ? "R1: names that the DNS response policy lets through are resolved outside, and a query name can carry data."
            : "R1: the cluster's resolver asks the internet, and a query name can carry data: no DNS response policy is among the given resources, and no firewall sees it.",
    ];
}

/** What names can carry with the lock. */
function withLock({ zones }: ResolverInputs): string[] {
    const names = zones.map(({ name }) => name);
    return [
        "R1: pods outside the client namespaces, and node processes, still ask the metadata server for any name, and a pod there can relay what a client tells it: close port 53 of 169.254.169.254 for those namespaces too.",
        ...(names.length === 0
            ? []
            : [`R1: any text in front of ${firstOf(names, 6)} is asked of whoever answers for that domain.`]),
        "R1: which declared names are asked, and when, is a signal as well.",
    ];
}
