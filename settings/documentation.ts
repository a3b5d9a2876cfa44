import { z } from "zod";
import { googlePlatformSchema, kubernetesPlatformSchema } from "../contract/platform";
import { destinationSchema, sections } from "./schema";

/** The page docs/settings.md, made of the schemas: what is documented is what is checked. */
export function settingsPage(): string {
    return [
        "# Settings",
        "",
        "Everything stands in `Pulumi.<env>.yaml` under `config:`, with the prefix `egress-gateway:`. `gcp:project` and `gcp:region` are needed",
        "beside it. All problems are reported together, each with its path, the value, what is expected and how to mend it.",
        "This page is generated from the schemas by `npm run docs`; a test fails when it is out of date.",
        "",
        "The offline plan reads `Pulumi.yaml` and `Pulumi.<env>.yaml` as the Pulumi engine does, with the values, defaults and types of `config:` in",
        "`Pulumi.yaml` and with `stackConfigDir`; what has one meaning for the engine and another for YAML 1.2 (`0443`, `8_443`, `!!binary`, bytes",
        "that are not UTF-8) is refused with its line, in destination files too. Encrypted settings and `environment:` (Pulumi ESC) cannot be known",
        "offline: no default stands in for them, and every command says so and exits with 2. Judge `pulumi preview --json` with `--from` then.",
        "`pulumi stack init` writes the file anew, with the same meaning: an unquoted date `2027-01-31` becomes `2027-01-31 00:00:00 +0000 UTC`, which `expires` takes too.",
        "",
        "Editors complete and explain keys with `# yaml-language-server: $schema=schemas/settings.json` as the first line, and lists of destinations with",
        "`$schema=../schemas/destinations.json`; what concerns several values is checked by `npm run plan` alone.",
        "",
        "Required settings have no default. Units are part of the names; a range is an IPv4 range in CIDR form with no host bits set.",
        "",
        ...part(
            "platform",
            "What exists before this stack; or `{stack: organization/<project>/<stack>}`, which takes it from that stack's output `platform`.",
            googlePlatformSchema,
        ),
        ...part(
            "platform, of any other cluster",
            "A cluster without a Google network around it, such as kind or k3d: nothing there encloses the mesh.",
            kubernetesPlatformSchema,
        ),
        ...part(
            "destinations",
            "A list; `destinationFiles`, a list of file names that may contain `*`, adds lists kept in files of their own.",
            destinationSchema,
        ),
        ...Object.entries(sections).flatMap(([name, schema]) => part(name, "", schema)),
    ].join("\n");
}

function part(name: string, text: string, schema: z.ZodType): string[] {
    return [
        `## ${name}`,
        "",
        ...(text === "" ? [] : [text, ""]),
        "| key | value | default | meaning |",
        "|---|---|---|---|",
        ...rows(schema, "").map(cells => `| ${cells.map(cell => cell.replaceAll("|", "\\|")).join(" | ")} |`),
        "",
    ];
}

function rows(schema: z.ZodType, path: string): string[][] {
    const { inner, fallback, optional } = unwrapped(schema);
    const own = path === "" && inner instanceof z.ZodObject ? [] : [row(schema, inner, path, fallback, optional)];
    return [...own, ...children(inner, path)];
}

/** Keys that a further gateway has as `gateway` has them: they are documented there. */
const OF_GATEWAY: ReadonlySet<unknown> = new Set(Object.values(sections.gateway.shape));

function children(inner: z.ZodType, path: string): string[][] {
    if (inner === sections.nat && path !== "") {
        return [];
    }
    if (inner instanceof z.ZodObject) {
        return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, child]) =>
            rows(child, path === "" ? key : `${path}.${key}`),
        );
    }
    if (inner instanceof z.ZodRecord && inner.valueType instanceof z.ZodObject) {
        return Object.entries(inner.valueType.shape as Record<string, z.ZodType>)
            .filter(([, child]) => !OF_GATEWAY.has(child))
            .flatMap(([key, child]) => rows(child, `${path === "" ? "" : `${path}.`}<name>.${key}`));
    }
    if (inner instanceof z.ZodArray) {
        return children(inner.element as z.ZodType, `${path}[]`);
    }
    if (isChoice(inner)) {
        return (inner.options as z.ZodType[]).flatMap(option => children(option, path));
    }
    if (inner instanceof z.ZodDiscriminatedUnion) {
        return (inner.options as z.ZodObject[]).flatMap(option => {
            const protocol = option.shape["protocol"] as z.ZodLiteral;
            const others = Object.entries(option.shape).filter(([key]) => key !== "protocol");
            return [
                [`\`${path}.protocol\``, `\`${String(protocol.value)}\``, "required", protocol.description ?? ""],
                ...others.flatMap(([key, child]) => rows(child as z.ZodType, `${path}.${key}`)),
            ];
        });
    }
    return [];
}

function row(schema: z.ZodType, inner: z.ZodType, path: string, fallback: unknown, optional: boolean): string[] {
    const shown =
        fallback === undefined
            ? optional
                ? "none"
                : "required"
            : `\`${JSON.stringify(fallback).replaceAll('"', "")}\``;
    return [
        path === "" ? "(the value itself)" : `\`${path}\``,
        kind(inner),
        shown,
        schema.description ?? inner.description ?? "",
    ];
}

function kind(inner: z.ZodType): string {
    if (inner instanceof z.ZodEnum) {
        return inner.options.map(option => `\`${String(option)}\``).join(" or ");
    }
    if (inner instanceof z.ZodLiteral) {
        return `\`${String(inner.value)}\``;
    }
    if (inner instanceof z.ZodArray) {
        const element = unwrapped(inner.element as z.ZodType).inner;
        return `list of ${element instanceof z.ZodObject || element instanceof z.ZodDiscriminatedUnion ? "entries" : kind(element)}`;
    }
    if (inner instanceof z.ZodNumber) {
        return `whole number, ${inner.minValue} to ${inner.maxValue}`;
    }
    if (isChoice(inner)) {
        return (inner.options as z.ZodType[]).map(kind).join(", or ");
    }
    if (inner instanceof z.ZodBoolean) {
        return "`true` or `false`";
    }
    if (inner instanceof z.ZodRecord && inner.valueType instanceof z.ZodObject) {
        return "keys below, by name";
    }
    return inner === sections.nat ? "keys of `nat`" : inner instanceof z.ZodObject ? "keys below" : "text";
}

/** A value of several forms, which no key tells apart. */
function isChoice(schema: z.ZodType): schema is z.ZodUnion {
    return schema instanceof z.ZodUnion && !(schema instanceof z.ZodDiscriminatedUnion);
}

function unwrapped(schema: z.ZodType): { inner: z.ZodType; fallback: unknown; optional: boolean } {
    if (schema instanceof z.ZodDefault) {
        return { ...unwrapped(schema.unwrap() as z.ZodType), fallback: schema.def.defaultValue };
    }
    if (schema instanceof z.ZodPrefault) {
        return { ...unwrapped(schema.unwrap() as z.ZodType), fallback: schema.def.defaultValue };
    }
    if (schema instanceof z.ZodOptional) {
        return { ...unwrapped(schema.unwrap() as z.ZodType), optional: true };
    }
    return { inner: schema, fallback: undefined, optional: false };
}
