import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as readline from "node:readline";
import { RESOLVER_PORTS } from "../../../base/conventions";
import { ensureTool, type ToolName, ToolUnavailableError } from "../../../dev/tools";
import { type Ask } from "./ask";
import { type Reached } from "./internet";
import { type Message, parse } from "./wire";

/**
 * Four network namespaces in a row, each with a way to its neighbours alone:
 *
 *     client ── cluster ── resolver ── internet
 *
 * `cluster` has the cluster's own DNS at two addresses, which is CoreDNS as kubeadm sets it up: one asks the resolver, the other a CoreDNS
 * beside it that forwards everything, for the same attempts without the lock.
 */
export const LOCKED = "10.0.1.1";
export const OPEN = "10.0.1.9";
/** Of the resolver itself, where the cluster's DNS finds it. */
export const RESOLVER = "10.0.2.2";
const OPEN_PORT = 5300;
/** Google's metadata server, and a company's own. */
export const UPSTREAM = "169.254.169.254";
export const COMPANY = "10.0.3.53";
/** The domain that a tunnel would use, with its server behind the public resolver. */
export const TUNNEL = "t.canary.example";
export const TUNNEL_PORT = 5399;

const ROOT = path.join(__dirname, "../../..");

const SETUP = `
set -e
mount -t tmpfs none /run
mkdir -p /run/netns
for name in client cluster resolver internet; do ip netns add $name; ip -n $name link set lo up; done
join() { ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"; ip -n "$1" link set dev "$2" up; ip -n "$3" link set dev "$4" up; }
join client right cluster left
join cluster right resolver left
join resolver right internet left
ip -n client address add 10.0.1.2/24 dev right
ip -n cluster address add ${LOCKED}/24 dev left
ip -n cluster address add ${OPEN}/24 dev left
ip -n cluster address add 10.0.2.1/24 dev right
ip -n resolver address add ${RESOLVER}/24 dev left
ip -n resolver address add 10.0.3.1/24 dev right
ip -n resolver route add ${UPSTREAM} via ${COMPANY}
ip -n internet address add ${COMPANY}/24 dev left
ip -n internet address add ${UPSTREAM}/32 dev lo
echo ready
exec sleep infinity
`;

/** What kubeadm sets up (kubernetes/kubernetes, \`cmd/kubeadm/app/phases/addons/dns/manifests.go\`), with one Service in place of an API server's. */
function clusterDns(address: string, asked: string): string {
    return `.:53 {
    bind ${address}
    errors
    template IN A ledger.payments.svc.cluster.local {
        answer "{{ .Name }} 5 IN A 10.8.0.20"
    }
    template ANY ANY cluster.local {
        rcode NXDOMAIN
    }
    forward . ${asked} {
        max_concurrent 1000
    }
    cache 30
}
`;
}

export type NamespaceName = "client" | "cluster" | "resolver" | "internet";

/** Skips where the machine lacks a part, but for CI, where that is a failure. */
export async function toolOrSkip(context: Mocha.Context, name: ToolName): Promise<string> {
    try {
        return (await ensureTool(name)).path;
    } catch (error) {
        if (error instanceof ToolUnavailableError && process.env["CI"] !== "true") {
            context.skip();
        }
        throw error;
    }
}

