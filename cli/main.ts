import { Command, Option } from "commander";
import { InputError } from "../settings/values/problem";
import { EXIT } from "./exit";

/** Every command loads its own module when it runs: a plan must not wait for what only a probe needs. */
const program = new Command("egress-gateway")
    .description("Plan, prove and probe an Istio egress gateway that is the only way out of a cluster.")
    .showHelpAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride(error => process.exit(error.exitCode === 0 ? EXIT.holds : EXIT.cannotTell));

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

program.parseAsync().catch((error: unknown) => {
    if (error instanceof InputError) {
        console.error(error.message);
    } else {
        console.error(error);
    }
    process.exitCode = EXIT.cannotTell;
});
