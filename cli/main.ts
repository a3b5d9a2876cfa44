import { Command, Option } from "commander";
import { InputError } from "../settings/values/problem";
import { withVerifyOptions } from "./commands/verifyOptions";
import { EXIT } from "./exit";

/** Every command loads its own module when it runs: a plan must not wait for what only a probe needs. */
const program = new Command("egress-gateway")
    .description("Plan, prove and probe an Istio egress gateway that is the only way out of a cluster.")
    .showHelpAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride(error => process.exit(error.exitCode === 0 ? EXIT.holds : EXIT.cannotTell));

/** Errors of the containment library that are about its input; named, so that no command loads it for the sake of another. */
const USER_ERRORS: ReadonlySet<string> = new Set([
    "WorldError",
    "ReaderError",
    "AddressError",
    "ServiceError",
    "UnknownSourceError",
    "ClusterError",
]);

const stack = () =>
    new Option("-s, --stack <name>", "environment: the part between the dots of Pulumi.<name>.yaml").default("dev");
const json = () => new Option("--json", "machine-readable output");

program
    .command("plan")
    .description("what will exist, who may reach what, and whether it is contained; needs no cloud account")
    .addOption(stack())
    .addOption(json())
    .action(async options => (require("./commands/plan") as typeof import("./commands/plan")).plan(options));

program
    .command("render")
    .description("every Kubernetes object as YAML")
    .addOption(stack())
    .addOption(json())
    .action(async options => (require("./commands/render") as typeof import("./commands/render")).render(options));

const from = () => new Option("--from <file>", "judge a plan, a preview or a state export instead of an offline plan");
const others = () =>
    new Option(
        "--with <file...>",
        "add another stack's plan, preview or state, for example of the one that owns the network",
    );
const asked = () =>
    new Option("-s, --stack <name>", "environment to plan offline (default: dev), or that a file is expected to be of");

program
    .command("prove")
    .description(
        "does containment hold, with which locks, on which assumptions? exits with 0, 1 (violated) or 2 (cannot tell)",
    )
    .addOption(asked())
    .addOption(from())
    .addOption(others())
    .addOption(json())
    .action(async options => (require("./commands/prove") as typeof import("./commands/prove")).prove(options));

program
    .command("explain")
    .description(
        "every hop of one packet, and who decides there; exits with 0 (gets there), 1 (does not) or 2 (cannot tell)",
    )
    .requiredOption("--from <who>", "a workload (payments/api), or a machine (gateway, node:acme-dev/applications)")
    .requiredOption("--to <where>", "istio.io:443, 1.1.1.1:53/udp, [2606:4700:4700::1111]:443, 1.1.1.1/icmp")
    .option("--file <file>", "a plan, a preview or a state export instead of an offline plan")
    .addOption(asked())
    .addOption(others())
    .addOption(json())
    .action(async options => (require("./commands/explain") as typeof import("./commands/explain")).explain(options));

program
    .command("diff")
    .description("what a change opens and closes, and for whom")
    .requiredOption("--against <revision or file>", "what it was before: a git revision, or a file as --from takes it")
    .addOption(asked())
    .addOption(from())
    .addOption(others())
    .addOption(json())
    .action(async options => (require("./commands/diff") as typeof import("./commands/diff")).diff(options));

program
    .command("preflight")
    .description(
        "before `up`: does the live project and cluster agree with the platform settings? exits with 0, 1 (no) or 2 (cannot tell)",
    )
    .addOption(stack())
    .option("--no-google", "leave Google Cloud out")
    .option("--no-cluster", "leave the cluster out")
    .option("--kubeconfig <file>", "default: KUBECONFIG, or ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig; default: the settings', or its current one")
    .addOption(json())
    .action(async options =>
        (require("./commands/preflight") as typeof import("./commands/preflight")).preflight(options),
    );

withVerifyOptions(program.command("verify"))
    .description(
        "probes that must pass and probes that must fail, on the live cluster; exits with 0, 1 (violated) or 2 (cannot tell)",
    )
    .addOption(stack())
    .addOption(json())
    .action(async options => (require("./commands/verify") as typeof import("./commands/verify")).verify(options));

program
    .command("policies")
    .description("the rules of the policy pack, and what each of them stops")
    .addOption(json())
    .action(options => (require("./commands/policies") as typeof import("./commands/policies")).policies(options));

program.parseAsync().catch((error: unknown) => {
    // What a person can mend is told without the stack of calls that found it.
    console.error(
        error instanceof InputError || USER_ERRORS.has((error as Error).name) ? (error as Error).message : error,
    );
    process.exitCode = EXIT.cannotTell;
});
