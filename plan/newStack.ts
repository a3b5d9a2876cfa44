import { isMap, isSeq, type Node, parseDocument, type YAMLSeq } from "yaml";
import { type NewGrant, withGrant } from "./destinationsEdit";
import { flow, inserted, insertionIn, scalar } from "./yamlText";

/** A stack that is to be, checked. */
export interface NewStack {
    readonly project: string;
    readonly region: string;
    /** As it stands under `egress-gateway:platform`. */
    readonly platform: Readonly<Record<string, unknown>>;
    /** Who runs `pulumi up`. */
    readonly deployers: readonly string[];
    readonly grants: readonly NewGrant[];
}

/**
 * The text of the stack's file.
 *
 * @param schema Where the editors' schema is, seen from that file.
 */
export function stackFileText({ project, region, platform, deployers, grants }: NewStack, schema: string): string {
    const lines = [
        `# yaml-language-server: $schema=${schema}`,
        "config:",
        `  pulumi:disable-default-providers: ["*"]`,
        `  gcp:project: ${scalar(project)}`,
        `  gcp:region: ${scalar(region)}`,
        "",
        ...platformLines(platform),
        "",
        "  # The identity that runs `pulumi up`.",
        `  egress-gateway:guard: { exemptUsers: ${flow(deployers)} }`,
        "",
    ];
    return grants
        .reduce(
            (text, grant) => withGrant(text, "stack", grant, false) ?? withGrant(text, "stack", grant, true)!,
            lines.join("\n"),
        )
        .trimEnd()
        .concat("\n");
}

function platformLines(platform: Readonly<Record<string, unknown>>): string[] {
    return typeof platform["stack"] === "string"
        ? [
              "  # The network and the cluster belong to another stack; its outputs are read at preview.",
              `  egress-gateway:platform: ${flow({ stack: platform["stack"] })}`,
          ]
        : ["  # What exists before this stack.", "  egress-gateway:platform:", ...keyLines(platform, "    ")];
}

function keyLines(values: Readonly<Record<string, unknown>>, indent: string): string[] {
    return Object.entries(values).flatMap(([key, value]) => {
        if (Array.isArray(value)) {
            return [`${indent}${key}: ${flow(value as string[])}`];
        }
        return typeof value === "object" && value !== null
            ? [`${indent}${key}:`, ...keyLines(value as Record<string, unknown>, `${indent}  `)]
            : [`${indent}${key}: ${scalar(value as string)}`];
    });
}

/** The deployment workflow with the stack in the matrix of every job, behind the others. */
export function withMatrixEntry(workflow: string, stack: string): string {
    const jobs = parseDocument(workflow).get("jobs", true);
    return (
        (isMap(jobs) ? jobs.items : [])
            .flatMap(({ value }) => {
                const list: unknown = isMap(value) ? value.getIn(["strategy", "matrix", "stack"], true) : undefined;
                return isSeq(list) && !namesOf(list).includes(stack)
                    ? [insertionIn(workflow, list, [scalar(stack)])]
                    : [];
            })
            // From behind, so that the places in front stay where they are.
            .toReversed()
            .reduce((changed, { at, what }) => inserted(changed, at, what), workflow)
    );
}

function namesOf(list: YAMLSeq): unknown[] {
    return list.items.map(item => (item as Node & { value?: unknown }).value);
}

/** What the deployment workflow configures the policy pack with. */
export const POLICY_CONFIGURATION = `{\n    "pack-settings": { "reviewedHosts": [] }\n}\n`;
