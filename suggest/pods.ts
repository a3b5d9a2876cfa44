import { subdomainCheck } from "../base/names";
import { isObject } from "../containment/document";
import { type WorkloadIdentity } from "../settings/schema";
import { fieldOf, textOf, timeOf } from "./fields";
import { type Client } from "./observation";
import { entryIn, workloadText } from "./seen";

/** What counts of a pod as the API server shows it. */
interface Pod {
    readonly identity: WorkloadIdentity;
    /** Since when its address is its own. */
    readonly since: number;
}

/**
 * Which service account ran at which address and in which pod, out of `kubectl get pods -A -o json`, at one or several times. An
 * address is another pod's before the one that is shown there began, and nobody's who shares it with its node.
 */
export class Pods {
    private readonly byName = new Map<string, Pod | "several">();
    private readonly byAddress = new Map<string, Pod[]>();

    add(list: unknown): void {
        if (isListOfPods(list)) {
            list.items.forEach(item => this.addOne(item));
        }
    }

    /** Undefined where nothing shows it, or more than one can be meant. */
    identityOf({ identity, pod, address }: Client, at: number | undefined): WorkloadIdentity | undefined {
        if (identity !== undefined) {
            return identity;
        }
        const named =
            pod === undefined
                ? undefined
                : this.byName.get(pod.namespace === undefined ? pod.name : `${pod.namespace}/${pod.name}`);
        return named === undefined || named === "several" ? this.atAddress(address, at)?.identity : named.identity;
    }

    private atAddress(address: string | undefined, at: number | undefined): Pod | undefined {
        const pods = address === undefined ? [] : (this.byAddress.get(address) ?? []);
        if (at === undefined) {
            const [first, ...others] = pods;
            return first !== undefined && others.every(pod => isSame(pod, first)) ? first : undefined;
        }
        return pods.filter(({ since }) => since <= at).at(-1);
    }

    private addOne(item: unknown): void {
        const [metadata, spec, status] = ["metadata", "spec", "status"].map(part => fieldOf(item, part));
        const [namespace, name] = [textOf(metadata, "namespace"), textOf(metadata, "name")];
        const since = timeOf(textOf(status, "startTime"));
        const serviceAccount = textOf(spec, "serviceAccountName") ?? "default";
        if (
            namespace === undefined ||
            name === undefined ||
            since === undefined ||
            ![namespace, name, serviceAccount].every(isName)
        ) {
            return;
        }
        const pod: Pod = { since, identity: { namespace, serviceAccount } };
        for (const key of [`${namespace}/${name}`, name]) {
            const before = this.byName.get(key);
            this.byName.set(
                key,
                before === undefined || (before !== "several" && isSame(before, pod)) ? pod : "several",
            );
        }
        const address = textOf(status, "podIP");
        if (address !== undefined && fieldOf(spec, "hostNetwork") !== true) {
            const pods = entryIn(this.byAddress, address, () => []);
            pods.push(pod);
            pods.sort((a, b) => a.since - b.since);
        }
    }
}

const isName = (text: string): boolean => subdomainCheck(text) === undefined;

export function isListOfPods(list: unknown): list is { readonly items: readonly unknown[] } {
    const items = fieldOf(list, "items");
    return (
        Array.isArray(items) && items.every(item => fieldOf(item, "kind") === "Pod" || isObject(fieldOf(item, "spec")))
    );
}

function isSame(one: Pod, other: Pod): boolean {
    return workloadText(one.identity) === workloadText(other.identity);
}
