import * as path from "node:path";
import * as ts from "typescript";

/** `schemas/verdict.json` as it is committed. */
export function verdictSchemaText(): string {
    const file = (name: string): string => path.join(__dirname, "..", name);
    const schema = typeSchema(file("cli/commands/prove.ts"), "ProofJson", [
        file("containment/verdict.ts"),
        file("containment/account.ts"),
        file("plan/provenance.ts"),
    ]);
    return `${JSON.stringify(schema, undefined, 4)}\n`;
}

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (draft 7) of what a TypeScript type looks like as JSON: no other property is allowed, and the comments are the
 * descriptions.
 *
 * @param file Where the type is declared.
 * @param others Files that declare what it is made of. Nothing else is read, so that no SDK is.
 * @throws Error for a type that is no JSON, or whose declaration is in none of the files
 */
function typeSchema(file: string, name: string, others: readonly string[]): JsonSchema {
    const program = ts.createProgram([file, ...others], {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        strict: true,
        noResolve: true,
        types: [],
    });
    const checker = program.getTypeChecker();
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const symbol = checker.getExportsOfModule(module).find(one => one.name === name);
    if (symbol === undefined) {
        throw new Error(`${path.basename(file)} exports no ${name}`);
    }
    const definitions: Record<string, JsonSchema> = {};
    const root = objectSchema(checker.getDeclaredTypeOfSymbol(symbol));
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        ...described(symbol),
        ...root,
        definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
    };

    /** A type with a name of its own is a definition; everything else stands where it is used. */
    function schemaOf(type: ts.Type, at: string): JsonSchema {
        const own = checker.isArrayType(type) ? undefined : (type.aliasSymbol ?? interfaceOf(type));
        if (own === undefined || type.aliasTypeArguments !== undefined) {
            return plainSchema(type, at);
        }
        if (definitions[own.name] === undefined) {
            // Before what is inside, which may name it again.
            definitions[own.name] = {};
            definitions[own.name] = { ...described(own), ...plainSchema(type, own.name) };
        }
        return { $ref: `#/definitions/${own.name}` };
    }

    function plainSchema(type: ts.Type, at: string): JsonSchema {
        if (type.isUnion()) {
            return unionSchema(type, at);
        }
        if (type.isStringLiteral() || type.isNumberLiteral()) {
            return { const: type.value };
        }
        const { flags } = type;
        if ((flags & ts.TypeFlags.BooleanLiteral) !== 0) {
            return { const: checker.typeToString(type) === "true" };
        }
        if ((flags & ts.TypeFlags.TemplateLiteral) !== 0) {
            return { type: "string", pattern: pattern(type as ts.TemplateLiteralType, at) };
        }
        for (const [flag, word] of WORDS) {
            if ((flags & flag) !== 0) {
                return { type: word };
            }
        }
        if (checker.isArrayType(type)) {
            return { type: "array", items: schemaOf(checker.getTypeArguments(type as ts.TypeReference)[0]!, at) };
        }
        if ((flags & ts.TypeFlags.Object) === 0) {
            throw new Error(`${at} is ${checker.typeToString(type)}, which is no JSON that can be described`);
        }
        return objectSchema(type);
    }

    function unionSchema({ types }: ts.UnionType, at: string): JsonSchema {
        // `boolean` is a union of its literals.
        const schemas = types.map(type => schemaOf(type, at));
        const values = schemas.map(schema => schema["const"]);
        return values.length === 2 && values.includes(true) && values.includes(false)
            ? { type: "boolean" }
            : values.every(value => value !== undefined)
              ? { enum: values.toSorted() }
              : { anyOf: schemas };
    }

    function objectSchema(type: ts.Type): JsonSchema {
        const fields = checker.getPropertiesOfType(type).map(field => ({
            name: field.name,
            optional: (field.flags & ts.SymbolFlags.Optional) !== 0,
            schema: {
                ...described(field),
                ...schemaOf(checker.getNonNullableType(checker.getTypeOfSymbol(field)), field.name),
            },
        }));
        const required = fields.filter(({ optional }) => !optional).map(({ name: field }) => field);
        return {
            type: "object",
            properties: Object.fromEntries(fields.map(({ name: field, schema }) => [field, schema])),
            ...(required.length === 0 ? {} : { required }),
            additionalProperties: false,
        };
    }

    function described(of: ts.Symbol): JsonSchema {
        const text = ts
            .displayPartsToString(of.getDocumentationComment(checker))
            .replaceAll(/\{@link (?:[./\w]+\/)?(\w+)\}/g, "$1")
            .replaceAll("\n", " ");
        return text === "" ? {} : { description: text };
    }
}

const WORDS = [
    [ts.TypeFlags.String, "string"],
    [ts.TypeFlags.Number, "number"],
    [ts.TypeFlags.Boolean, "boolean"],
] as const;

function interfaceOf({ symbol }: Partial<ts.Type>): ts.Symbol | undefined {
    return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Interface) !== 0 ? symbol : undefined;
}

function pattern({ texts, types }: ts.TemplateLiteralType, at: string): string {
    if (types.some(({ flags }) => (flags & ts.TypeFlags.Number) === 0)) {
        throw new Error(`${at} is a template of something else than numbers`);
    }
    return `^${texts.join("\\d+")}$`;
}
