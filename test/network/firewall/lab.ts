import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { type Probe, type ProbeResult } from "./probe";

/**
 * Runs inside a network and mount namespace of its own, so that nothing leaves and nothing is left behind. Two machines, the network
 * between them, and the internet are four more namespaces, joined by veth pairs:
 *
 *     one ─┐
 *          ├─ vpc ── internet
 *     two ─┘
 *
 * Reads scenarios as lines of JSON and answers each with a line. It executes what it is given and decides nothing.
 */
export interface Scenario {
    /** nftables script of the network: NAT, and what the internet gateway drops. */
    readonly vpc: string;
    readonly machines: readonly Machine[];
}

export interface Machine {
    readonly name: "one" | "two";
    /** nftables script of the machine's own interface: the VPC firewall. */
    readonly firewall: string;
    /** Addresses of the machine, without prefix length. */
    readonly addresses: readonly string[];
    /** Destinations that it has a route for. */
    readonly routes: readonly string[];
    readonly probes: readonly Probe[];
}

/** What the internet has, set before the first scenario. */
export interface LabOptions {
    readonly publicAddresses: readonly string[];
    readonly tcpPorts: readonly number[];
    readonly udpPorts: readonly number[];
    /** Addresses of the network's own that replies come back to. */
    readonly translated: readonly string[];
}

const GATEWAY4 = "169.254.1.1";
const GATEWAY6 = "fe80::1";
const MACS = {
    one: "02:00:00:00:00:01",
    two: "02:00:00:00:00:02",
    vpc: "02:00:00:00:00:fe",
    internet: "02:00:00:00:00:ff",
};
const MACHINES = ["one", "two"] as const;

/** Runs the lines of each family in order. IPv6 are those that begin with "-6" or hold an IPv6 address, all of which have "::" here. */
function ip(namespace: string, ...lines: readonly string[]): void {
    const version6 = lines.filter(line => line.startsWith("-6 ") || line.includes("::"));
    for (const [family, batch] of [
        ["-4", lines.filter(line => !version6.includes(line))],
        ["-6", version6.map(line => line.replace(/^-6 /, ""))],
    ] as const) {
        if (batch.length > 0) {
            const input = `${batch.join("\n")}\n`;
            execFileSync("ip", [family, "-n", namespace, "-batch", "-"], {
                input,
                stdio: ["pipe", "inherit", "inherit"],
            });
        }
    }
}

function nft(namespace: string, script: string): void {
    execFileSync("ip", ["netns", "exec", namespace, "nft", "-f", "-"], {
        input: script,
        stdio: ["pipe", "inherit", "inherit"],
    });
}

function sysctl(namespace: string, name: string, value: string): void {
    execFileSync("ip", ["netns", "exec", namespace, "sh", "-c", `echo ${value} > /proc/sys/net/${name}`], {
        stdio: "inherit",
    });
}

function build({ publicAddresses, translated }: LabOptions): void {
    fs.mkdirSync("/run/netns", { recursive: true });
    for (const namespace of [...MACHINES, "vpc", "internet"]) {
        execFileSync("ip", ["netns", "add", namespace]);
        ip(namespace, "link set lo up");
    }
    for (const [end, other, mac, otherMac] of [
        ["one", "vpc", MACS.one, MACS.vpc],
        ["two", "vpc", MACS.two, MACS.vpc],
        ["internet", "vpc", MACS.internet, MACS.vpc],
    ] as const) {
        execFileSync("ip", [
            "link",
            "add",
            "eth0",
            "netns",
            end,
            "address",
            mac,
            "type",
            "veth",
            "peer",
            "name",
            end,
            "netns",
            other,
            "address",
            otherMac,
        ]);
    }
    sysctl("vpc", "ipv4/ip_forward", "1");
    sysctl("vpc", "ipv6/conf/all/forwarding", "1");
    for (const namespace of [...MACHINES, "vpc", "internet"]) {
        sysctl(namespace, "ipv4/conf/all/rp_filter", "0");
        // A refusal that is held back looks like a packet that is lost, and costs a timeout.
        sysctl(namespace, "ipv4/icmp_ratelimit", "0");
        sysctl(namespace, "ipv6/icmp/ratelimit", "0");
    }
    ip("vpc", ...["one", "two", "internet"].map(link => `link set ${link} up`));
    MACHINES.forEach(machine => ip(machine, "link set eth0 up"));
    ip(
        "internet",
        "link set eth0 up",
        `neigh replace ${GATEWAY4} lladdr ${MACS.vpc} dev eth0 nud permanent`,
        `neigh replace ${GATEWAY6} lladdr ${MACS.vpc} dev eth0 nud permanent`,
        ...publicAddresses.map(
            address => `address add ${address}/${address.includes(":") ? "128 nodad" : "32"} dev lo`,
        ),
        ...translated.map(address => `route add ${address} via ${GATEWAY4} dev eth0 onlink`),
        `route add default via ${GATEWAY6} dev eth0 onlink`,
    );
    ip(
        "vpc",
        `address add 169.254.1.9/32 dev internet`,
        `neigh replace 169.254.1.2 lladdr ${MACS.internet} dev internet nud permanent`,
        `neigh replace fe80::2 lladdr ${MACS.internet} dev internet nud permanent`,
        "route add default via 169.254.1.2 dev internet onlink",
        "route add default via fe80::2 dev internet onlink",
    );
}

