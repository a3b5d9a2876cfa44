import { type KubernetesManifest } from "../probe";
import { type ApiAnswer, type ClusterApi, reasonOf } from "../../cluster/api";
import { objectPath } from "./paths";

/** Label with the run's id, on every object that a run creates. */
export const RUN_LABEL = "egress-gateway/verify";

/** How long deleting may take; a pod is given its own time to end. */
const REMOVAL_LIMIT_MILLISECONDS = 90_000;
const POLL_MILLISECONDS = 500;

/** Everything that a run has created, so that it can be deleted however the run ends. */
export class MadeObjects {
    private readonly objects: KubernetesManifest[] = [];

    constructor(
        private readonly api: ClusterApi,
        readonly run: string,
    ) {}

    /**
     * Creates the object with the run's label.
     *
     * It is noted before the request: one that was created although the answer was lost is deleted as well.
     */
    async create(manifest: KubernetesManifest, signal: AbortSignal, collection: string): Promise<ApiAnswer> {
        signal.throwIfAborted();
        const labelled = {
            ...manifest,
            metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, [RUN_LABEL]: this.run } },
        };
        this.objects.push(labelled);
        // Without the signal: a request that is cut off in the middle leaves it open whether the object exists.
        const answer = await this.api.request("POST", collection, labelled);
        if (answer.status >= 400) {
            this.objects.splice(this.objects.indexOf(labelled), 1);
        }
        return answer;
    }

    /**
     * Deletes what was created, newest first, and waits until it is gone.
     *
     * @returns what is left, as `Kind namespace/name: why`
     */
    async removeAll(): Promise<string[]> {
        const deadline = Date.now() + REMOVAL_LIMIT_MILLISECONDS;
        const left: string[] = [];
        const namespaces = new Set(
            this.objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
        );
        // A namespace of the run's own takes everything in it along, but what is in it is asked to go first: pods end sooner.
        const ordered = [...this.objects].reverse().sort((a, b) => rank(a) - rank(b));
        const asked = await Promise.all(ordered.map(async object => ({ object, refusal: await this.askToGo(object) })));
        for (const { object, refusal } of asked) {
            const why = refusal ?? (await this.awaitAbsence(object, deadline));
            if (
                why !== undefined &&
                !(object.kind !== "Namespace" && namespaces.has(object.metadata.namespace ?? ""))
            ) {
                left.push(
                    `${object.kind} ${object.metadata.namespace === undefined ? "" : `${object.metadata.namespace}/`}${object.metadata.name}: ${why}`,
                );
            } else {
                this.objects.splice(this.objects.indexOf(object), 1);
            }
        }
        return left;
    }

    /** What exists at this moment, for a run that is cut short. */
    names(): string[] {
        return this.objects.map(
            ({ kind, metadata }) =>
                `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`,
        );
    }

    /** Deletes whatever a run left, for people. */
    static command(run: string): string {
        return `kubectl delete pods,serviceaccounts -A -l ${RUN_LABEL}=${run}; kubectl delete namespaces -l ${RUN_LABEL}=${run}`;
    }

    private async askToGo(object: KubernetesManifest): Promise<string | undefined> {
        try {
            const answer = await this.api.request("DELETE", `${objectPath(object)}?propagationPolicy=Background`, {
                gracePeriodSeconds: object.kind === "Pod" ? 1 : 0,
            });
            return answer.status < 300 || answer.status === 404 ? undefined : reasonOf(answer);
        } catch (error) {
            return (error as Error).message;
        }
    }

    private async awaitAbsence(object: KubernetesManifest, deadline: number): Promise<string | undefined> {
        for (;;) {
            try {
                const answer = await this.api.request("GET", objectPath(object));
                if (answer.status === 404) {
                    return undefined;
                }
            } catch (error) {
                return (error as Error).message;
            }
            if (Date.now() > deadline) {
                return "it was asked to go and is still there";
            }
            await new Promise(resolve => setTimeout(resolve, POLL_MILLISECONDS));
        }
    }
}

function rank({ kind }: KubernetesManifest): number {
    return kind === "Pod" ? 0 : kind === "Namespace" ? 2 : 1;
}
