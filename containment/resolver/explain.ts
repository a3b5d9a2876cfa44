import { isClusterName } from "../../base/conventions";
import { type Hop } from "../verdict";
import { type World } from "../world/world";
import { ordinaryQuery } from "./configuration";
import { declaredResolver } from "./claims";
import { deployedResolver } from "./deployed";

/** A name, as a client asks for it. */
export interface Name {
    /** Without the last dot. */
    readonly host: string;
    /** For example `A`, `TXT`. */
    readonly type: string;
}

export interface NameAnswer {
    /** Whether a server outside the cluster is asked; undefined: it cannot be told. */
    readonly asked: boolean | undefined;
    readonly hops: readonly Hop[];
}

/** The way of one name from a pod that asks the cluster's own DNS, as pods do unless told otherwise. */
export function explainName(world: World, { host, type }: Name): NameAnswer {
    const name = host.toLowerCase();
    if (isClusterName(name)) {
        return {
            asked: false,
            hops: [{ at: "cluster DNS", decision: "answers it itself: a name of the cluster", decides: true }],
        };
    }
    const declared = declaredResolver(world);
    if (declared === undefined) {
        const decision =
            "asks the servers of its node, which resolve every name: no resolver is given that knows the declared ones alone";
        return { asked: true, hops: [{ at: "cluster DNS", decision, decides: true }] };
    }
    if (!declared.known) {
        return { asked: undefined, hops: [{ at: "resolver", decision: declared.reasons.join("; "), decides: true }] };
    }
    const { way, configuration, witnesses, reasons, resources } = deployedResolver(world.objects, declared.value);
    const [around] = witnesses;
    if (around !== undefined) {
        return { asked: true, hops: around.hops };
    }
    if (configuration === undefined) {
        return { asked: undefined, hops: [...way, { at: "resolver", decision: reasons.join("; "), decides: true }] };
    }
    const { block, asked } = configuration.answer(ordinaryQuery(name, type));
    const doubt = configuration.doubts[0];
    const certain = doubt === undefined ? asked : asked === true ? true : undefined;
    const resource = resources.at(-1);
    return {
        asked: certain,
        hops: [
            ...way,
            {
                at: "resolver's configuration",
                decision:
                    certain === undefined
                        ? `whether ${block} asks a server for ${name} (${type}) is not known${doubt === undefined ? "" : `: ${doubt}`}`
                        : certain
                          ? `${block} asks a server for ${name} (${type})`
                          : `${block} answers by itself that there is nothing`,
                ...(resource === undefined ? {} : { resource }),
                ...(certain === false ? { stops: true as const } : {}),
                decides: true,
            },
        ],
    };
}
