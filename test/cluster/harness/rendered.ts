import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { planOffline } from "../../../plan/offline";
import { PROJECT_DIRECTORY } from "../../../plan/project";
import { type KubernetesObject, kubernetesObjects } from "../../../components/kubernetesObject";

/** What `render` prints for a stack whose configuration was changed by `change`. */
export async function rendered(
    stack: string,
    change: (config: Record<string, unknown>) => Record<string, unknown> = config => config,
): Promise<readonly KubernetesObject[]> {
    // The program is the project's own; only the stack's file is another one.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-stack-"));
    try {
        for (const name of ["Pulumi.yaml", "stack-outputs"]) {
            fs.cpSync(path.join(PROJECT_DIRECTORY, name), path.join(folder, name), { recursive: true });
        }
        const file = `Pulumi.${stack}.yaml`;
        const { config } = parse(fs.readFileSync(path.join(PROJECT_DIRECTORY, file), "utf8")) as {
            config: Record<string, unknown>;
        };
        fs.writeFileSync(path.join(folder, file), stringify({ config: change(config) }));
        const entry = path.join(PROJECT_DIRECTORY, "index.ts");
        const plan = await planOffline(folder, stack, () => {
            delete require.cache[require.resolve(entry)];
            return require(entry) as unknown;
        });
        return kubernetesObjects(plan.resources);
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

/** The identity that the stack's guard knows as its deployer. */
export function deployerOf(stack: string): string {
    const { config } = parse(fs.readFileSync(path.join(PROJECT_DIRECTORY, `Pulumi.${stack}.yaml`), "utf8")) as {
        config: Record<string, { exemptUsers: string[] }>;
    };
    return config["egress-gateway:guard"].exemptUsers[0];
}

/** The configuration with one more destination, of every protocol, for the first workload that is allowed anything. */
export function withOneMore(config: Record<string, unknown>): Record<string, unknown> {
    const key = "egress-gateway:destinations";
    const one = {
        host: "one-more.example.org",
        ports: [
            { number: 443, protocol: "tls" },
            { number: 8443, protocol: "tls" },
            { number: 80, protocol: "http" },
            { number: 5671, protocol: "tcp" },
        ],
        allow: [{ namespace: "payments", serviceAccount: "api" }],
    };
    return { ...config, [key]: [...((config[key] as unknown[] | undefined) ?? []), one] };
}
