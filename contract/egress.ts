import { z } from "zod";
import { PERIMETER_OUTPUT, sharedPerimeterSchema } from "./sharedPerimeter";

/**
 * Version of both edges of the egress stack: what it takes from a platform and what it gives to applications. Raised when
 * something is removed or changes its meaning; additions leave it. It is the major version of the packed contract.
 */
export const CONTRACT_VERSION = 1;

export type VersionSkew = "missing" | "newer" | "older";

/**
 * How another stack's version differs from this one's. A missing version is a finding of its own: whoever wrote those outputs
 * did not know the contract.
 */
export function versionSkew(given: unknown): VersionSkew | undefined {
    if (typeof given !== "number" || !Number.isInteger(given)) {
        return "missing";
    }
    return given === CONTRACT_VERSION ? undefined : given > CONTRACT_VERSION ? "newer" : "older";
}

const port = z.object({
    number: z.int(),
    protocol: z.enum(["tls", "http", "originate", "tcp"]),
    /** Where the application connects: a URL, or `host:port` for `tcp`. */
    address: z.string(),
    /** Port that the application dials. */
    clientPort: z.int(),
    /** The application speaks plain HTTP here, even where the far side speaks TLS. */
    plainHttp: z.boolean(),
    /** The workload's sidecar has to answer DNS: a host with a `tcp` port has a virtual address, for its TLS ports as well. */
    needsDnsCapture: z.boolean(),
});

/** What the egress stack gives to applications, under these output names. */
export const egressOutputsSchema = z.object({
    contractVersion: z.int(),
    natAddresses: z.array(z.ipv4()).describe("Source addresses of every gateway."),
    gateway: z.object({
        namespace: z.string(),
        host: z.string(),
        trustDomain: z.string(),
        mutualTls: z.boolean(),
        /** Revision of the control plane that injects the clients' sidecars; absent: `default`. */
        revision: z.string().optional(),
        /** With the DNS lock no name resolves but the declared ones, once it is enforced; absent: there is none. */
        dns: z.object({ lock: z.enum(["enforce", "observe"]), namespace: z.string() }).optional(),
    }),
    /** Gateways besides `default`, by name; absent: there are none. */
    gateways: z
        .record(
            z.string(),
            z.object({
                namespace: z.string(),
                host: z.string(),
                natAddresses: z.array(z.ipv4()).describe("Source addresses of this gateway, which no other has."),
            }),
        )
        .optional(),
    destinations: z.array(
        z.object({
            host: z.string(),
            /** Name of the gateway that it leaves by; absent: `default`. */
            gateway: z.string().optional(),
            owner: z.string().optional(),
            reason: z.string().optional(),
            expires: z.string().optional(),
            /** Where the list is that has to change to get access. */
            source: z.string(),
            ports: z.array(port),
            allow: z.array(z.object({ namespace: z.string(), serviceAccount: z.string() })),
        }),
    ),
    /** For stacks of further clusters in the network, and of no use to applications; absent: none can join. */
    [PERIMETER_OUTPUT]: sharedPerimeterSchema.optional(),
});

export type EgressOutputs = z.output<typeof egressOutputsSchema>;
export type ContractDestination = EgressOutputs["destinations"][number];
/** A gateway besides `default`, but for its addresses, which are known after the first `pulumi up`. */
export type KnownGateway = Omit<NonNullable<EgressOutputs["gateways"]>[string], "natAddresses">;
/** What is known at preview. */
export type KnownOutputs = Omit<EgressOutputs, "natAddresses" | "gateways"> & {
    readonly gateways?: Readonly<Record<string, KnownGateway>>;
};
export type ContractPort = ContractDestination["ports"][number];
