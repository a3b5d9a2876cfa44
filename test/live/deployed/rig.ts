import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { settingsOf } from "../../../cli/commands/deployed";
import { type Resource } from "../../../containment/resource";
import { asDeployed, readDeployed } from "../../../live/deployed/deployed";
import { GoogleApi } from "../../../live/google/api";
import { planOffline } from "../../../plan/offline";
import { type Settings } from "../../../settings/settings";
import { freshProgram, inVariant } from "../../program/variant";
import { FakeCluster, type Rule } from "./cluster";
import { deploy, type Deployment } from "./deployed";
import { FakeProject, type Project } from "./google";

const ROOT = path.resolve(__dirname, "..", "..", "..");

/** The roles that live/roles.yaml gives, and no more. */
const [GOOGLE, CLUSTER] = parseAllDocuments(readFileSync(path.join(ROOT, "live", "roles.yaml"), "utf8")).map(
    document => document.toJS() as { includedPermissions: string[]; rules: Rule[] },
);
export const PERMISSIONS: readonly string[] = GOOGLE!.includedPermissions;
export const RULES: readonly Rule[] = CLUSTER!.rules;

/** What a stack plans, with the settings that it does so by. */
export interface Stack {
    readonly settings: Settings;
    readonly planned: readonly Resource[];
}

export async function stackOf(name: string, directory = ROOT): Promise<Stack> {
    const { resources } = await planOffline(directory, name, freshProgram);
    return { planned: resources, settings: await settingsOf(name, directory) };
}

/** The dev stack with some settings changed. */
export function variantOf(changes: Record<string, unknown>): Promise<Stack> {
    return inVariant(changes, directory => stackOf("variant", directory));
}

/** Google and a cluster on loopback, in which a stack is deployed. */
export class Rig {
    private constructor(
        readonly google: FakeProject,
        readonly cluster: FakeCluster,
    ) {}

    static async start(): Promise<Rig> {
        return new Rig(await new FakeProject().listening(), await new FakeCluster().listening());
    }

    /**
     * @param change what happened to it afterwards
     * @param others stacks that share its network
     */
    deploy(
        stack: Stack,
        change: (deployment: Deployment) => void = () => undefined,
        others: readonly Stack[] = [],
    ): void {
        // Whoever owns the perimeter is there first.
        const all = [stack, ...others].sort(
            (a, b) => Number(a.settings.joined !== undefined) - Number(b.settings.joined !== undefined),
        );
        let deployment: Deployment | undefined;
        let host: Project | undefined;
        for (const each of all) {
            const made = deploy(each.planned, host);
            host = made.host;
            deployment = each === stack ? made : deployment;
        }
        deployment = deployment!;
        change(deployment);
        this.google.projects = [deployment.project, deployment.host];
        this.google.granted = new Set(PERMISSIONS);
        this.google.grantedInHost = undefined;
        this.cluster.objects = deployment.objects;
        this.cluster.rules = RULES;
    }

    readings({ planned, settings }: Stack) {
        return readDeployed(settings, planned, {
            google: () => GoogleApi.connect(this.google.options()),
            cluster: () => this.cluster.api(),
        });
    }

    /** @param others stacks that are given beside it */
    async live(stack: Stack, others: readonly Stack[] = []): Promise<Resource[]> {
        return asDeployed(
            [stack, ...others].flatMap(({ planned }) => planned),
            await this.readings(stack),
        );
    }

    stop(): void {
        this.google.stop();
        this.cluster.stop();
    }
}
