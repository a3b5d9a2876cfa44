import { isIPv4 } from "node:net";
import { InputError } from "../../base/problem";
import { type ClusterOptions } from "../../live/cluster/api";
import { type Echo } from "../../live/verify/catalogue/echoes";
import { type RunOptions } from "../../live/verify/cluster/run";

/** What a person may write behind `npm run verify --`. */
export interface VerifyFlags extends ClusterOptions {
    readonly stack: string;
    readonly plan?: boolean;
    /** File with the stack's outputs. */
    readonly outputs?: string;
    readonly image?: string;
    readonly imagePullSecret?: string;
    readonly sample?: number;
    /** Claims and probes, separated by commas. */
    readonly only?: string;
    readonly attempts: number;
    readonly attemptSeconds: number;
    readonly stepSeconds: number;
    readonly allowedNeeds: number;
    readonly nodes: number;
    readonly echo?: readonly string[];
    readonly below?: readonly string[];
    readonly gatewayNodeNamespace: string;
    readonly gatewayNode: boolean;
    readonly publicAddress: string;
    readonly publicResolver: string;
    readonly publicIpv6Address: string;
    readonly undeclaredHost: string;
    readonly canaryZone?: string;
    readonly privateService?: string;
    readonly tenantUser: string;
    readonly tenantGroup: readonly string[];
    readonly json?: boolean;
    readonly junit?: string;
}

/** The run's options as far as they follow from flags alone. */
export function runOptionsOf(flags: VerifyFlags): Omit<RunOptions, "outputs" | "signal" | "onStep" | "onResult"> {
    const { allowedNeeds, attempts, attemptSeconds, image, imagePullSecret, nodes, sample, stepSeconds } = flags;
    const privateService = privateServiceOf(flags);
    const only = flags.only?.split(",").map(word => word.trim());
    return {
        attempts,
        secondsPerAttempt: attemptSeconds,
        secondsPerStep: stepSeconds,
        allowedNeeds: Math.min(allowedNeeds, attempts),
        nodes,
        ...(only === undefined ? {} : { only }),
        ...(image === undefined ? {} : { image }),
        ...(imagePullSecret === undefined ? {} : { imagePullSecret }),
        tenant: { user: flags.tenantUser, groups: flags.tenantGroup },
        catalogue: {
            targets: {
                publicAddress: flags.publicAddress,
                publicResolver: flags.publicResolver,
                publicIpv6Address: flags.publicIpv6Address,
                undeclaredHost: flags.undeclaredHost,
                ...(flags.canaryZone === undefined ? {} : { canaryZone: flags.canaryZone.toLowerCase() }),
                ...(privateService === undefined ? {} : { privateService }),
            },
            ...(sample === undefined ? {} : { sample }),
            ...(flags.below === undefined ? {} : { below: flags.below.map(name => name.toLowerCase()) }),
            ...(flags.echo === undefined ? {} : { echoes: flags.echo.map(echoOf) }),
            ...(flags.gatewayNode ? { gatewayNodeNamespace: flags.gatewayNodeNamespace } : {}),
        },
    };
}

/** @throws InputError unless it is `address:port`. */
function privateServiceOf({
    privateService,
}: Pick<VerifyFlags, "privateService">): { readonly address: string; readonly port: number } | undefined {
    if (privateService === undefined) {
        return undefined;
    }
    const [address = "", port = ""] = privateService.split(":");
    if (!isIPv4(address) || !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
        throw new InputError("the probes cannot be composed", [
            {
                path: "--private-service",
                given: privateService,
                expected:
                    "an IPv4 address and a port of something inside the network that answers, outside the cluster",
                remedy: "Write it like 10.20.0.5:5432.",
            },
        ]);
    }
    return { address, port: Number(port) };
}

function echoOf(url: string): Echo {
    try {
        const { hostname, pathname, search } = new URL(url);
        return { host: hostname, path: `${pathname}${search}` };
    } catch {
        throw new InputError("the probes cannot be composed", [
            {
                path: "--echo",
                given: url,
                expected: "a URL of a declared host that answers with the caller's address",
                remedy: "Write it like https://checkip.example.com/.",
            },
        ]);
    }
}
