import { type Command, InvalidArgumentError, Option } from "commander";
import { PROTOCOLS } from "../declared/mesh";
import { fromHere } from "../plan/project";
import { json, out, stack } from "./options";

const whole = (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
        throw new InvalidArgumentError("It has to be a whole number above 0.");
    }
    return number;
};

/** Commands that write lists of destinations: by hand, out of logs, out of other people's objects. */
export function withListCommands(program: Command): void {
    program
        .command("add")
        .description("add a destination, or a workload to one that is there, and tell what that opens")
        .argument("<host:port>", "for example istio.io:443")
        .requiredOption("--for <workload>", "who may use it: namespace/serviceAccount")
        .addOption(new Option("--protocol <protocol>", "default: tls on 443, http on 80").choices(PROTOCOLS))
        .option("--owner <text>", "whom to ask")
        .option("--reason <text>", "why it is needed")
        .option("--file <file>", "list that a new host goes into; default: the stack's own", fromHere)
        .addOption(stack())
        .addOption(json())
        .addOption(out())
        .action(async (where: string, options) =>
            (require("./commands/add") as typeof import("./commands/add")).add(where, options),
        );

    program
        .command("suggest")
        .description(
            "what a list of destinations lacks and what nobody uses, out of logs; exits with 0 (nothing is missing), 1 (something is) or 2 (cannot tell of some calls)",
        )
        .argument(
            "<file...>",
            "access logs of Envoy, Google's firewall, NAT and flow logs, query logs of CoreDNS, in any mix: files or folders, compressed or not; - is standard input",
        )
        .option(
            "--pods <file...>",
            "who had which address: what `kubectl get pods -A -o json` wrote, at one time or several",
            (file: string, before: readonly string[] = []) => [...before, fromHere(file)],
        )
        .option("--gateway <host...>", "Services that are an egress gateway, beside the stack's and Istio's own")
        .option("--unused-after <days>", "propose what nobody used for so long for removal", whole, 30)
        .option("--write", "put what is missing into the list, where the settings take it")
        .option("--file <file>", "list that new hosts go into; default: the stack's own", fromHere)
        .addOption(stack())
        .addOption(json())
        .addOption(out())
        .action(async (files: string[], options) =>
            (require("./commands/suggest") as typeof import("./commands/suggest")).suggest(
                files.map(fromHere),
                options,
            ),
        );

    program
        .command("import")
        .description(
            "destinations out of objects that people have: Istio's for egress, UDS packages, Cilium's and GKE's FQDN policies; exits with 0 (all carried over), 1 (not all) or 2 (cannot tell)",
        )
        .argument("[file...]", "manifests or folders of them; - is standard input")
        .option("--live", "read the cluster as well")
        .option("--kubeconfig <file>", "default: KUBECONFIG, or ~/.kube/config", fromHere)
        .option("--context <name>", "context of the kubeconfig")
        .option("--for <workload...>", "who may use what no object says: namespace/serviceAccount")
        .option("--write", "put the destinations into the list, where the settings take them")
        .option("--file <file>", "list that new hosts go into; default: the stack's own", fromHere)
        .addOption(stack())
        .addOption(json())
        .addOption(out())
        .action(async (files: string[], options) =>
            (require("./commands/import") as typeof import("./commands/import")).importObjects(
                files.map(fromHere),
                options,
            ),
        );
}
