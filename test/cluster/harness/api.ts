import { writeFileSync } from "node:fs";
import * as https from "node:https";

/** Whom a request comes from. The API server is told by impersonation, so its authorization and admission see this user. */
interface Sender {
    readonly user: string;
    readonly groups?: readonly string[];
}

export interface Answer {
    readonly status: number;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever JSON the API server answers
    readonly body: any;
    /** `Warning` headers of the answer. */
    readonly warnings: readonly string[];
}

export interface Connection {
    readonly port: number;
    readonly certificate: string;
    readonly token: string;
}

export interface RequestOptions {
    readonly as?: Sender;
    readonly contentType?: string;
}

interface ApiResource {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
}

/** An object as far as addressing goes. */
export interface Addressable {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name?: string; readonly namespace?: string };
}

/** For those who find the API server as `kubectl` does. */
export function writeKubeconfig(file: string, { certificate, port, token }: Connection): void {
    const config = {
        apiVersion: "v1",
        kind: "Config",
        "current-context": "test",
        clusters: [
            {
                name: "test",
                cluster: {
                    server: `https://127.0.0.1:${port}`,
                    "certificate-authority-data": Buffer.from(certificate).toString("base64"),
                },
            },
        ],
        users: [{ name: "somebody", user: { token } }],
        contexts: [{ name: "test", context: { cluster: "test", user: "somebody" } }],
    };
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
}

/** Plain HTTPS: the tests are about what the server answers, so nothing stands between. */
export class Api {
    private readonly agent: https.Agent;
    private readonly discovered = new Map<string, Promise<readonly ApiResource[]>>();

    constructor(private readonly connection: Connection) {
        this.agent = new https.Agent({ keepAlive: true, maxSockets: 8, ca: connection.certificate });
    }

    close(): void {
        this.agent.destroy();
    }

    request(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
        const headers: Record<string, string | string[]> = {
            authorization: `Bearer ${this.connection.token}`,
            accept: "application/json",
        };
        if (options.as !== undefined) {
            headers["impersonate-user"] = options.as.user;
            if (options.as.groups !== undefined && options.as.groups.length > 0) {
                headers["impersonate-group"] = [...options.as.groups];
            }
        }
        const payload =
            body === undefined ? undefined : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
        if (payload !== undefined) {
            headers["content-type"] = options.contentType ?? "application/json";
            headers["content-length"] = String(payload.length);
        }
        return new Promise((resolve, reject) => {
            const request = https.request(
                { host: "127.0.0.1", port: this.connection.port, method, path, headers, agent: this.agent },
                response => {
                    const chunks: Buffer[] = [];
                    response.on("data", chunk => chunks.push(chunk));
                    response.once("error", reject);
                    response.once("end", () => {
                        const warning = response.headers.warning;
                        resolve({
                            status: response.statusCode!,
                            body: parsed(Buffer.concat(chunks).toString("utf8")),
                            warnings: warning === undefined ? [] : [String(warning)],
                        });
                    });
                },
            );
            request.once("error", reject);
            request.end(payload);
        });
    }

    /** Path of the object, or of its collection when it has no name. */
    async path(object: Addressable, subresource?: string): Promise<string> {
        const root = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
        let resources = await this.resources(root);
        if (!resources.some(resource => resource.kind === object.kind)) {
            // Definitions that were just created appear a moment later.
            this.discovered.delete(root);
            resources = await this.resources(root);
        }
        const resource = resources.find(candidate => candidate.kind === object.kind);
        if (resource === undefined) {
            throw new Error(`the API server does not serve ${object.apiVersion} ${object.kind}`);
        }
        const { name, namespace } = object.metadata;
        return [
            root,
            ...(resource.namespaced ? ["namespaces", namespace ?? "default"] : []),
            resource.name,
            ...(name === undefined ? [] : [name]),
            ...(subresource === undefined ? [] : [subresource]),
        ].join("/");
    }

    async create(object: Addressable, options: RequestOptions & { dryRun?: boolean } = {}): Promise<Answer> {
        const { name: _name, ...metadata } = object.metadata;
        const path = await this.path({ ...object, metadata });
        return this.request("POST", `${path}${options.dryRun === true ? "?dryRun=All" : ""}`, object, options);
    }

    /** Server-side apply. */
    async apply(
        object: Addressable,
        options: RequestOptions & { dryRun?: boolean; fieldManager?: string; force?: boolean } = {},
    ): Promise<Answer> {
        const query = new URLSearchParams({
            fieldManager: options.fieldManager ?? "test",
            force: String(options.force ?? false),
        });
        if (options.dryRun === true) {
            query.set("dryRun", "All");
        }
        return this.request("PATCH", `${await this.path(object)}?${query}`, object, {
            ...options,
            contentType: "application/apply-patch+yaml",
        });
    }

    async get(object: Addressable): Promise<Answer> {
        return this.request("GET", await this.path(object));
    }

    async delete(object: Addressable, options: RequestOptions & { dryRun?: boolean } = {}): Promise<Answer> {
        const query = `gracePeriodSeconds=0${options.dryRun === true ? "&dryRun=All" : ""}`;
        return this.request("DELETE", `${await this.path(object)}?${query}`, undefined, options);
    }

    private resources(root: string): Promise<readonly ApiResource[]> {
        const known = this.discovered.get(root);
        if (known !== undefined) {
            return known;
        }
        const asked = this.request("GET", root).then(({ status, body }) => {
            if (status !== 200) {
                this.discovered.delete(root);
                return [];
            }
            return (body.resources as ApiResource[]).filter(resource => !resource.name.includes("/"));
        });
        this.discovered.set(root, asked);
        return asked;
    }
}

/** Fails unless the answer is a success; for the steps of a test that are not its subject. */
export function succeeded(answer: Answer, what: string): Answer {
    if (answer.status >= 300) {
        throw new Error(
            `${what}: the API server answered ${answer.status}: ${answer.body?.message ?? JSON.stringify(answer.body)}`,
        );
    }
    return answer;
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
