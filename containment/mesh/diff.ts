import { type Resource } from "../resource";
import { type DeclaredPort, readDeclarations, target } from "./declared";

/** A workload that gained or lost the use of a destination's port. */
export interface GrantChange {
    /** `namespace/serviceAccount` */
    readonly workload: string;
    /** `host:port` of the far side. */
    readonly destination: string;
    readonly change: "gained" | "lost";
}

/** Who may use what through the gateway after a change, and no longer, or not yet, may. Sorted by workload and destination. */
export function diffGrants(before: readonly Resource[], after: readonly Resource[]): GrantChange[] {
    const [then, now] = [grants(before), grants(after)];
    return [
        ...[...now].filter(grant => !then.has(grant)).map(grant => change(grant, "gained")),
        ...[...then].filter(grant => !now.has(grant)).map(grant => change(grant, "lost")),
    ].sort((a, b) => a.workload.localeCompare(b.workload) || a.destination.localeCompare(b.destination));
}

const SEPARATOR = " ";

function grants(resources: readonly Resource[]): ReadonlySet<string> {
    const ports: readonly DeclaredPort[] = readDeclarations(resources).flatMap(declaration =>
        declaration !== undefined && "ports" in declaration ? declaration.ports : [],
    );
    return new Set(
        ports.flatMap(({ host, port, allow }) =>
            allow.map(
                ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}${SEPARATOR}${target(host, port)}`,
            ),
        ),
    );
}

function change(grant: string, kind: GrantChange["change"]): GrantChange {
    const [workload = "", destination = ""] = grant.split(SEPARATOR);
    return { workload, destination, change: kind };
}
