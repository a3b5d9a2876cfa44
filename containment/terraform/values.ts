import { isObject, type Json } from "../document";
import { UNKNOWN } from "../resource";
import { FILLED_IN, named } from "./names";

/** What a configuration says of an attribute: `constant_value`, or `references` to what it is made from. */
export type Expression = Json;

/** Values of one resource, with Terraform's marks of what is not known before it applies, and of what is secret. */
export interface Marked {
    readonly values: unknown;
    readonly unknown: unknown;
    readonly sensitive: unknown;
}

/** What an attribute will be that is not known yet: text, nothing at all, or {@link UNKNOWN}. */
export type Resolve = (name: string, expression: Expression, within: Within) => string | undefined;

/** Where a value stands: it is an attribute of the resource or of a block in it, or the only element of a list. */
export type Within = "resource" | "block" | "list";

/**
 * Inputs as `@pulumi/gcp` names them. Blocks become objects or lists, maps keep their keys, and what is not known or secret becomes
 * {@link UNKNOWN}, unless the configuration shows what it will be.
 *
 * @param expressions of the configuration, where that is given
 */
export function inputsOf(
    type: string,
    { values, unknown, sensitive }: Marked,
    expressions: Json | undefined,
    resolve: Resolve,
    within: Within = "resource",
): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const key of keysOf(values, unknown)) {
        const marked: Marked = { values: at(values, key), unknown: at(unknown, key), sensitive: at(sensitive, key) };
        const { name, blocks: blocksName, values: valuesName } = named(type, key);
        const expression = expressions?.[key];
        const blocks = blocksOf(marked);
        if (marked.unknown === true) {
            const names = [name, blocksName, valuesName].filter(each => each !== undefined);
            if (expressions !== undefined && expression === undefined && names.some(each => FILLED_IN.has(each))) {
                continue;
            }
            const text = isObject(expression) ? resolve(name, expression, within) : UNKNOWN;
            // Nothing tells a block from an attribute here; a name that the type does not have is read by nobody.
            for (const each of text === UNKNOWN ? names : [name]) {
                result[each] = text;
            }
        } else if (blocks !== undefined) {
            const inner = blocks.map(block =>
                block === UNKNOWN
                    ? UNKNOWN
                    : inputsOf(type, block, expressionsOf(expression, blocks.length), resolve, "block"),
            );
            result[blocksName ?? name] = blocksName !== undefined || inner.length > 1 ? inner : inner[0];
        } else {
            const value = revealed(marked);
            const only = Array.isArray(value) && value.length === 1 && value[0] === UNKNOWN && isObject(expression);
            const filled = only ? [resolve(name, expression, "list") ?? UNKNOWN] : value;
            if (filled !== null && !(Array.isArray(filled) && filled.length === 0)) {
                result[(Array.isArray(filled) ? valuesName : undefined) ?? name] = filled;
            }
        }
    }
    for (const key of Object.keys(result)) {
        if (result[key] === undefined) {
            delete result[key];
        }
    }
    return result;
}

/** The elements where this is a list of blocks. */
function blocksOf({ values, unknown, sensitive }: Marked): (Marked | typeof UNKNOWN)[] | undefined {
    const [listed, marks] = [asList(values), asList(unknown)];
    if (![...listed, ...marks].some(isObject)) {
        return undefined;
    }
    return Array.from({ length: Math.max(listed.length, marks.length) }, (_, index) =>
        marks[index] === true || sensitive === true || asList(sensitive)[index] === true
            ? UNKNOWN
            : { values: listed[index], unknown: marks[index], sensitive: asList(sensitive)[index] },
    );
}

/**
 * What the configuration says of each block: `dynamic` blocks are left out there, and sets have an order of their own. So what stands
 * in one of several blocks alone is something that nobody can resolve.
 */
function expressionsOf(expression: unknown, blocks: number): Json | undefined {
    const said = Array.isArray(expression) ? expression.filter(isObject) : isObject(expression) ? [expression] : [];
    if (said.length !== blocks) {
        return undefined;
    }
    const keys = [...new Set(said.flatMap(block => Object.keys(block)))];
    return Object.fromEntries(
        keys.map(key => {
            const [first, ...others] = said.map(block => block[key]);
            return [key, others.every(other => JSON.stringify(other) === JSON.stringify(first)) ? first : {}];
        }),
    );
}

/** The value as it is, with {@link UNKNOWN} where it is not known or secret; `null` where there is none. */
export function revealed({ values, unknown, sensitive }: Marked): unknown {
    if (unknown === true || sensitive === true) {
        return UNKNOWN;
    }
    if (Array.isArray(values) || Array.isArray(unknown)) {
        const [listed, marks] = [asList(values), asList(unknown)];
        return Array.from({ length: Math.max(listed.length, marks.length) }, (_, index) =>
            revealed({ values: listed[index], unknown: marks[index], sensitive: asList(sensitive)[index] }),
        );
    }
    if (isObject(values) || isObject(unknown)) {
        return Object.fromEntries(
            keysOf(values, unknown)
                .map(key => [
                    key,
                    revealed({ values: at(values, key), unknown: at(unknown, key), sensitive: at(sensitive, key) }),
                ])
                .filter(([, value]) => value !== null),
        );
    }
    return values ?? null;
}

function keysOf(...objects: readonly unknown[]): string[] {
    return [...new Set(objects.filter(isObject).flatMap(object => Object.keys(object)))];
}

function at(value: unknown, key: string): unknown {
    return isObject(value) ? value[key] : value === true ? true : undefined;
}

function asList(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : [];
}
