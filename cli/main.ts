import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { Argument, Command, Help, Option } from "commander";
import { type Shell } from "./commands/completion";
import { UserError } from "../base/problem";
import { optionOf, QUESTIONS } from "./commands/initQuestions";
import { withVerifyOptions } from "./commands/verifyOptions";
import { complain, EXIT, sayInto, working } from "./output";
import { withListCommands } from "./listCommands";
import { json, out, stack } from "./options";
import { fromHere, version } from "../plan/project";

/** Every command loads its own module when it runs: a plan must not wait for what only a probe needs. */
const program = new Command("egress-gateway")
    .description("Plan, prove and probe an Istio egress gateway that is the only way out of a cluster.")
    .version(version(), "-V, --version", "print the version of this program")
    .showHelpAfterError("(--help tells the options)")
    .configureHelp({
        showGlobalOptions: true,
        // As the person called it: npm names the script that it runs.
        commandUsage: command =>
            command.parent !== null && process.env["npm_lifecycle_event"] === command.name()
                ? `npm run ${command.name()} -- ${command.usage()}`
                : new Help().commandUsage(command),
    })
    // It repeats what it was given.
    .configureOutput({
        writeErr: text => complain(text.trimEnd()),
        outputError: (text, write) => write(text.trimEnd().replaceAll("\n", "\n  ")),
    })
    .exitOverride(error => process.exit(error.exitCode === 0 ? EXIT.holds : EXIT.cannotTell));

program
    .command("plan")
    .description("what will exist, who may reach what, and whether it is contained; needs no cloud account")
    .addOption(stack())
    .addOption(json())
    .addOption(out())
    .action(async options => (require("./commands/plan") as typeof import("./commands/plan")).plan(options));

program
    .command("render")
    .description("every Kubernetes object as YAML")
    .addOption(stack())
    .addOption(json())
    .addOption(out())
    .action(async options => (require("./commands/render") as typeof import("./commands/render")).render(options));

const from = () =>
    new Option(
        "--from <file>",
        "judge a plan, a preview or a state, of Pulumi's or Terraform's, an inventory, or Kubernetes manifests (a file or a folder) instead of an offline plan; - is standard input",
    ).argParser(fromHere);
const others = () =>
    new Option(
        "--with <file...>",
        "add another stack's plan, preview or state, for example of the one that owns the network, or manifests of what else is in the cluster",
    ).argParser((file: string, before: readonly string[] = []) => [...before, fromHere(file)]);
const asked = () =>
    new Option("-s, --stack <name>", "environment to plan offline (default: dev), or that a file is expected to be of");

/** How commands reach what is deployed. */
const withLive = (command: Command) =>
    command
        .option("--no-google", "leave Google Cloud out")
        .option("--no-cluster", "leave the cluster out")
        .option(
            "--kubeconfig <file>",
            "default: GKE's own endpoint of the cluster; else KUBECONFIG, or ~/.kube/config",
            fromHere,
        )
        .option(
            "--context <name>",
            "context of the kubeconfig; default: the settings'; without --kubeconfig, on GKE, none",
        );

withLive(program.command("prove"))
    .description(
        "does containment hold, with which locks, on which assumptions? exits with 0, 1 (violated) or 2 (cannot tell)",
    )
    .addOption(asked())
    .addOption(from())
    .addOption(others())
    .option("--live", "judge what is deployed; --stack says of which settings. Reads only (live/roles.yaml)")
    .addOption(
        new Option(
            "--evidence [form]",
            "as a document to be signed and kept, with the controls that it speaks of; the same bytes for the same commit",
        )
            .choices(["in-toto", "oscal"])
            .preset("in-toto"),
    )
    .option("--sarif <file>", "also write SARIF for code scanning: each hole at the line where it is made", fromHere)
    .option("--junit <file>", "also write JUnit XML", fromHere)
    .option(
        "--metrics <file>",
        "also write Prometheus' text format, for a textfile collector or a Pushgateway",
        fromHere,
    )
    .option("--claims <ids>", "judge these claims alone, for example C1,C3; the exit code is about them")
    .option(
        "--gateway-pool <name...>",
        "the gateway's node pools (pool, or cluster/pool), where the resources do not show them",
    )
    .option("--gateway-namespace <name>", "the gateway's namespace, where the resources do not show it")
    .option("--cluster <name>", "the gateway's cluster, where the resources are of several")
    .addOption(json())
    .addOption(out())
    .action(async options => (require("./commands/prove") as typeof import("./commands/prove")).prove(options));

program
    .command("explain")
    .description(
        "every hop of one packet or one name, and who decides there; exits with 0 (gets there), 1 (does not) or 2 (cannot tell)",
    )
    .requiredOption("--from <who>", "a workload (payments/api), or a machine (gateway, node:acme-dev/applications)")
    .option("--to <where>", "istio.io:443, 1.1.1.1:53/udp, [2606:4700:4700::1111]:443, 1.1.1.1/icmp")
    .option("--resolve <name>", "in place of --to: who is asked for istio.io, or for x.evil.example/TXT")
    .option(
        "--file <file>",
        "a plan, a preview or a state, of Pulumi's or Terraform's, or an inventory, instead of an offline plan",
        fromHere,
    )
    .addOption(asked())
    .addOption(others())
    .addOption(json())
    .addOption(out())
    .action(async options => (require("./commands/explain") as typeof import("./commands/explain")).explain(options));

