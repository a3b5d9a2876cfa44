import { type HostileCase } from "./case";
import { POD_KINDS, type PodFields, type PodKind, workloadOf } from "./objects";
import { CLIENT, developer, ELSEWHERE } from "./surroundings";

interface Placement {
    readonly id: string;
    readonly bypass?: number;
    /** Continues "A Deployment …". */
    readonly title: string;
    readonly message: string;
    readonly hostile: PodFields;
    readonly benign: PodFields;
}

/** The pod in a workload of that kind, with what is hostile and with what is not. */
export function placed(rule: HostileCase["rule"], kind: PodKind, placement: Placement): HostileCase {
    const name = `${placement.id.replace("/", "-")}-${kind.toLowerCase()}`;
    // Beside a client's namespace, to show that the rule holds in both.
    const namespace = POD_KINDS.indexOf(kind) % 2 === 0 ? CLIENT : ELSEWHERE;
    return {
        id: `${placement.id}/${kind}`,
        rule,
        ...(placement.bypass === undefined ? {} : { bypass: placement.bypass }),
        title: `A ${kind} ${placement.title}.`,
        as: developer,
        message: placement.message,
        request: { operation: "create", object: workloadOf(kind, name, placement.hostile, { namespace }) },
        twin: {
            title: `A ${kind} asks for something else of the same sort.`,
            request: { operation: "create", object: workloadOf(kind, `${name}-twin`, placement.benign, { namespace }) },
        },
    };
}
