import { type ContractDestination, type ContractPort } from "../contract/egress";
import { type WorkloadIdentity } from "../settings/schema";
import { type Evidence } from "./evidence";
import { type Seen, spanOf, workloadText } from "./seen";

/** What the list says and nobody was seen to use. */
export interface Unused {
    readonly host: string;
    readonly source: string;
    /** The part of it, where the rest is used. */
    readonly part?: string;
    readonly last?: number;
}

export const DAY = 24 * 60 * 60 * 1000;

/** When each port of a declared destination, and each workload there, was used last. */
export class Usage {
    count = 0;
    private readonly last = new Map<string, number>();

    note(key: string, seen: Seen): void {
        if (seen.of("answered") > 0) {
            this.last.set(key, Math.max(this.last.get(key) ?? -Infinity, seen.last));
        }
    }

    of(key: string): number | undefined {
        return this.last.get(key);
    }
}

export const portKey = ({ host }: ContractDestination, { number }: ContractPort): string => `${host} ${number}`;
export const workloadKey = ({ host }: ContractDestination, one: WorkloadIdentity): string =>
    `${host} ${workloadText(one)}`;

/** Who says that something is not used has to have looked for long enough, where it would have been seen. */
export function unusedOf(
    { witnesses }: Evidence,
    declared: readonly ContractDestination[],
    used: Usage,
    days: number,
): { readonly unused?: readonly Unused[] } {
    const proxies = [witnesses.get("gateway"), witnesses.get("sidecar")].filter(seen => seen !== undefined);
    const { first, last } = spanOf(proxies);
    if (!(last - first >= days * DAY)) {
        return {};
    }
    const isOld = (at: number | undefined): boolean => at === undefined || last - at >= days * DAY;
    const when = (at: number | undefined) => (at === undefined ? {} : { last: at });
    return {
        unused: declared.flatMap(destination => {
            const { host, source } = destination;
            const ports = destination.ports.map(port => ({
                text: `${port.protocol} ${port.number}`,
                last: used.of(portKey(destination, port)),
            }));
            if (ports.every(port => isOld(port.last))) {
                const latest = ports.flatMap(port => port.last ?? []);
                return [{ host, source, ...when(latest.length === 0 ? undefined : Math.max(...latest)) }];
            }
            const workloads = destination.allow.map(one => ({
                text: workloadText(one),
                last: used.of(workloadKey(destination, one)),
            }));
            return [...ports, ...workloads]
                .filter(part => isOld(part.last))
                .map(part => ({ host, source, part: part.text, ...when(part.last) }));
        }),
    };
}
