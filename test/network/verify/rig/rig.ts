import { type ChildProcess, spawn } from "node:child_process";
import { promises as dns } from "node:dns";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { type Plan } from "../../../../plan/offline";
import { type Resource } from "../../../../containment/resource";
import { type EgressOutputs } from "../../../../contract/egress";
import { ensureTool } from "../../../../dev/tools";
import { type Cluster, startCluster } from "../../../cluster/harness/cluster";
import { succeeded, writeKubeconfig } from "../../../cluster/harness/api";
import { variant } from "../../../program/variant";
import { until } from "../../../cluster/harness/processes";
import { NodeAgent, writeJson } from "./agent";
import { authority, type Authority } from "./certificates";
import { addressesOf, internetServers, STRANGERS } from "./farSides";
import { gatewayEnvoy } from "./gatewayEnvoy";
import { poolsOfNodes, type RigGateway, rigGateways } from "./gateways";
import { withoutLocks } from "./locks";
import { enforceNetworkPolicies, type PolicedPod } from "./networkPolicies";
import { configureNodes, enforcePerimeter, firewallCounts } from "./perimeter";
import { sidecarEnvoy, virtualAddresses } from "./sidecarEnvoy";
import {
    addPod,
    buildNetwork,
    CONTROL_PLANE,
    INFRASTRUCTURE,
    METADATA,
    NODES,
    PRIVATE_SERVICE,
    RESOLVER,
    SERVICES,
} from "./topology";

const ROOT = path.resolve(__dirname, "..", "..", "..", "..");
/** The image that the rig's registry has. What is in it is what is on the machine. */
const PROBE_IMAGE = "registry.test/probe:1";

export interface VerifyRun {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** `source destination port protocol` of everybody who got to the internet meanwhile. */
    readonly visitors: readonly string[];
    /** Packets that each firewall rule saw meanwhile. */
    readonly firewall: Readonly<Record<string, number>>;
}

/**
 * The dev stack's plan, realised: its perimeter as packet filter, routes and NAT between network namespaces, its Kubernetes
 * objects in a real API server, its mesh objects as the configuration of real Envoys, and an internet behind it all. The
 * process has to be alone in its network, mount and process namespaces.
 */
export class Rig {
    private readonly children: ChildProcess[] = [];
    private removed: readonly string[] = [];
    private clusterDns: ChildProcess | undefined;

    private constructor(
        private readonly folder: string,
        private readonly plan: Plan,
        private readonly gateways: readonly RigGateway[],
        private readonly cluster: Cluster,
        private readonly mesh: Authority,
        private readonly publicAuthority: Authority,
        private readonly envoy: string,
        private readonly agent: { current?: NodeAgent },
    ) {}

    /** @param settings of the dev stack that are others */
    static async start(settings: Readonly<Record<string, unknown>>): Promise<Rig> {
        // Not below /tmp, which every container has to itself.
        const folder = fs.mkdtempSync("/run/egress-gateway-rig-");
        fs.chmodSync(folder, 0o755);
        const { plan } = await variant(settings);
        const outputs = plan.outputs as unknown as EgressOutputs;
        const [mesh, publicAuthority, others] = ["mesh", "public", "others"].map(name => authority(folder, name)) as [
            Authority,
            Authority,
            Authority,
        ];
        buildNetwork([...addressesOf(outputs).values(), STRANGERS.address, STRANGERS.resolver, STRANGERS.ipv6]);
        const resolver = resolverOf(plan);
        const gateways = rigGateways(plan.resources);
        configureNodes(gateways, resolver?.address);
        // The cache is its owner's alone, and proxies run as user 1337.
        const envoy = path.join(folder, "envoy");
        fs.copyFileSync((await ensureTool("envoy")).path, envoy);
        fs.chmodSync(envoy, 0o755);
        // Started after the network, whose default route it uses, and on loopback.
        const namespaces = [
            ...gateways.map(({ namespace }) => namespace),
            ...["istio-system", "payments", "orders", "kube-system"],
        ];
        const cluster = await startCluster(
            [],
            resolver === undefined ? namespaces : [...namespaces, resolver.namespace],
        );
        const rig = new Rig(folder, plan, gateways, cluster, mesh, publicAuthority, envoy, {});
        rig.serve(outputs, others);
        await rig.serveNames();
        await rig.fillCluster();
        await rig.setLocks([]);
        rig.startAgent();
        await rig.startGateways();
        return rig;
    }