export class Lab {
    private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "resolver-"));
    private readonly answerers = new Map<string, Answerer>();
    private readonly children: ChildProcess[] = [];
    private resolver: ChildProcess | undefined;
    private said = "";

    private constructor(
        private readonly coredns: string,
        private readonly host: ChildProcess,
    ) {}

    static async start(coredns: string, corefile: string): Promise<Lab> {
        const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
        const host = spawn("unshare", [...asUser, "--net", "--mount", "sh", "-c", SETUP], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        await line(host);
        const lab = new Lab(coredns, host);
        await lab.add("internet", "internet.ts", {
            servers: [UPSTREAM, COMPANY],
            tunnel: { domain: TUNNEL, port: TUNNEL_PORT },
        });
        await lab.add("client", "ask.ts");
        await lab.add("cluster", "ask.ts");
        lab.startCoredns(
            "cluster",
            "cluster",
            `${clusterDns(LOCKED, `${RESOLVER}:${RESOLVER_PORTS.dns}`)}${clusterDns(OPEN, `${RESOLVER}:${OPEN_PORT}`)}`,
        );
        lab.startCoredns("resolver", "open", `.:${OPEN_PORT} {\n    cache\n    forward . ${UPSTREAM}\n}\n`);
        await lab.startResolver(corefile);
        await lab.isAnswered(OPEN, 53, "client");
        return lab;
    }

    /** In place of the one that runs, with nothing cached. */
    async startResolver(corefile: string): Promise<void> {
        await this.stopResolver();
        this.said = "";
        this.resolver = this.startCoredns("resolver", "resolver", corefile);
        const keep = (data: unknown): string => (this.said += String(data));
        this.resolver.stdout!.on("data", keep);
        this.resolver.stderr!.on("data", keep);
        await this.isAnswered(RESOLVER, RESOLVER_PORTS.dns, "cluster");
        await this.reached();
    }

    async stopResolver(): Promise<void> {
        const child = this.resolver;
        if (child === undefined) {
            return;
        }
        this.resolver = undefined;
        const ended = new Promise(resolve => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
    }

    /** What the resolver has written. */
    log(): string {
        return this.said;
    }

    /** Whether it has written this, or does so soon: it logs a query when it has answered it. */
    async logged(text: string): Promise<boolean> {
        for (let attempt = 0; attempt < 20 && !this.said.includes(text); attempt += 1) {
            await new Promise(resolve => setTimeout(resolve, 100));
        }
        return this.said.includes(text);
    }

    /** What a path of the resolver's metrics says now. */
    metrics(): Promise<string> {
        const child = this.spawn("resolver", "curl", ["-s", `http://127.0.0.1:${RESOLVER_PORTS.metrics}/metrics`]);
        let body = "";
        child.stdout!.on("data", data => (body += String(data)));
        return new Promise(resolve => child.on("close", () => resolve(body)));
    }

    async ask(from: "client" | "cluster", asks: readonly Ask[]): Promise<(Message | undefined)[]> {
        const said = (await this.answerers.get(from)!.ask(asks)) as (string | null)[];
        return said.map(hex => (hex === null ? undefined : parse(Buffer.from(hex, "hex"))));
    }

    /** What has reached a server beyond the resolver since this was last asked. */
    async reached(): Promise<(Omit<Reached, "hex"> & Message)[]> {
        const reached = (await this.answerers.get("internet")!.ask({})) as Reached[];
        return reached.map(({ hex, ...rest }) => ({ ...rest, ...parse(Buffer.from(hex, "hex")) }));
    }

    /** A process in a namespace. It ends with the lab. */
    spawn(namespace: NamespaceName, file: string, args: readonly string[]): ChildProcess {
        const inside = ["--target", String(this.host.pid), "--mount", "--net", `--wd=${ROOT}`];
        const asUser = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
        const child = spawn("nsenter", [...inside, ...asUser, "ip", "netns", "exec", namespace, file, ...args], {
            stdio: "pipe",
        });
        this.children.push(child);
        return child;
    }

    stop(): void {
        [...this.children, this.host].forEach(child => child.kill("SIGKILL"));
        fs.rmSync(this.folder, { recursive: true, force: true });
    }

    private startCoredns(namespace: NamespaceName, name: string, corefile: string): ChildProcess {
        const file = path.join(this.folder, name);
        fs.writeFileSync(file, corefile);
        return this.spawn(namespace, this.coredns, ["-conf", file]);
    }

    private async add(namespace: NamespaceName, script: string, options?: unknown): Promise<void> {
        const child = this.spawn(namespace, process.execPath, [
            "dev/run.cjs",
            path.join(__dirname, script),
            JSON.stringify(options ?? {}),
        ]);
        child.stderr!.pipe(process.stderr);
        this.answerers.set(namespace, await Answerer.of(child));
    }

    private async isAnswered(server: string, port: number, from: "client" | "cluster"): Promise<void> {
        const root = Buffer.from("000001000001000000000000", "hex");
        const hex = Buffer.concat([root, Buffer.from("0000020001", "hex")]).toString("hex");
        for (let attempt = 0; attempt < 40; attempt += 1) {
            const [said] = await this.ask(from, [{ server, port, transport: "udp", hex }]);
            if (said !== undefined) {
                return;
            }
            await new Promise(resolve => setTimeout(resolve, 250));
        }
        throw new Error(`${server}:${port} does not answer: ${this.said}`);
    }
}

/** A script that answers each line with a line. */
class Answerer {
    private constructor(
        private readonly child: ChildProcess,
        private readonly lines: AsyncIterator<string>,
    ) {}

    static async of(child: ChildProcess): Promise<Answerer> {
        const answerer = new Answerer(
            child,
            readline.createInterface({ input: child.stdout! })[Symbol.asyncIterator](),
        );
        await answerer.answer();
        return answerer;
    }

    ask(question: unknown): Promise<unknown> {
        this.child.stdin!.write(`${JSON.stringify(question)}\n`);
        return this.answer();
    }

    private async answer(): Promise<unknown> {
        const { value, done } = await this.lines.next();
        if (done === true) {
            throw new Error("a process of the lab ended before it answered");
        }
        return JSON.parse(value as string) as unknown;
    }
}

function line(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
        child.stdout!.once("data", () => resolve());
        child.once("exit", code => reject(new Error(`the namespaces could not be made (${code})`)));
    });
}
