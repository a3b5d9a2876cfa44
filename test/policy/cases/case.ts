import assert from "node:assert/strict";
import { UNKNOWN } from "../../../containment/resource";
import { type ConfiguredSettings } from "../../../policy/settings";

/** A resource as a program registers it. {@link UNKNOWN} stands for a value that another resource gives after `up`. */
export interface Subject {
    readonly type: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Logical name. Default: one that the test makes up. */
    readonly name?: string;
    /** Default: one of the project that the test names. */
    readonly urn?: string;
    /** URN of the component that made it. */
    readonly parent?: string;
    /** Logical names of what each input is made from. */
    readonly madeFrom?: Readonly<Record<string, readonly string[]>>;
}

/** The pack's settings for the cases: a gateway of this program's names, as somebody who has none of its components writes it. */
export const CASE_SETTINGS: Partial<ConfiguredSettings> = {
    gatewaySubnets: ["*-egress"],
    clientNamespaces: ["*"],
    resolverNamespace: "istio-egress-dns",
};

/** What a rule has to say about resources, as data: the same cases go through the rule, the pack's protocol and the engine. */
export interface RuleCases {
    readonly rule: string;
    /** By what makes them fine. */
    readonly passes: Readonly<Record<string, readonly Subject[]>>;
    /** By what is wrong with them. */
    readonly fails: Readonly<Record<string, Refused>>;
    /** By what is not known. Rules that read nothing which can be unknown say why instead. */
    readonly unknown: Readonly<Record<string, Refused>> | string;
}

export interface Refused {
    readonly resources: readonly Subject[];
    /**
     * Every message of the rule, in order. A plain text leaves out the rule's own remedy, which the message ends with. A
     * pattern is for messages whose words come from the proof.
     */
    readonly messages: readonly Message[];
}

export type Message = string | { readonly whole: string } | RegExp;

/** Whether the messages of a rule are those that were expected, and in that order. */
export function assertMessages(actual: readonly string[], expected: readonly Message[], remedy: string): void {
    const wanted = expected.map((message, index) => {
        if (message instanceof RegExp) {
            assert.match(actual[index] ?? "(no message)", message);
            return actual[index];
        }
        return typeof message === "string" ? `${message} ${remedy}` : message.whole;
    });
    assert.deepEqual(actual, wanted);
}

/** A message that ends with another remedy than the rule's. */
export function whole(message: string): Message {
    return { whole: message };
}

export { UNKNOWN };

/** What every rule says when a value that decides is not known. */
export function undecided(path: string, question: string): Message {
    return whole(
        `${path} is not known before deployment, and it decides ${question}. ` +
            "Give it as a plain value, or compose it from plain values (a Google name or address follows from project, " +
            "region and name), so that a preview can show it.",
    );
}