/** Undoes the scenario before and sets up this one. */
function arrange({ vpc, machines }: Scenario): void {
    nft("vpc", `flush ruleset\n${vpc}`);
    for (const { name, firewall, addresses, routes } of machines) {
        const mac = MACS[name];
        ip("vpc", `route flush dev ${name}`, `-6 route flush dev ${name}`);
        ip(
            name,
            "address flush dev eth0",
            "-6 address flush dev eth0",
            "route flush dev eth0",
            "-6 route flush dev eth0",
        );
        ip(
            name,
            ...addresses.map(
                address => `address add ${address}/${address.includes(":") ? "128 nodad" : "32"} dev eth0`,
            ),
            // Neighbours are fixed: address resolution is no business of a VPC firewall. They went with the last address.
            ...[GATEWAY4, GATEWAY6].map(
                gateway => `neigh replace ${gateway} lladdr ${MACS.vpc} dev eth0 nud permanent`,
            ),
        );
        ip(
            "vpc",
            ...addresses.flatMap(address => [
                `route replace ${address} dev ${name}`,
                `neigh replace ${address} lladdr ${mac} dev ${name} nud permanent`,
            ]),
        );
        ip(
            name,
            ...routes
                .filter(route => !route.includes(":") || addresses.some(address => address.includes(":")))
                .map(route =>
                    route.includes(":")
                        ? `route replace ${route} via ${GATEWAY6} dev eth0 onlink`
                        : `route replace ${route} via ${GATEWAY4} dev eth0 onlink`,
                ),
        );
        nft(name, `flush ruleset\n${firewall}`);
    }
}

/** A script in a namespace that answers each line with a line. */
class Answerer {
    private readonly lines: AsyncIterator<string>;

    private constructor(private readonly child: ChildProcess) {
        this.lines = readline.createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    }

    static async start(namespace: string, script: string, options: unknown): Promise<Answerer> {
        const repository = path.join(__dirname, "../../..");
        const child = spawn(
            "ip",
            [
                "netns",
                "exec",
                namespace,
                process.execPath,
                "dev/run.cjs",
                path.join(__dirname, script),
                JSON.stringify(options),
            ],
            { cwd: repository, stdio: ["pipe", "pipe", "inherit"] },
        );
        const answerer = new Answerer(child);
        await answerer.answer();
        return answerer;
    }

    async ask(question: unknown): Promise<unknown> {
        this.child.stdin!.write(`${JSON.stringify(question)}\n`);
        return this.answer();
    }

    end(): void {
        this.child.stdin!.end();
    }

    private async answer(): Promise<unknown> {
        const { value, done } = await this.lines.next();
        if (done === true) {
            throw new Error("a helper of the lab ended before it answered");
        }
        return JSON.parse(value as string) as unknown;
    }
}

async function main(options: LabOptions): Promise<void> {
    build(options);
    const internet = await Answerer.start("internet", "farSide.ts", options);
    const probers = new Map<string, Answerer>();
    for (const machine of MACHINES) {
        probers.set(machine, await Answerer.start(machine, "probe.ts", {}));
    }
    process.stdout.write('"ready"\n');
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const scenario = JSON.parse(line) as Scenario;
        arrange(scenario);
        const results = await Promise.all(
            scenario.machines.map(({ name, probes }) => probers.get(name)!.ask(probes) as Promise<ProbeResult[]>),
        );
        process.stdout.write(`${JSON.stringify(results)}\n`);
    }
    [internet, ...probers.values()].forEach(answerer => answerer.end());
}

if (process.argv[1] === __filename) {
    void main(JSON.parse(process.argv[2]!) as LabOptions);
}
