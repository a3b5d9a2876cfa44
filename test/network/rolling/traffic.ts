import * as http from "node:http";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { OUTBOUND_HTTP_PORT, OUTBOUND_TLS_PORT } from "./proxies";

/** What an application saw of its connections, by kind. */
export interface Seen {
    /** That did what they were opened for, and were closed by the application. */
    kept: number;
    /** That ended otherwise. */
    lost: number;
}

export type Kind = "short" | "long" | "request" | "endless";

interface Load {
    /** New connections a second that are closed after one echo. */
    readonly shortPerSecond: number;
    /** Connections at any time that live until the application closes them. */
    readonly long: number;
    /** How long the longest of them lives. */
    readonly longestSeconds: number;
    readonly requestsPerSecond: number;
    /** Connections that nobody closes. */
    readonly endless: number;
}

/** An application behind the sidecar. */
export class Traffic {
    readonly seen: Record<Kind, Seen> = {
        short: { kept: 0, lost: 0 },
        long: { kept: 0, lost: 0 },
        request: { kept: 0, lost: 0 },
        endless: { kept: 0, lost: 0 },
    };
    private running = true;
    private readonly open = new Set<Promise<void>>();
    private readonly endless: net.Socket[] = [];
    private readonly agent = new http.Agent({ keepAlive: true });

    constructor(
        private readonly sidecar: string,
        private readonly load: Load,
    ) {}

    /** Returns when everything is on its way: every long connection has had its first echo. */
    async start(): Promise<void> {
        for (let index = 0; index < this.load.endless; index += 1) {
            this.endless.push(await this.endlessConnection());
        }
        const began = Array.from({ length: this.load.long }, (_, index) => this.long(index));
        await Promise.all(began);
        void this.every("short", this.load.shortPerSecond, () => conversation(this.sidecar, 0).done);
        void this.every("request", this.load.requestsPerSecond, () => this.request());
    }

    /** Returns when the last connection has ended. */
    async stop(): Promise<void> {
        this.running = false;
        while (this.open.size > 0) {
            await Promise.all(this.open);
        }
        for (const socket of this.endless.filter(({ destroyed }) => !destroyed)) {
            this.seen.endless.kept += 1;
            socket.removeAllListeners("close");
            socket.destroy();
        }
        this.agent.destroy();
    }

    /** So many a second on the average; after a pause those that are due begin together. */
    private async every(kind: Kind, perSecond: number, begin: () => Promise<boolean>): Promise<void> {
        const started = performance.now();
        for (let count = 0; this.running; await sleep(5)) {
            const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
            for (; count < due; count += 1) {
                void this.counted(kind, begin());
            }
        }
    }

    private counted(kind: Kind, ending: Promise<boolean>): Promise<void> {
        const counted = ending.then(kept => {
            this.seen[kind][kept ? "kept" : "lost"] += 1;
            this.open.delete(counted);
        });
        this.open.add(counted);
        return counted;
    }

    /** One after the other; the lives differ, so that every moment has one that just began and one that ends. */
    private async long(index: number): Promise<void> {
        const next = (): Promise<void> => {
            const seconds = this.load.longestSeconds * (0.1 + 0.9 * ((index * 0.618) % 1));
            const { first, done } = conversation(this.sidecar, seconds);
            void this.counted("long", done).then(() => (this.running ? next() : undefined));
            return first;
        };
        await next();
    }

    private request(): Promise<boolean> {
        return new Promise(resolve => {
            http.get({ host: this.sidecar, port: OUTBOUND_HTTP_PORT, agent: this.agent }, response => {
                response.resume();
                response.on("end", () => resolve(response.statusCode === 200));
                response.on("error", () => resolve(false));
            }).on("error", () => resolve(false));
        });
    }

    private endlessConnection(): Promise<net.Socket> {
        return new Promise(resolve => {
            const socket = net.connect(OUTBOUND_TLS_PORT, this.sidecar);
            socket.on("error", () => undefined);
            socket.on("close", () => (this.seen.endless.lost += 1));
            socket.once("data", () => resolve(socket));
            socket.write("hello");
        });
    }
}

const QUESTION = "0123456789abcdef";
const PAUSE_SECONDS = 0.5;

/** Asks and is answered, at least once and then until the time is over; kept if it was the application that closed it. */
function conversation(
    host: string,
    seconds: number,
): { readonly first: Promise<void>; readonly done: Promise<boolean> } {
    let begun: () => void = () => undefined;
    const first = new Promise<void>(resolve => (begun = resolve));
    const done = new Promise<boolean>(resolve => {
        const over = performance.now() + 1000 * seconds;
        const socket = net.connect(OUTBOUND_TLS_PORT, host);
        let answered = 0;
        let kept = false;
        socket.on("data", data => {
            answered += data.length;
            if (answered < QUESTION.length) {
                return;
            }
            answered = 0;
            begun();
            if (performance.now() >= over) {
                kept = true;
                socket.destroy();
            } else {
                setTimeout(() => socket.destroyed || socket.write(QUESTION), 1000 * PAUSE_SECONDS);
            }
        });
        socket.on("error", () => undefined);
        socket.on("close", () => {
            begun();
            resolve(kept);
        });
        socket.write(QUESTION);
    });
    return { first, done };
}