withLive(program.command("diff"))
    .description("what a change opens and closes, and for whom; or, against `live`, what somebody changed by hand")
    .requiredOption(
        "--against <revision, file or live>",
        "what it was before: a git revision, or a file as --from takes it. `live` tells what became of the stack since its last `up`",
    )
    .addOption(asked())
    .addOption(from())
    .addOption(others())
    .addOption(json())
    .addOption(out())
    .action(async options => (require("./commands/diff") as typeof import("./commands/diff")).diff(options));

withListCommands(program);

const initialise = program
    .command("init")
    .description("write the files of a new stack, and tell what it will be and what is still missing")
    .argument("<stack>", "its name: the part between the dots of Pulumi.<name>.yaml")
    .option(
        "--platform-outputs <file>",
        "what `pulumi stack output --json` wrote of the stack that owns the platform",
        fromHere,
    )
    .option("--platform-stack <name>", "full name of that stack (default: organization/platform/<stack>)");
for (const question of QUESTIONS) {
    initialise.option(`${optionOf(question)} ${question.placeholder}`, question.text);
}
initialise
    .option("--dry-run", "show the files, and write none")
    .addOption(json())
    .addOption(out())
    .action(async (name: string, options) =>
        (require("./commands/init") as typeof import("./commands/init")).init(name, options),
    );

program
    .command("report")
    .description("the verdict, the locks, who may use what, as one page for a browser or a printer")
    .addOption(asked())
    .addOption(from())
    .addOption(others())
    .option(
        "--against <revision or file>",
        "also tell what changed since: a git revision, or a file as --from takes it",
    )
    .addOption(out().default(fromHere("report.html"), "report.html"))
    .action(async options => (require("./commands/report") as typeof import("./commands/report")).report(options));

withLive(program.command("preflight"))
    .description(
        "before `up`: does the live project and cluster agree with the platform settings? exits with 0, 1 (no) or 2 (cannot tell)",
    )
    .addOption(stack())
    .addOption(json())
    .addOption(out())
    .action(async options =>
        (require("./commands/preflight") as typeof import("./commands/preflight")).preflight(options),
    );

withVerifyOptions(program.command("verify"))
    .description(
        "probes that must pass and probes that must fail, on the live cluster; exits with 0, 1 (violated) or 2 (cannot tell)",
    )
    .addOption(stack())
    .addOption(json())
    .addOption(out())
    .action(async options => (require("./commands/verify") as typeof import("./commands/verify")).verify(options));

program
    .command("policies")
    .description("the rules of the policy pack, and what each of them stops")
    .addOption(json())
    .addOption(out())
    .action(options => (require("./commands/policies") as typeof import("./commands/policies")).policies(options));

program
    .command("comment")
    .description("the comment on a pull request, out of what the steps of its workflow printed")
    .addOption(stack())
    .requiredOption("--prove <outcome>", "how the proof ended: success, failure, skipped")
    .requiredOption("--preview <outcome>", "how the preview ended")
    .option("--diff-text <file>", "what `diff` printed", "diff.txt")
    .option("--prove-text <file>", "what `prove` printed", "prove.txt")
    .option("--preview-text <file>", "what the preview printed", "preview.txt")
    .action(options => (require("./commands/comment") as typeof import("./commands/comment")).comment(options));

program
    .command("completion")
    .description("what makes a shell complete `npm run <command> -- …`, to be read by the shell when it starts")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action((shell: Shell) =>
        (require("./commands/completion") as typeof import("./commands/completion")).completion(shell, program),
    );

/** npm takes what stands before `--` for itself. */
function refuseSwallowed(): void {
    const command = program.commands.find(one => one.name() === process.argv[2]);
    const swallowed = (command?.options ?? []).flatMap(({ long }) =>
        long !== undefined && process.env[`npm_config_${long.slice(2).replaceAll("-", "_")}`] !== undefined
            ? [long]
            : [],
    );
    if (swallowed.length > 0) {
        throw new UserError(
            `npm has taken ${swallowed.join(", ")} for itself: write \`--\` in front of the options, as in \`npm run ${command!.name()} -- ${swallowed[0]} …\`.`,
        );
    }
}

/** Libraries look for it while they are loaded, and fail in their own words. */
function refuseMissingTemporaryFolder(): void {
    if (!existsSync(tmpdir())) {
        throw new UserError(`the folder for temporary files, ${tmpdir()}, does not exist: correct TMPDIR.`);
    }
}

program.hook("preAction", (_, command) => {
    const file = command.opts()["out"] as string | undefined;
    if (file !== undefined) {
        sayInto(file);
    }
    // Questions come first.
    if (command.name() !== "init") {
        working(command.name());
    }
});

async function main(): Promise<void> {
    refuseMissingTemporaryFolder();
    refuseSwallowed();
    await program.parseAsync();
}

// Whoever reads may stop reading (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? undefined : EXIT.cannotTell);
});
main().catch((error: unknown) => {
    // What a person can mend is told without the stack of calls that found it.
    complain(
        error instanceof UserError
            ? error.message
            : error instanceof Error
              ? (missingPackage(error) ?? error.stack ?? error.message)
              : String(error),
    );
    process.exitCode = EXIT.cannotTell;
});

/** Installed as a tool, the program comes without what only some commands need. */
function missingPackage({ message }: Error): string | undefined {
    const name = /^Cannot find module '((?:@[\w-]+\/)?[\w-]+)[^']*'/.exec(message)?.[1];
    return name === undefined
        ? undefined
        : `This command needs the package ${name}, which is not installed: run \`npm install ${name}\`, or judge what there is with \`--from <file>\`, which needs nothing else.`;
}
