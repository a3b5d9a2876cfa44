import { z } from "zod";
import { googlePlatformSchema, kubernetesPlatformSchema } from "../contract/platform";
import { destinationSchema, sections } from "./schema";

type JsonSchema = Readonly<Record<string, unknown>>;

/** Draft 7 is what editors' YAML servers know. What is written counts, so defaults need not be. */
const OPTIONS = { target: "draft-7", io: "input" } as const;

const PLATFORM = z.union([
    googlePlatformSchema,
    kubernetesPlatformSchema,
    z.strictObject({ stack: z.string().describe("The stack that owns the platform: `organization/platform/dev`.") }),
]);

const list = z.array(destinationSchema);

/**
 * Schemas for editors, made of those that the program checks with: they complete and explain keys while a person writes. What
 * concerns several values, and the form of names and ranges, only the program checks.
 */
export const EDITOR_SCHEMAS: Readonly<Record<string, () => JsonSchema>> = {
    "settings.json": () => ({
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "Pulumi.<env>.yaml of the egress gateway",
        type: "object",
        required: ["config"],
        properties: {
            config: {
                type: "object",
                properties: {
                    "gcp:project": { type: "string", description: "Project of the network and the cluster." },
                    "gcp:region": { type: "string", description: "Region of the egress subnet." },
                    "egress-gateway:platform": schemaOf(PLATFORM),
                    ...Object.fromEntries(
                        Object.entries(sections).map(([key, schema]) => [`egress-gateway:${key}`, schemaOf(schema)]),
                    ),
                    "egress-gateway:destinations": schemaOf(list),
                    "egress-gateway:destinationFiles": {
                        type: "array",
                        items: { type: "string" },
                        description: "Files with lists of destinations; names may contain `*`.",
                    },
                },
                // A key that is nearly right is refused by the program; other projects' keys may stand beside.
                patternProperties: { "^(?!egress-gateway:)": true },
                additionalProperties: false,
            },
        },
    }),
    "destinations.json": () => ({
        ...schemaOf(list),
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "A list of destinations, as `destinationFiles` names it",
    }),
};

function schemaOf(schema: z.ZodType): JsonSchema {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, OPTIONS) as JsonSchema;
    return rest;
}

/** The file as it is committed. */
export function editorSchemaText(name: string): string {
    return `${JSON.stringify(EDITOR_SCHEMAS[name]!(), undefined, 4)}\n`;
}
