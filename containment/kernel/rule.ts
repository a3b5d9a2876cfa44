import { type HeaderSpace } from "./headers";

/**
 * What a rule does with a packet that it matches. `next` hands it to the layer behind (`goto_next`). `inspect` hands it to an
 * inspection that may drop it. `unreadable` stands for an action that is not known: it may be any of them.
 */
export type Action = "allow" | "deny" | "next" | "inspect" | "unreadable";

/**
 * A rule may be known in part only. It certainly matches `must` and possibly matches `may`; where all is known they are the same
 * object. `must` always lies inside `may`.
 */
export interface KernelRule {
    readonly action: Action;
    readonly may: HeaderSpace;
    readonly must: HeaderSpace;
}

/** Rules in order of evaluation: the first match decides, and no match passes on to the next layer. */
export type Layer<R extends KernelRule = KernelRule> = readonly R[];
