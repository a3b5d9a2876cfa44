import { type Request, type Sender, type SentObject } from "../../../attacks";
import { UID_OF_NEEDED } from "../../../attacks/case";
import { type Addressable, type Answer, type Api, succeeded } from "./api";

/** Sends what the guard never refuses: prerequisites of a request, and their removal. */
const CONTROL_PLANE: Sender = { user: "system:kube-controller-manager", groups: ["system:masters"] };

/**
 * Puts the prerequisites in place, sends the request as its sender, and takes away whatever came to be.
 *
 * @param dryRun nothing is stored; for requests that may pass and must leave no trace
 */
export async function send(api: Api, request: Request, as: Sender, dryRun = false): Promise<Answer> {
    const prerequisites = [...(request.needs ?? []), ...inherent(request)];
    const restore: (() => Promise<unknown>)[] = [];
    try {
        let uid = "";
        for (const [index, object] of prerequisites.entries()) {
            const { live, undo } = await place(api, object);
            restore.unshift(undo);
            uid = index === 0 ? live.metadata.uid : uid;
        }
        const answer = await deliver(api, withUid(request, uid), as, dryRun || request.dryRun === true);
        if (request.operation === "create" && request.below === undefined && answer.status < 300 && !dryRun) {
            restore.unshift(() => remove(api, answer.body as Addressable));
        }
        return answer;
    } finally {
        for (const undo of restore) {
            await undo();
        }
    }
}

/** The rule that refused, by the id in its message; undefined when no admission policy did. */
export function refusedBy(answer: Answer): string | undefined {
    const message = typeof answer.body?.message === "string" ? answer.body.message : "";
    return /ValidatingAdmissionPolicy '[^']+' with binding '[^']+' denied request: \[([a-z-]+)\]/.exec(message)?.[1];
}

function inherent(request: Request): readonly SentObject[] {
    switch (request.operation) {
        case "update":
        case "delete":
            return [request.before];
        case "connect":
            return [request.to];
        case "create":
            return request.below === undefined ? [] : [request.below.object];
    }
}

/** Creates the object, or brings the one that exists to that state; `undo` removes it or brings the old state back. */
async function place(
    api: Api,
    object: SentObject,
): Promise<{ live: { metadata: { uid: string } }; undo: () => Promise<unknown> }> {
    const created = await api.create(object, { as: CONTROL_PLANE });
    if (created.status === 409) {
        const live = succeeded(await api.get(object), "reading a prerequisite").body;
        const labels = mergePatch(live.metadata.labels ?? {}, {
            ...object.metadata.labels,
            "kubernetes.io/metadata.name": live.metadata.labels?.["kubernetes.io/metadata.name"],
        });
        if (object.kind !== "Namespace" || labels === undefined) {
            return { live, undo: async () => undefined };
        }
        await patch(api, object, { metadata: { labels } });
        return {
            live,
            undo: () => patch(api, object, { metadata: { labels: reverted(labels, live.metadata.labels) } }),
        };
    }
    const live = succeeded(created, `${object.kind} ${object.metadata.name}, which the request needs`).body;
    return { live, undo: () => remove(api, object) };
}

async function remove(api: Api, object: Addressable): Promise<void> {
    // A binding is answered with a Status: nothing that could be removed came to be.
    if (object.kind !== "Status") {
        const answer = await api.delete(object, { as: CONTROL_PLANE });
        if (answer.status !== 404) {
            succeeded(answer, `removing ${object.kind} ${object.metadata.name}`);
        }
        if (object.kind === "Namespace") {
            // There is no namespace controller here that would.
            const finalized = {
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: object.metadata.name },
                spec: {},
            };
            const path = await api.path(object, "finalize");
            succeeded(
                await api.request("PUT", path, finalized, { as: CONTROL_PLANE }),
                `finalizing ${object.metadata.name}`,
            );
        }
    }
}

async function patch(api: Api, object: SentObject, change: unknown): Promise<void> {
    const options = { as: CONTROL_PLANE, contentType: "application/merge-patch+json" };
    succeeded(await api.request("PATCH", await api.path(object), change, options), "a prerequisite's change");
}

function reverted(change: unknown, before: Readonly<Record<string, string>> = {}): Record<string, string | null> {
    return Object.fromEntries(Object.keys(change as object).map(key => [key, before[key] ?? null]));
}

function withUid<T extends Request>(request: T, uid: string): T {
    return JSON.parse(JSON.stringify(request).replaceAll(JSON.stringify(UID_OF_NEEDED), JSON.stringify(uid)));
}

async function deliver(api: Api, request: Request, as: Sender, dryRun: boolean): Promise<Answer> {
    const query = dryRun ? "?dryRun=All" : "";
    switch (request.operation) {
        case "create": {
            if (request.by === "apply") {
                return api.apply(request.object, { as, dryRun });
            }
            if (request.below !== undefined) {
                const path = await api.path(request.below.object, request.below.subresource);
                return api.request("POST", path + query, request.object, { as });
            }
            return api.create(request.object, { as, dryRun });
        }
        case "update":
            return update(api, request, as, query);
        case "delete":
            return api.delete(request.before, { as, dryRun });
        case "connect": {
            const to = request.port === undefined ? request.to : withPort(request.to, request.port);
            const path = await api.path(to, request.subresource);
            return api.request("POST", `${path}${request.path === undefined ? "" : `/${request.path}`}`, undefined, {
                as,
            });
        }
    }
}

function withPort(object: SentObject, port: number): SentObject {
    return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}:${port}` } };
}

async function update(
    api: Api,
    request: Extract<Request, { operation: "update" }>,
    as: Sender,
    query: string,
): Promise<Answer> {
    const target = request.subresource === "scale" ? request.before : request.object;
    const path = await api.path(target, request.subresource);
    if (request.subresource === "finalize") {
        // This subresource cannot be patched.
        const live = succeeded(await api.get(request.object), "reading a namespace").body;
        const labels = { ...request.object.metadata.labels, "kubernetes.io/metadata.name": live.metadata.name };
        return api.request("PUT", path + query, { ...live, metadata: { ...live.metadata, labels } }, { as });
    }
    const change =
        request.subresource === "scale"
            ? { spec: request.object.spec }
            : mergePatch({ ...request.before, apiVersion: request.object.apiVersion }, request.object);
    return api.request("PATCH", path + query, change, { as, contentType: "application/merge-patch+json" });
}

/** The JSON merge patch (RFC 7386) that turns `before` into `after`; undefined when they are equal. */
function mergePatch(before: unknown, after: unknown): unknown {
    if (!isObject(before) || !isObject(after)) {
        return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
    }
    const entries = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(
        (key): [string, unknown][] => {
            const change =
                after[key] === undefined
                    ? before[key] === undefined
                        ? undefined
                        : null
                    : mergePatch(before[key], after[key]);
            return change === undefined ? [] : [[key, change]];
        },
    );
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
