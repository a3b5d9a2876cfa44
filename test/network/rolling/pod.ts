import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningEnvoy } from "../envoy";
import { type Lifecycle } from "./lifecycle";
import { ADMIN_PORT } from "./proxies";

/** A gateway pod: a real Envoy, and by its side what the proxy's agent and the kubelet do with it. */
export class Pod {
    /** Neither failing nor asked to end: what an EndpointSlice calls ready. */
    ready = true;
    /** Resolves when the container is gone. */
    gone: Promise<void> = Promise.resolve();

    constructor(
        readonly address: string,
        private readonly envoy: RunningEnvoy,
        private readonly lifecycle: Lifecycle,
        /** Real seconds for one of the model. */
        private readonly scale: number,
    ) {}

    terminate(): void {
        this.ready = false;
        this.gone = this.end();
    }

    /**
     * As Istio's agent ends a proxy (istio/istio, `pkg/envoy/agent.go`, `terminate`): it has the listeners drain, leaves the proxy alone for a
     * while, and then ends it when nothing is open any more, or at the end of a fixed time. The kubelet kills what is left after the grace
     * period. A container without a hook is asked to end in the moment in which its endpoint stops being ready.
     */
    private async end(): Promise<void> {
        const { lifecycle, scale } = this;
        const killedAt = performance.now() + 1000 * scale * lifecycle.graceSeconds;
        const wait = lifecycle.exitOnZeroActiveConnections
            ? lifecycle.minimumDrainSeconds
            : lifecycle.terminationDrainSeconds;
        await this.ask("POST", "/drain_listeners?graceful");
        await sleep(1000 * scale * Math.min(wait, lifecycle.graceSeconds));
        while (
            lifecycle.exitOnZeroActiveConnections &&
            performance.now() < killedAt &&
            (await this.activeConnections()) > 0
        ) {
            await sleep(1000 * scale);
        }
        this.envoy.stop();
    }

    /** Of the listeners that serve, without the administration's own. */
    private async activeConnections(): Promise<number> {
        const filter = encodeURIComponent(`^listener\\.${this.address}_\\d+\\.downstream_cx_active$`);
        const text = await this.ask("GET", `/stats?filter=${filter}`);
        return [...text.matchAll(/: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    }

    private ask(method: string, path: string): Promise<string> {
        return new Promise((resolve, reject) => {
            const request = http.request(
                { method, path, host: this.address, port: ADMIN_PORT, agent: false },
                response => {
                    let body = "";
                    response.on("data", data => (body += String(data)));
                    response.on("end", () => resolve(body));
                },
            );
            request.on("error", reject);
            request.end();
        });
    }
}
