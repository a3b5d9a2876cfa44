import { type Command } from "commander";
import { fromHere } from "../../plan/project";
import { InputError } from "../../base/problem";
import { DEFAULT_TARGETS } from "../../live/verify/catalogue/targets";

const DEFAULTS = {
    attempts: 3,
    attemptSeconds: 3,
    stepSeconds: 240,
    allowedNeeds: 2,
    nodes: 2,
    gatewayNodeNamespace: "kube-system",
    ...DEFAULT_TARGETS,
    /** Nobody: a name that no exemption of the guard covers, with every right, so that only the guard refuses. */
    tenantUser: "egress-gateway-verify",
    tenantGroup: ["system:masters", "system:authenticated"],
} as const;

/** Whole number of an option, for commander. */
function count(option: string, minimum: number): (text: string) => number {
    return text => {
        const value = Number(text);
        if (!Number.isInteger(value) || value < minimum) {
            throw new InputError("the probes cannot be composed", [
                {
                    path: option,
                    given: text,
                    expected: `a whole number of at least ${minimum}`,
                    remedy: "Leave it out for the default.",
                },
            ]);
        }
        return value;
    };
}

/** The options of `verify`. Apart from the command, because asking for help must not load what talks to a cluster. */
export function withVerifyOptions(command: Command): Command {
    return command
        .option("--plan", "take the destinations from the settings, not from the deployed stack's outputs")
        .option("--outputs <file>", "take them from a file that `pulumi stack output --json` wrote", fromHere)
        .option("--kubeconfig <file>", "default: KUBECONFIG, or ~/.kube/config", fromHere)
        .option("--context <name>", "context of the kubeconfig; default: its current one")
        .option(
            "--image <image>",
            "has to have sh and curl; nc or bash, and ping, are used; default: the gateway's own proxy image",
        )
        .option("--image-pull-secret <name>", "Secret for that image, in every namespace that probes run in")
        .option(
            "--only <what>",
            "try these alone: claims (C1,C3), probes by their id, or by how ids begin (refused/orders)",
        )
        .option("--sample <n>", "at most so many probes of each kind and workload; default: all", count("--sample", 1))
        .option(
            "--attempts <n>",
            "tries of every probe; a denial has to be seen each time",
            count("--attempts", 1),
            DEFAULTS.attempts,
        )
        .option(
            "--allowed-needs <n>",
            "answers that an allowed probe needs of its tries",
            count("--allowed-needs", 1),
            DEFAULTS.allowedNeeds,
        )
        .option("--attempt-seconds <n>", "how long a try waits", count("--attempt-seconds", 1), DEFAULTS.attemptSeconds)
        .option(
            "--step-seconds <n>",
            "how long the pods of a step may take",
            count("--step-seconds", 10),
            DEFAULTS.stepSeconds,
        )
        .option("--nodes <n>", "nodes that strangers try from", count("--nodes", 1), DEFAULTS.nodes)
        .option(
            "--echo <urls...>",
            "declared URL that answers with the caller's address, to compare with the NAT addresses; of several gateways one each",
        )
        .option("--below <hosts...>", "hosts that exist below declared wildcards, to be reached through them")
        .option(
            "--gateway-node-namespace <name>",
            "exempt namespace from which a pod may stand on a gateway node",
            DEFAULTS.gatewayNodeNamespace,
        )
        .option("--no-gateway-node", "put no pod on a gateway node; C3 then stays unknown")
        .option(
            "--public-address <ipv4>",
            "answers TCP 80, 443 and 853, UDP 443 and ping outside",
            DEFAULTS.publicAddress,
        )
        .option("--public-resolver <ipv4>", "answers DNS outside", DEFAULTS.publicResolver)
        .option("--public-ipv6-address <ipv6>", "answers TCP 443 outside", DEFAULTS.publicIpv6Address)
        .option("--undeclared-host <host>", "a host that no destination declares", DEFAULTS.undeclaredHost)
        .option(
            "--canary-zone <domain>",
            "with the DNS lock: a domain in which every name exists, by a wildcard record; random names are asked for below it",
        )
        .option(
            "--private-service <ipv4:port>",
            "answers inside the network, outside the cluster: gateway nodes must not reach it",
        )
        .option("--tenant-user <name>", "as whom the guard is tried; it must not be exempt", DEFAULTS.tenantUser)
        .option("--tenant-group <names...>", "groups of that user", [...DEFAULTS.tenantGroup])
        .option("--junit <file>", "also write JUnit XML", fromHere);
}
