import { existsSync, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { globSync } from "tinyglobby";
import { stackOf } from "../base/resource";
import { kubernetesObjects, objectKey } from "../containment/kubernetes";
import { type Account, accountOf } from "../containment/account";
import { readEvidence, type Reading } from "../containment/readers";
import { isUnregistered, type Resource } from "../containment/resource";
import { InputError } from "../base/problem";
import { planOffline } from "./offline";
import { PROJECT_DIRECTORY } from "./project";

/** Where the resources come from that a command judges. */
export interface EvidenceOptions {
    /** Stack to plan offline, and the stack that files are expected to be of. */
    readonly stack?: string;
    /** A plan, a preview or a state, of Pulumi's or of Terraform's, or an inventory, instead of an offline plan. */
    readonly from?: string;
    /** Plans, previews or states of other stacks, for example of the one that owns the network. */
    readonly with?: readonly string[];
}

export const DEFAULT_STACK = "dev";

/** What there is to judge, and what of each source that is. */
export interface Evidence {
    readonly resources: readonly Resource[];
    readonly accounts: readonly Account[];
}

/** @throws InputError for a file that is missing, unreadable, or of another stack than was asked for. */
export async function evidence(options: EvidenceOptions): Promise<readonly Resource[]> {
    return (await evidenceWithAccounts(options)).resources;
}

/** @throws InputError as {@link evidence} */
export async function evidenceWithAccounts({ stack, from, with: others = [] }: EvidenceOptions): Promise<Evidence> {
    const planned = stack ?? DEFAULT_STACK;
    const own =
        from === undefined
            ? [
                  {
                      source: sourceOfStack(planned),
                      spelling: OFFLINE_PLAN,
                      resources: (await planOffline(PROJECT_DIRECTORY, planned)).resources,
                      leftOut: [],
                  },
              ]
            : readingsIn("--from", from);
    if (from !== undefined && stack !== undefined) {
        assertStack(resourcesOf(own), from, stack);
    }
    const added = others.flatMap(file => readingsIn("--with", file));
    return {
        resources: joined(resourcesOf(own), resourcesOf(added)),
        accounts: [...own, ...added].map(reading => accountOf(reading.source, reading)),
    };
}

/** What an offline plan is called among the sources. */
export const OFFLINE_PLAN = "offline plan";

export function sourceOfStack(stack: string): string {
    return `${OFFLINE_PLAN} of Pulumi.${stack}.yaml`;
}

export function resourcesOf(readings: readonly Reading[]): Resource[] {
    return readings.flatMap(({ resources }) => resources);
}

/**
 * Of an object that is planned and given as a manifest too, the plan tells what becomes of it. What two files show of what there is,
 * is one thing.
 */
export function joined(own: readonly Resource[], others: readonly Resource[]): readonly Resource[] {
    const planned = new Set(kubernetesObjects(own).map(objectKey));
    const shown = kubernetesObjects(others.filter(isUnregistered)).filter(object => planned.has(objectKey(object)));
    const twice = new Set(shown.map(({ urn }) => urn));
    const seen = new Set<string>();
    return [...own, ...others.filter(({ urn }) => !twice.has(urn))].filter(
        resource => !isUnregistered(resource) || (!seen.has(resource.urn) && seen.add(resource.urn)),
    );
}

/** A file as it reads, and which one it is. */
type FileReading = Reading & { readonly source: string };

/** @param file a file, compressed or not, or a folder of them */
export function resourcesIn(option: string, file: string): Resource[] {
    return resourcesOf(readingsIn(option, file));
}

/** The files of a folder, or the file itself. */
export function filesOf(file: string): readonly string[] {
    return existsSync(file) && statSync(file).isDirectory()
        ? globSync("**/*.{yaml,yml,json,jsonl,ndjson}{,.gz}", { cwd: file, absolute: true, onlyFiles: true }).sort()
        : [file];
}

export function readingsIn(option: string, file: string): FileReading[] {
    return together(
        file,
        filesOf(file).map(each => readingOf(option, each)),
    );
}

function readingOf(option: string, file: string): FileReading {
    try {
        return { source: file, ...readEvidence(textOf(file)) };
    } catch (error) {
        throw new InputError(`${file} cannot be judged`, [
            {
                path: option,
                given: file,
                expected:
                    "a plan (`npm run -s plan -- --json`), a preview (`pulumi preview --json --show-sames`), a state (`pulumi stack export`), " +
                    "Terraform's plan or state (`terraform show -json`), an inventory (`gcloud asset export --content-type=resource`), or " +
                    "Kubernetes manifests",
                remedy: (error as Error).message,
            },
        ]);
    }
}

/** The files of a folder as one source for each spelling. */
function together(folder: string, readings: readonly FileReading[]): FileReading[] {
    return [...new Set(readings.map(({ spelling }) => spelling))].map(spelling => {
        const alike = readings.filter(reading => reading.spelling === spelling);
        return {
            ...alike[0]!,
            source: folder,
            resources: resourcesOf(alike),
            leftOut: alike.flatMap(({ leftOut }) => leftOut),
        };
    });
}

let piped: Buffer | undefined;

/** What is piped in can be read once, and a command may ask for it again. */
function contentOf(file: string): Buffer {
    return file === "/dev/stdin" ? (piped ??= readFileSync(0)) : readFileSync(file);
}

/** What stands in a file, compressed or not. */
export function textOf(file: string): string {
    const bytes = contentOf(file);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
}

function assertStack(resources: readonly Resource[], file: string, stack: string): void {
    const found = [...new Set(resources.map(({ urn }) => stackOf(urn)))];
    if (!found.includes(stack)) {
        throw new InputError(`${file} is of another stack`, [
            {
                path: "--stack",
                given: stack,
                expected: `the stack of the file, which is ${found.join(", ")}`,
                remedy: "Give the file of that stack, or leave out --stack.",
            },
        ]);
    }
}