    /** The plan without the locks that are away at the moment. */
    resources(): readonly Resource[] {
        return withoutLocks(this.plan.resources, this.removed);
    }

    /** Makes the world what the plan would make it without these locks. */
    async setLocks(removed: readonly string[]): Promise<void> {
        const before = this.removed;
        this.removed = removed;
        const resources = this.resources();
        enforcePerimeter(resources);
        await this.startClusterDns();
        await this.setTaints(resources);
        if (this.agent.current !== undefined) {
            await this.configureGateways();
            this.agent.current.enforcePolicies();
        }
        if (
            before.includes("admission guard") !== removed.includes("admission guard") ||
            this.agent.current === undefined
        ) {
            await this.setGuard(!removed.includes("admission guard") && this.agent.current !== undefined);
        }
    }

    /** Runs the real command in the control plane's place. */
    async verify(args: readonly string[], interruptAfter?: string): Promise<VerifyRun> {
        const visitors = path.join(this.folder, "visitors");
        fs.writeFileSync(visitors, "");
        const countsBefore = firewallCounts();
        const child = spawn(
            process.execPath,
            [
                path.join(ROOT, "dev", "run.cjs"),
                path.join(ROOT, "cli", "main.ts"),
                "verify",
                "--stack",
                "dev",
                "--plan",
                "--kubeconfig",
                path.join(this.folder, "kubeconfig.json"),
                ...args,
            ],
            { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
        );
        let [stdout, stderr] = ["", ""];
        if (process.env["RIG_VERBOSE"] !== undefined) {
            child.stdout.pipe(process.stdout);
            child.stderr.pipe(process.stderr);
        }
        let interrupted = false;
        const heard = (): void => {
            if (interruptAfter !== undefined && !interrupted && (stdout + stderr).includes(interruptAfter)) {
                interrupted = true;
                child.kill("SIGINT");
            }
        };
        child.stdout.on("data", chunk => ((stdout += chunk), heard()));
        child.stderr.on("data", chunk => ((stderr += chunk), heard()));
        const code = await new Promise<number | null>(resolve => child.once("close", resolve));
        const counts = firewallCounts();
        return {
            code,
            stdout,
            stderr,
            visitors: fs
                .readFileSync(visitors, "utf8")
                .split("\n")
                .filter(line => line !== ""),
            firewall: Object.fromEntries(
                [...counts].map(([rule, packets]) => [rule, packets - (countsBefore.get(rule) ?? 0)]),
            ),
        };
    }

    /** Names of everything in the cluster that a run of verify made. */
    async leftovers(): Promise<string[]> {
        const lists = await Promise.all(
            ["pods", "serviceaccounts", "namespaces"].map(kind =>
                this.cluster.api.request("GET", `/api/v1/${kind}?labelSelector=egress-gateway/verify`),
            ),
        );
        return lists.flatMap(({ body }) =>
            (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name),
        );
    }

    /** For tests of bad input: whatever the API server is asked. */
    async request(
        method: string,
        requestPath: string,
        body?: unknown,
        contentType?: string,
    ): Promise<{ status: number; body: unknown }> {
        const { status, body: answer } = await this.cluster.api.request(
            method,
            requestPath,
            body,
            contentType === undefined ? {} : { contentType },
        );
        return { status, body: answer };
    }

    async stop(): Promise<void> {
        this.agent.current?.stop();
        this.children.forEach(child => child.kill("SIGKILL"));
        await this.cluster.stop();
        fs.rmSync(this.folder, { recursive: true, force: true });
    }

    /** Everything that is neither cluster nor perimeter: the internet, the resolver, the private database, the API's address. */
    private serve(outputs: EgressOutputs, others: Authority): void {
        const visitors = path.join(this.folder, "visitors");
        addPod("infrastructure", INFRASTRUCTURE.address, INFRASTRUCTURE.node.name);
        this.program("internet", "internet.ts", {
            servers: internetServers(outputs, this.publicAuthority, others),
            visitors,
        });
        this.program("ledger", "internet.ts", {
            servers: [{ address: PRIVATE_SERVICE.address, port: PRIVATE_SERVICE.port, speaks: "tcp" }],
            visitors: `${visitors}-private`,
        });
        const { port } = this.cluster.connection;
        net.createServer(client => {
            const upstream = net.connect(port, "127.0.0.1");
            client.pipe(upstream).pipe(client);
            for (const socket of [client, upstream]) {
                socket.on("error", () => (client.destroy(), upstream.destroy()));
            }
        }).listen(443, CONTROL_PLANE);
    }

    /** Of a stack with the DNS lock: its resolver, and the metadata server that it asks. */
    private async serveNames(): Promise<void> {
        const resolver = resolverOf(this.plan);
        if (resolver === undefined) {
            return;
        }
        for (const node of METADATA.nodes) {
            const name = `md-${node.name}`;
            addPod(name, METADATA.address, node.name);
            this.program(name, "infrastructure.ts", {
                address: METADATA.address,
                names: this.publicNames,
                capturedNames: {},
            });
        }
        addPod("resolver", RESOLVER.address, RESOLVER.node.name);
        const corefile = path.join(this.folder, "Corefile");
        fs.writeFileSync(corefile, resolver.corefile);
        this.inside("resolver", [(await ensureTool("coredns")).path, "-conf", corefile]);
    }

    /** kube-dns, which asks whom its ConfigMap names, or else the metadata server. Without the DNS lock it knows all names itself. */
    private async startClusterDns(): Promise<void> {
        if (this.clusterDns !== undefined) {
            const ended = once(this.clusterDns, "exit");
            this.clusterDns.kill("SIGKILL");
            await ended;
        }
        const clusterNames = {
            "kubernetes.default.svc.cluster.local": SERVICES.kubernetes,
            "kube-dns.kube-system.svc.cluster.local": SERVICES.dns,
            ...Object.fromEntries(this.gateways.map(({ address, host }) => [host, address])),
        };
        const capturedNames = Object.fromEntries(
            ["payments", "orders"].flatMap(namespace => [...virtualAddresses(this.plan.resources, namespace)]),
        );
        const configured = this.resources().find(({ name }) => name === "kube-system/kube-dns")?.inputs as
            { data: { upstreamNameservers: string } } | undefined;
        const [upstream = METADATA.address] = JSON.parse(configured?.data.upstreamNameservers ?? "[]") as string[];
        this.clusterDns = this.program("infrastructure", "infrastructure.ts", {
            address: INFRASTRUCTURE.address,
            capturedNames,
            ...(resolverOf(this.plan) === undefined
                ? { names: { ...clusterNames, ...this.publicNames } }
                : { names: clusterNames, upstream }),
        });
        // What a proxy fails to resolve when it starts, it asks for again seconds later only.
        const resolver = new dns.Resolver({ timeout: 500, tries: 1 });
        resolver.setServers([INFRASTRUCTURE.address]);
        await until("the cluster's resolver", 60, () =>
            resolver.resolve4("kubernetes.default.svc.cluster.local").then(
                () => true as const,
                () => undefined,
            ),
        );
    }

    private get publicNames(): Readonly<Record<string, string>> {
        return {
            ...Object.fromEntries(addressesOf(this.plan.outputs as unknown as EgressOutputs)),
            [STRANGERS.undeclaredHost]: STRANGERS.address,
        };
    }

    private program(namespace: string, file: string, configuration: object): ChildProcess {
        return this.inside(namespace, [
            process.execPath,
            path.join(ROOT, "dev", "run.cjs"),
            path.join(__dirname, file),
            JSON.stringify(configuration),
        ]);
    }

    private inside(namespace: string, command: readonly string[]): ChildProcess {
        const log = fs.openSync(path.join(this.folder, `${namespace}.log`), "a");
        const child = spawn("ip", ["netns", "exec", namespace, ...command], {
            cwd: ROOT,
            stdio: ["ignore", log, log],
        });
        this.children.push(child);
        return child;
    }

    /** Nodes, accounts, labels, and every object of the plan but the guard, which would refuse the rest. */
    private async fillCluster(): Promise<void> {
        const { api } = this.cluster;
        const token = await this.verifiersToken();
        writeKubeconfig(path.join(this.folder, "kubeconfig.json"), { ...this.cluster.connection, token });
        for (const { metadata } of (await api.request("GET", "/api/v1/nodes")).body.items as {
            metadata: { name: string };
        }[]) {
            await api.request("DELETE", `/api/v1/nodes/${metadata.name}`);
        }
        const poolOf = poolsOfNodes(this.plan.resources);
        for (const node of NODES) {
            const { name } = node;
            const labels = { "kubernetes.io/hostname": name, ...poolOf(node)?.nodeConfig.labels };
            succeeded(
                await api.create({ apiVersion: "v1", kind: "Node", metadata: { name, labels } } as never),
                `node ${name}`,
            );
        }
        for (const namespace of ["payments", "orders"]) {
            await api.request(
                "PATCH",
                `/api/v1/namespaces/${namespace}`,
                { metadata: { labels: { "istio-injection": "enabled" } } },
                { contentType: "application/merge-patch+json" },
            );
        }
        for (const account of ["payments/ledger", "orders/web"]) {
            const [namespace, name] = account.split("/");
            succeeded(
                await api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } }),
                account,
            );
        }
        for (const { inputs, type } of this.plan.resources) {
            if (type.startsWith("kubernetes:") && !type.includes("admissionregistration")) {
                const object = this.withServiceAddress(inputs);
                succeeded(
                    await api.apply(object as never, { force: true, fieldManager: "rig" }),
                    `${type} ${JSON.stringify(inputs["metadata"]).slice(0, 80)}`,
                );
            }
        }
    }

    private withServiceAddress(inputs: Readonly<Record<string, unknown>>): object {
        const { namespace } = inputs["metadata"] as { namespace?: string };
        const gateway = this.gateways.find(one => one.namespace === namespace);
        return inputs["kind"] === "Service" && gateway !== undefined
            ? { ...inputs, spec: { clusterIP: gateway.address, ...(inputs["spec"] as object) } }
            : inputs;
    }

    /** Of an account that has the rights of live/verify/role.yaml and no others. */
    private async verifiersToken(): Promise<string> {
        const { api } = this.cluster;
        const account = { name: "verifier", namespace: "default" };
        const role = parseAllDocuments(fs.readFileSync(path.join(ROOT, "live", "verify", "role.yaml"), "utf8"));
        for (const object of [
            ...role.map(document => document.toJS() as object),
            { apiVersion: "v1", kind: "ServiceAccount", metadata: account },
            {
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind: "ClusterRoleBinding",
                metadata: { name: "verifier" },
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "egress-gateway-verify" },
                subjects: [{ kind: "ServiceAccount", ...account }],
            },
        ]) {
            succeeded(await api.create(object as never), "the verifier's rights");
        }
        const { body } = await api.request("POST", "/api/v1/namespaces/default/serviceaccounts/verifier/token", {
            apiVersion: "authentication.k8s.io/v1",
            kind: "TokenRequest",
            spec: { expirationSeconds: 7200 },
        });
        return (body as { status: { token: string } }).status.token;
    }

    /** As the node pool registers them, on the nodes that stand for it. */
    private async setTaints(resources: readonly Resource[]): Promise<void> {
        const poolOf = poolsOfNodes(resources);
        const effects: Readonly<Record<string, string>> = { NO_EXECUTE: "NoExecute", NO_SCHEDULE: "NoSchedule" };
        for (const node of NODES) {
            const { name } = node;
            const taints = (poolOf(node)?.nodeConfig.taints ?? []).map(({ effect, ...taint }) => ({
                ...taint,
                effect: effects[effect],
            }));
            // A new node is tainted until the node controller finds it ready. The guard lets nobody but the cloud's controller
            // change the mark of a gateway node.
            const as = { user: "system:cloud-controller-manager", groups: ["system:masters"] };
            const answer = await this.cluster.api.request(
                "PATCH",
                `/api/v1/nodes/${name}`,
                { spec: { taints } },
                { as, contentType: "application/merge-patch+json" },
            );
            succeeded(answer, `taints of ${name}`);
        }
    }

    private async setGuard(wanted: boolean): Promise<void> {
        const { api } = this.cluster;
        const objects = this.plan.resources
            .filter(({ type }) => type.includes("admissionregistration"))
            .map(({ inputs }) => inputs as never);
        for (const object of objects) {
            if (wanted) {
                succeeded(await api.apply(object, { force: true, fieldManager: "rig" }), "guard");
            } else {
                await api.delete(object);
            }
        }
        const intruder = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "intruder", namespace: "payments" },
            spec: {
                serviceAccountName: "api",
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "x", image: PROBE_IMAGE }],
            },
        };
        await until(`the guard to be ${wanted ? "there" : "gone"}`, 30, async () => {
            const { status } = await api.create(intruder as never, { dryRun: true });
            return status >= 400 === wanted ? true : undefined;
        });
        // The policies take effect one by one, within a second of each other.
        await new Promise(resolve => setTimeout(resolve, 1500));
    }

    private startAgent(): void {
        const sidecar = (namespace: string, account: string): readonly string[] => {
            const own = this.mesh.issue(`${namespace}.${account}`, [
                `URI:spiffe://cluster.local/ns/${namespace}/sa/${account}`,
            ]);
            const file = writeJson(
                path.join(this.folder, `sidecar-${namespace}-${account}.json`),
                sidecarEnvoy(this.resources(), this.gateways, namespace, own, this.mesh.certificate),
            );
            return this.envoyCommand(file);
        };
        this.agent.current = new NodeAgent(this.cluster.api, {
            folder: this.folder,
            images: new Map([[PROBE_IMAGE, "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]]),
            environment: { CURL_CA_BUNDLE: this.publicAuthority.certificate },
            podsChanged: pods =>
                enforceNetworkPolicies(
                    this.resources(),
                    [...pods, INFRASTRUCTURE_POD, ...resolverPods(this.plan)],
                    NODES.map(({ name }) => name),
                ),
            gateways: this.gateways,
            gatewayCommand: namespace => this.envoyCommand(this.gatewayConfiguration(namespace)),
            sidecarCommand: sidecar,
        });
        this.agent.current.start();
    }

    private envoyCommand(file: string): readonly string[] {
        return [this.envoy, "-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"];
    }

    /** The Deployment controller's and the injector's work: pods of the template, with the proxy's image and arguments. */
    private async startGateways(): Promise<void> {
        this.writeGatewayConfigurations();
        for (const { gateway, name, node } of this.gatewayPods()) {
            const { namespace } = gateway;
            const { metadata, spec } = gateway.template;
            const [container] = spec.containers;
            const pod = {
                apiVersion: "v1",
                kind: "Pod",
                metadata: { ...metadata, name, namespace },
                spec: {
                    ...spec,
                    nodeName: node.name,
                    containers: [
                        {
                            ...container,
                            image: "docker.io/istio/proxyv2:1.30.3",
                            args: ["proxy", "router", "--domain", `${namespace}.svc.cluster.local`],
                        },
                    ],
                },
            };
            succeeded(await this.cluster.api.create(pod as never), name);
        }
        await this.gatewaysAnswer();
        await this.setGuard(true);
    }

    private async configureGateways(): Promise<void> {
        this.writeGatewayConfigurations();
        await this.agent.current!.restartGateways();
        await this.gatewaysAnswer();
    }

    private writeGatewayConfigurations(): void {
        for (const { identity, namespace } of this.gateways) {
            const own = this.resources().filter(
                ({ inputs }) => (inputs["metadata"] as { namespace?: string } | undefined)?.namespace === namespace,
            );
            const configuration = gatewayEnvoy(own, {
                own: this.mesh.issue(namespace, [`URI:${identity}`]),
                meshAuthority: this.mesh.certificate,
                publicAuthority: this.publicAuthority.certificate,
                client: this.publicAuthority.issue("bank-client", ["DNS:client.acme.example"]),
            });
            writeJson(this.gatewayConfiguration(namespace), configuration);
        }
    }

    private gatewayConfiguration(namespace: string): string {
        return path.join(this.folder, `${namespace}.json`);
    }

    private gatewayPods() {
        return this.gateways.flatMap(gateway => gateway.pods.map(pod => ({ ...pod, gateway })));
    }

    private async gatewaysAnswer(): Promise<void> {
        for (const { address, name } of this.gatewayPods()) {
            await until(`the proxy of ${name}`, 60, () => responds(`http://${address}:15090/stats/prometheus`)).catch(
                (error: Error) => {
                    throw new Error(`${error.message}\n${this.log(name)}`);
                },
            );
        }
        // A proxy answers before it has resolved its destinations.
        await new Promise(resolve => setTimeout(resolve, 1000));
    }

    private log(name: string): string {
        const file = path.join(this.folder, name, "log");
        return fs.existsSync(file) ? fs.readFileSync(file, "utf8").slice(-3000) : "it has not started";
    }
}

/** The resolver, which runs without the API server's knowledge. */
const INFRASTRUCTURE_POD = {
    namespace: "kube-system",
    labels: { "k8s-app": "kube-dns" },
    address: INFRASTRUCTURE.address,
    node: INFRASTRUCTURE.node.name,
};

interface Resolver {
    readonly address: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly corefile: string;
}

/** The DNS lock's resolver, where the plan has one. */
function resolverOf({ resources }: Plan): Resolver | undefined {
    const declared = resources.find(({ type }) => type === "egress-gateway:resolver:Resolver")?.inputs as
        Pick<Resolver, "address" | "namespace"> | undefined;
    if (declared === undefined) {
        return undefined;
    }
    const own = <T>(kind: string): T =>
        resources.find(({ name, type }) => type.endsWith(`:${kind}`) && name.startsWith(`${declared.namespace}/`))!
            .inputs as T;
    return {
        ...declared,
        corefile: own<{ data: { Corefile: string } }>("ConfigMap").data.Corefile,
        labels: own<{ spec: { template: { metadata: { labels: Resolver["labels"] } } } }>("Deployment").spec.template
            .metadata.labels,
    };
}

/** It runs without the API server's knowledge, too. */
function resolverPods(plan: Plan): PolicedPod[] {
    const resolver = resolverOf(plan);
    return resolver === undefined
        ? []
        : [{ ...resolver, address: RESOLVER.address, network: "resolver", node: RESOLVER.node.name }];
}

function responds(url: string): Promise<true | undefined> {
    return new Promise(resolve => {
        http.get(url, { timeout: 1000, agent: false }, response => {
            response.resume();
            resolve(response.statusCode === 200 ? true : undefined);
        })
            .on("error", () => resolve(undefined))
            .on("timeout", function (this: http.ClientRequest) {
                this.destroy();
            });
    });
}
