import { RECORD_TYPES, type RecordType } from "../base/recordTypes";
import { type ComponentType } from "./component";
import { flag, listOf, objectOf, oneOf, text } from "./fact";

/** A domain that is answered with every name below it. */
export interface RegisteredZone {
    readonly name: string;
    /** Whether the domain's own name is answered too. */
    readonly apex: boolean;
    readonly types: readonly RecordType[];
    /** Who is asked in place of `upstreams`; empty: nobody else. */
    readonly nameservers: readonly string[];
}

/** Which names the resolver is declared to answer: the proof holds its configuration, and what leads to it, against this. */
export interface ResolverInputs {
    readonly lock: "enforce" | "observe";
    readonly namespace: string;
    /** Address of its Service. */
    readonly address: string;
    /** The cluster's own DNS: the ConfigMap by which it is told to ask the resolver, and the address of its Service. */
    readonly clusterDns: { readonly namespace: string; readonly name: string; readonly address: string };
    /** Exact names. */
    readonly hosts: readonly string[];
    readonly zones: readonly RegisteredZone[];
    readonly upstreams: readonly string[];
}

export const RESOLVER: ComponentType<ResolverInputs> = {
    type: "egress-gateway:resolver:Resolver",
    inputs: {
        lock: oneOf("enforce", "observe"),
        namespace: text,
        address: text,
        clusterDns: objectOf({ namespace: text, name: text, address: text }),
        hosts: listOf(text),
        zones: listOf(
            objectOf<RegisteredZone>({
                name: text,
                apex: flag,
                types: listOf(oneOf(...RECORD_TYPES)),
                nameservers: listOf(text),
            }),
        ),
        upstreams: listOf(text),
    },
};
