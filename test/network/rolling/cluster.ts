import { randomInt } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningEnvoy, startEnvoy } from "../envoy";
import { authority } from "../verify/rig/certificates";
import { type Lifecycle } from "./lifecycle";
import { Pod } from "./pod";
import {
    endpointFiles,
    type FarSide,
    gatewayProxy,
    IDENTITIES,
    OUTBOUND_TLS_PORT,
    sidecarProxy,
    TLS_PORT,
} from "./proxies";

/** How long proxies keep listening once they drain, in Istio's own settings (`ProxyConfig.drainDuration`). */
const DRAIN_DURATION_SECONDS = 45;

interface Options {
    readonly folder: string;
    readonly executable: string;
    readonly lifecycle: Lifecycle;
    readonly replicas: number;
    /** Real seconds for one of the model. */
    readonly scale: number;
    /** How late clients learn which pods are ready. */
    readonly pushSeconds: number;
    readonly farSide: FarSide;
}

/**
 * The gateway's Deployment behind its Service, and one client's sidecar. Real are the proxies and what goes through them. The model is
 * of the rest: controllers that replace pods as the objects say, and an istiod that gives the sidecar the pods that are ready, late.
 */
export class GatewayCluster {
    /** A network of loopback addresses of its own, so that every pod has the same ports. */
    private readonly network = `127.${randomInt(1, 255)}.${randomInt(256)}`;
    readonly sidecar = `${this.network}.1`;
    private readonly mesh;
    private readonly pods: Pod[] = [];
    private readonly envoys: RunningEnvoy[] = [];
    private version = 0;

    constructor(private readonly options: Options) {
        this.mesh = authority(options.folder, "mesh");
    }

    async start(): Promise<void> {
        const { executable, folder, replicas } = this.options;
        for (let index = 0; index < replicas; index += 1) {
            await this.startPod();
        }
        this.writeEndpoints(this.addresses());
        const own = this.mesh.issue("client", [`URI:${IDENTITIES.client}`]);
        const proxy = sidecarProxy(this.sidecar, own, this.mesh.certificate, folder);
        this.envoys.push(await startEnvoy(executable, proxy, OUTBOUND_TLS_PORT, { address: this.sidecar }));
    }

    /** `kubectl rollout restart`: as many more as may be, each ready for a while before an old one goes. */
    async rollingRestart(): Promise<void> {
        const { maxSurge, maxUnavailable, minReadySeconds } = this.options.lifecycle;
        const old = [...this.pods];
        while (old.length > 0) {
            const leaving = old.splice(0, maxSurge + maxUnavailable);
            leaving.slice(0, maxUnavailable).forEach(pod => this.end(pod));
            await this.replace(leaving.length);
            await this.pass(minReadySeconds);
            leaving.slice(maxUnavailable).forEach(pod => this.end(pod));
        }
        await this.settled();
    }

    /** One replica fewer. */
    async scaleDown(): Promise<void> {
        this.end(this.pods[0]!);
        await this.settled();
    }

    /**
     * `kubectl drain` of a node with so many of the pods: evicted as far as the disruption budget has room; replacements start elsewhere at
     * that moment, and the budget has room again when they are ready.
     */
    async drainNode(podsOnNode: number): Promise<void> {
        const evicted = this.pods.slice(0, podsOnNode);
        while (evicted.length > 0) {
            const atOnce = evicted.splice(0, this.options.lifecycle.maxDisrupted);
            atOnce.forEach(pod => this.end(pod));
            await this.replace(atOnce.length);
        }
        await this.settled();
    }

    stop(): void {
        this.envoys.forEach(envoy => envoy.stop());
    }

    private async replace(count: number): Promise<void> {
        for (let index = 0; index < count; index += 1) {
            await this.startPod();
            this.push();
        }
    }

    private async startPod(): Promise<void> {
        const { executable, farSide, lifecycle, scale } = this.options;
        const address = `${this.network}.${10 + this.pods.length}`;
        const own = this.mesh.issue("gateway", [`URI:${IDENTITIES.gateway}`]);
        // As Istio's agent starts it.
        const drain = [
            "--drain-time-s",
            String(Math.round(DRAIN_DURATION_SECONDS * scale)),
            "--drain-strategy",
            "immediate",
        ];
        const proxy = gatewayProxy(address, farSide, own, this.mesh.certificate);
        const envoy = await startEnvoy(executable, proxy, TLS_PORT, { address, options: drain });
        this.envoys.push(envoy);
        this.pods.push(new Pod(address, envoy, lifecycle, scale));
    }

    private end(pod: Pod): void {
        pod.terminate();
        this.push();
    }

    private async settled(): Promise<void> {
        await Promise.all(this.pods.map(({ gone }) => gone));
        await this.pass(2 * this.options.pushSeconds);
    }

    /** What is ready now, the sidecar learns after a while. */
    private push(): void {
        const addresses = this.addresses();
        void this.pass(this.options.pushSeconds).then(() => this.writeEndpoints(addresses));
    }

    private addresses(): string[] {
        return this.pods.filter(({ ready }) => ready).map(({ address }) => address);
    }

    private pass(seconds: number): Promise<void> {
        return sleep(1000 * this.options.scale * seconds);
    }

    /** Envoy looks when a file is moved into the folder. */
    private writeEndpoints(addresses: readonly string[]): void {
        this.version += 1;
        for (const [name, content] of endpointFiles(this.version, addresses)) {
            const file = path.join(this.options.folder, name);
            fs.writeFileSync(`${file}.new`, JSON.stringify(content));
            fs.renameSync(`${file}.new`, file);
        }
    }
}
