import { type Resource } from "../../../../containment/resource";

/* The parts of the registered Istio objects that the proxies of the rig follow. */

interface Meta {
    readonly name: string;
    readonly namespace: string;
}

export interface Gateway {
    readonly metadata: Meta;
    readonly spec: {
        readonly servers: readonly {
            readonly port: { readonly number: number; readonly name: string };
            readonly hosts: readonly string[];
            readonly tls: { readonly mode: string; readonly subjectAltNames?: readonly string[] };
        }[];
    };
}

interface Destination {
    readonly destination: {
        readonly host: string;
        readonly subset?: string;
        readonly port: { readonly number: number };
    };
}

export interface VirtualService {
    readonly metadata: Meta;
    readonly spec: {
        readonly hosts: readonly string[];
        readonly gateways: readonly string[];
        readonly exportTo: readonly string[];
        readonly tls?: readonly {
            readonly match: readonly { readonly port: number; readonly sniHosts: readonly string[] }[];
            readonly route: readonly Destination[];
        }[];
        readonly tcp?: readonly {
            readonly match: readonly { readonly port: number }[];
            readonly route: readonly Destination[];
        }[];
        readonly http?: readonly {
            readonly match?: readonly { readonly port: number }[];
            readonly route: readonly Destination[];
        }[];
    };
}

export interface ServiceEntry {
    readonly metadata: Meta;
    readonly spec: {
        readonly hosts: readonly string[];
        readonly addresses?: readonly string[];
        readonly resolution: string;
        readonly exportTo: readonly string[];
        readonly ports: readonly { readonly number: number; readonly protocol: string }[];
    };
}

interface ClientTls {
    readonly mode: string;
    readonly sni?: string;
    readonly subjectAltNames?: readonly string[];
}

export interface DestinationRule {
    readonly metadata: Meta;
    readonly spec: {
        readonly host: string;
        readonly trafficPolicy?: {
            readonly portLevelSettings?: readonly {
                readonly port: { readonly number: number };
                readonly tls?: ClientTls;
            }[];
        };
        readonly subsets?: readonly {
            readonly name: string;
            readonly trafficPolicy: {
                readonly portLevelSettings: readonly {
                    readonly port: { readonly number: number };
                    readonly tls?: ClientTls;
                }[];
            };
        }[];
    };
}

export interface AuthorizationPolicy {
    readonly metadata: Meta;
    readonly spec: {
        readonly action?: string;
        readonly rules?: readonly {
            readonly from?: readonly { readonly source: { readonly principals: readonly string[] } }[];
            readonly to: readonly {
                readonly operation: { readonly ports: readonly string[]; readonly hosts?: readonly string[] };
            }[];
        }[];
    };
}

/** Registered objects of a kind. */
export function istioObjects<T extends { readonly metadata: Meta }>(resources: readonly Resource[], kind: string): T[] {
    return resources
        .filter(({ type }) => /^kubernetes:(networking|security)\.istio\.io\//.test(type) && type.endsWith(`:${kind}`))
        .map(({ inputs }) => inputs as unknown as T);
}
