import { existsSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { InputError, UserError } from "../../base/problem";

export interface ClusterOptions {
    /** @default `KUBECONFIG`, or `~/.kube/config`, or the pod's own account inside a cluster */
    readonly kubeconfig?: string;
    /** @default the kubeconfig's current context */
    readonly context?: string;
}

/** Whom the API server is told that a request comes from. */
export interface Impersonation {
    readonly user: string;
    readonly groups: readonly string[];
}

export interface RequestOptions {
    readonly as?: Impersonation;
    readonly contentType?: string;
    readonly signal?: AbortSignal;
}

export interface ApiAnswer {
    readonly status: number;
    readonly body: unknown;
    /** The body as it came. */
    readonly text: string;
    /** When to come back, of an answer that asks for it. */
    readonly retryAfterSeconds: number;
}

/** The API server cannot be asked, or its answer is no answer. */
export class ClusterError extends UserError {
    override readonly name = "ClusterError";
}

const REQUEST_LIMIT_MILLISECONDS = 30_000;
const MOST_TRIES = 6;

/**
 * The API server, by a kubeconfig: the official client finds the context and the credentials, plugins included, and the
 * requests themselves are plain HTTPS, because what counts here is the status and the words of each answer.
 */
export class ClusterApi {
    private constructor(
        private readonly config: KubeConfig,
        readonly context: string,
        readonly server: string,
    ) {}

    /** By the text of a kubeconfig with one context. */
    static byKubeconfig(text: string): ClusterApi {
        const { KubeConfig } = require("@kubernetes/client-node") as typeof import("@kubernetes/client-node");
        const config = new KubeConfig();
        config.loadFromString(text);
        return new ClusterApi(config, config.getCurrentContext(), config.getCurrentCluster()!.server);
    }

    /** @throws InputError when there is no such file or context. */
    static connect({ kubeconfig, context }: ClusterOptions): ClusterApi {
        const { KubeConfig } = require("@kubernetes/client-node") as typeof import("@kubernetes/client-node");
        const config = new KubeConfig();
        if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
            throw refused(
                "--kubeconfig",
                kubeconfig,
                "a file that exists",
                "Correct the path, or leave it out for KUBECONFIG or ~/.kube/config.",
            );
        }
        try {
            if (kubeconfig === undefined) {
                config.loadFromDefault();
            } else {
                config.loadFromFile(kubeconfig);
            }
        } catch (error) {
            throw refused(
                "--kubeconfig",
                kubeconfig,
                "a kubeconfig file",
                (error as Error).message.split("\n")[0] ?? "",
            );
        }
        const known = config.getContexts().map(({ name }) => name);
        if (context !== undefined) {
            if (!known.includes(context)) {
                throw refused(
                    "--context",
                    context,
                    `a context of the kubeconfig: ${known.join(", ") || "it has none"}`,
                    "`kubectl config get-contexts` lists them.",
                );
            }
            config.setCurrentContext(context);
        }
        const cluster = config.getCurrentCluster();
        if (
            cluster === null ||
            (kubeconfig === undefined &&
                context === undefined &&
                known.join() === "loaded-context" &&
                cluster.server === "http://localhost:8080")
        ) {
            throw refused(
                "--kubeconfig",
                kubeconfig,
                "a kubeconfig whose current context names a cluster",
                "Fetch one, for example with `gcloud container clusters get-credentials`, or name it with --kubeconfig and --context.",
            );
        }
        return new ClusterApi(config, config.getCurrentContext(), cluster.server);
    }

    /** @throws ClusterError when nobody answers; a refusal of the API server is an answer. */
    async request(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<ApiAnswer> {
        const requestOptions: https.RequestOptions = { method, headers: {} };
        try {
            await this.config.applyToHTTPSOptions(requestOptions);
        } catch (error) {
            throw new ClusterError(`context "${this.context}" has no usable credentials: ${(error as Error).message}`);
        }
        const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
        const headers = {
            ...(requestOptions.headers as http.OutgoingHttpHeaders),
            accept: "application/json, */*",
            ...(payload === undefined
                ? {}
                : { "content-type": options.contentType ?? "application/json", "content-length": payload.length }),
            ...(options.as === undefined
                ? {}
                : { "impersonate-user": options.as.user, "impersonate-group": [...options.as.groups] }),
        };
        for (let tries = 1; ; tries++) {
            const answer = await this.send(
                { ...requestOptions, headers, ...(options.signal === undefined ? {} : { signal: options.signal }) },
                path,
                payload,
            );
            // The API server asks to come back later, when it is busy or has just begun to serve a kind.
            if (answer.status !== 429 || tries === MOST_TRIES) {
                return answer;
            }
            await new Promise(resolve => setTimeout(resolve, answer.retryAfterSeconds * 1000));
        }
    }

    /** GET that has to succeed. */
    async get<T>(path: string, what: string, options: RequestOptions = {}): Promise<T> {
        return this.succeeded(await this.request("GET", path, undefined, options), what) as T;
    }

    /** @throws ClusterError with the API server's words for anything but a success. */
    succeeded(answer: ApiAnswer, what: string): unknown {
        if (answer.status < 300) {
            return answer.body;
        }
        if (answer.status === 401) {
            throw new ClusterError(
                `${this.server} does not accept the credentials of context "${this.context}" (401); log in again, or choose another --context`,
            );
        }
        throw new ClusterError(`${what}: the API server answered ${answer.status}: ${reasonOf(answer)}`);
    }

    private send(options: https.RequestOptions, path: string, payload: Buffer | undefined): Promise<ApiAnswer> {
        const url = new URL(this.server.replace(/\/$/, "") + path);
        const client = url.protocol === "http:" ? http : https;
        return new Promise((resolve, reject) => {
            const request = client.request(url, { ...options, timeout: REQUEST_LIMIT_MILLISECONDS }, response => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.once("error", reject);
                response.once("end", () => {
                    const text = Buffer.concat(chunks).toString("utf8");
                    const retryAfterSeconds = Number(response.headers["retry-after"] ?? 1);
                    resolve({ status: response.statusCode ?? 0, text, body: parsed(text), retryAfterSeconds });
                });
            });
            request.once("timeout", () =>
                request.destroy(new Error(`no answer in ${REQUEST_LIMIT_MILLISECONDS / 1000} s`)),
            );
            request.once("error", error =>
                reject(
                    (error as Error).name === "AbortError"
                        ? error
                        : new ClusterError(
                              `no cluster answers at ${this.server} (context "${this.context}"): ${connectionError(error)}`,
                          ),
                ),
            );
            request.end(payload);
        });
    }
}

/** The API server's own words for a refusal. */
export function reasonOf({ body, text }: ApiAnswer): string {
    const message = (body as { message?: unknown } | undefined)?.message;
    return typeof message === "string" ? message : text.slice(0, 300);
}

function refused(path: string, given: unknown, expected: string, remedy: string): InputError {
    return new InputError("the cluster cannot be asked", [{ path, given, expected, remedy }]);
}

function connectionError(error: Error & { code?: string }): string {
    return error.message === "" ? (error.code ?? "unknown error") : error.message;
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
