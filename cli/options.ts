import { Option } from "commander";
import { fromHere } from "../plan/project";

/** Options that several commands have. */
export const stack = () =>
    new Option("-s, --stack <name>", "environment: the part between the dots of Pulumi.<name>.yaml").default("dev");
export const out = () => new Option("--out <file>", "write the report into a file").argParser(fromHere);
export const json = () => new Option("--json", "machine-readable output");
