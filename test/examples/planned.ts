import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { type Plan, planOffline } from "../../plan/offline";

const ROOT = path.resolve(__dirname, "..", "..");

export interface PlanRequest {
    /** Folder of the program, seen from the repository. */
    readonly folder: string;
    /** Default: `dev`. */
    readonly stack?: string;
    /** Changes the configuration; the file in the repository stays as it is. */
    // Tests change settings of any shape; the program's own checks are what judges them.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    readonly configure?: (config: Record<string, any>) => void;
    /** Outputs of other stacks, by `<project>.<stack>`. */
    readonly stackOutputs?: Readonly<Record<string, unknown>>;
}

/** Plans the unmodified program of a folder against settings and stack outputs of a test's choice. */
export async function plannedIn({ folder, stack = "dev", configure, stackOutputs = {} }: PlanRequest): Promise<Plan> {
    const source = path.join(ROOT, folder);
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-plan-"));
    try {
        fs.copyFileSync(path.join(source, "Pulumi.yaml"), path.join(directory, "Pulumi.yaml"));
        const settings = parse(fs.readFileSync(path.join(source, `Pulumi.${stack}.yaml`), "utf8")) as {
            config: Record<string, unknown>;
        };
        configure?.(settings.config);
        fs.writeFileSync(path.join(directory, `Pulumi.${stack}.yaml`), stringify(settings));
        fs.mkdirSync(path.join(directory, "stack-outputs"));
        for (const [name, outputs] of Object.entries(stackOutputs)) {
            fs.writeFileSync(path.join(directory, "stack-outputs", `${name}.json`), JSON.stringify(outputs));
        }
        return await planOffline(directory, stack, () => {
            const entry = path.join(source, "index.ts");
            delete require.cache[entry];

            return require(entry) as unknown;
        });
    } finally {
        fs.rmSync(directory, { recursive: true, force: true });
    }
}
