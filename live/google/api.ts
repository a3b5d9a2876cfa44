import type { AuthClient } from "google-auth-library";
import { InputError, UserError } from "../../base/problem";
import { isObject, type Json, objects } from "../../containment/document";
import { fields } from "../../containment/kubernetes";

export interface GoogleOptions {
    /** @default application default credentials */
    readonly authClient?: AuthClient;
    /** What is asked in place of Google's own hosts, for example `http://127.0.0.1:8080`. */
    readonly endpoint?: string;
}

/** Google's API did not let itself be read. */
export class GoogleError extends UserError {
    override readonly name = "GoogleError";

    /** @param permission without which it is refused */
    constructor(
        message: string,
        readonly permission: string,
        readonly refused: boolean,
    ) {
        super(message);
    }
}

/** The APIs that are asked, each with the version whose answers are read. */
const SERVICES = {
    compute: "https://compute.googleapis.com/compute/v1",
    container: "https://container.googleapis.com/v1",
    cloudresourcemanager: "https://cloudresourcemanager.googleapis.com/v1",
    iam: "https://iam.googleapis.com/v1",
} as const;

/** What is asked of Google, and the permission that it takes. */
export interface Question {
    readonly service: keyof typeof SERVICES;
    /** For example `projects/p/global/networks`. */
    readonly path: string;
    readonly permission: string;
    /** Of those questions that are a POST and change nothing. */
    readonly body?: Json;
}

const TIMEOUT_MILLISECONDS = 60_000;
/** Page tokens end; a server that repeats one must not keep us for ever. */
const MOST_PAGES = 10_000;

/**
 * Google's REST APIs, by their own names of fields: what Cloud Asset Inventory calls `resource.data` comes in the same words, and a field
 * that is newer than any client library stays in it.
 */
export class GoogleApi {
    private constructor(
        private readonly client: AuthClient,
        private readonly endpoint: string | undefined,
    ) {}

    /** @throws InputError without credentials */
    static async connect({ authClient, endpoint }: GoogleOptions = {}): Promise<GoogleApi> {
        if (authClient !== undefined) {
            return new GoogleApi(authClient, endpoint);
        }
        const { GoogleAuth } = require("google-auth-library") as typeof import("google-auth-library");
        const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
        try {
            return new GoogleApi(await auth.getClient(), endpoint);
        } catch (error) {
            throw new InputError("Google cannot be asked", [
                {
                    path: "application default credentials",
                    given: undefined,
                    expected: `credentials of somebody who may read the network and the cluster (${(error as Error).message.split("\n")[0]!})`,
                    remedy: "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS. --no-google leaves Google out.",
                },
            ]);
        }
    }

    /** @throws GoogleError for anything but a success */
    async get(question: Question): Promise<Json> {
        const found = await this.find(question);
        if (found === undefined) {
            throw new GoogleError(`${question.path} does not exist`, question.permission, false);
        }
        return found;
    }

    /** What does not exist is an answer. */
    async find({ service, path, permission, body }: Question): Promise<Json | undefined> {
        const url = new URL(`${SERVICES[service]}/${path}`);
        try {
            const { data } = await this.client.request<unknown>({
                url: this.endpoint === undefined ? url.href : `${this.endpoint}${url.pathname}${url.search}`,
                method: body === undefined ? "GET" : "POST",
                ...(body === undefined ? {} : { data: body }),
                timeout: TIMEOUT_MILLISECONDS,
                // Again after 429, an error of the server's, and a connection that broke; by default for a GET alone, and all of these only read.
                retryConfig: { httpMethodsToRetry: ["GET", "POST"] },
            });
            if (!isObject(data)) {
                throw new Error("the answer is no JSON object");
            }
            return data;
        } catch (error) {
            if (statusOf(error) === 404) {
                return undefined;
            }
            throw inWords(error, permission);
        }
    }

    /**
     * Every page of a list.
     *
     * @param key under which an answer has its elements
     */
    async list(question: Question, key = "items"): Promise<Json[]> {
        const elements: Json[] = [];
        for await (const page of this.pages(question)) {
            elements.push(...objects(page[key]));
        }
        return elements;
    }

    /** Every page of a list over all regions and zones: each element with its place, for example `zones/europe-west1-b`. */
    async aggregated(question: Question, key: string): Promise<(readonly [place: string, element: Json])[]> {
        const elements: (readonly [string, Json])[] = [];
        for await (const { items } of this.pages(question)) {
            for (const [place, scoped] of Object.entries(fields(items))) {
                elements.push(...objects(fields(scoped)[key]).map(element => [place, element] as const));
            }
        }
        return elements;
    }

    private async *pages(question: Question): AsyncGenerator<Json> {
        let token: unknown;
        for (let page = 0; page < MOST_PAGES; page++) {
            const separator = question.path.includes("?") ? "&" : "?";
            const path =
                token === undefined
                    ? question.path
                    : `${question.path}${separator}pageToken=${encodeURIComponent(String(token))}`;
            const answer = await this.get({ ...question, path });
            yield answer;
            token = answer["nextPageToken"];
            if (token === undefined || token === "") {
                return;
            }
        }
    }
}

function statusOf(error: unknown): number | undefined {
    const { status, response } = error as { status?: unknown; response?: { status?: unknown } };
    const found = response?.status ?? status;
    return typeof found === "number" ? found : undefined;
}

function inWords(error: unknown, permission: string): GoogleError {
    const { message, response } = error as Error & { response?: { data?: unknown } };
    const said = isObject(response?.data) ? response.data["error"] : undefined;
    const words = isObject(said) && typeof said["message"] === "string" ? said["message"] : message;
    const refused = statusOf(error) === 403;
    return new GoogleError(
        refused
            ? `these credentials may not read it: ${words} (permission ${permission}; live/roles.yaml has all that is needed)`
            : `${permission}: ${words}`,
        permission,
        refused,
    );
}
