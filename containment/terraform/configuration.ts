import { isObject, type Json, objects } from "../document";
import { type Expression } from "./values";

/** A module as one of its calls makes it: where its configuration is, and what it is given. */
interface Scope {
    readonly module: Json;
    /** Address of this instance of it, empty for the root module. */
    readonly path: string;
    /** Absent for the root module. */
    readonly call?: { readonly from: Scope; readonly expressions: Json };
}

/** What an expression is made from: one attribute of one resource. The attribute is absent where the whole resource stands there. */
interface Target {
    readonly address: string;
    readonly attribute: string | undefined;
}

/** What a value is at plan. */
type Planned = { readonly value: unknown } | undefined;

const KEY = String.raw`\[(?:"(?:[^"\\]|\\.)*"|\d+)\]`;
const KEY_AT_END = new RegExp(`${KEY}$`);
const STEP = new RegExp(String.raw`module\.[\w-]+(?:${KEY})?(?:\.|$)`, "y");
const MODULE = new RegExp(String.raw`^module\.([\w-]+)(${KEY})?(?:\.(.*))?$`);
const RESOURCE = new RegExp(String.raw`^([a-zA-Z][\w-]*)\.([\w-]+)(${KEY})?(?:\.([\w-]+))?$`);
/** Always known when Terraform plans. */
const KNOWN = /^(?:each\.key$|count\.index$|path\.|terraform\.)/;
/** Deeper than anybody nests modules: a file that refers to itself in circles is no plan of Terraform's. */
const DEEPEST = 40;

/** The configuration that a plan carries: which resource an expression means, exactly or not at all. */
export class Configuration {
    private readonly instances = new Map<string, string[]>();
    private readonly modules = new Set<string>();
    private readonly blocks = new Map<Json, ReadonlyMap<unknown, Json>>();

    /**
     * @param addresses of the resources that will be there
     */
    constructor(
        private readonly configuration: Json,
        private readonly variables: Json,
        addresses: readonly string[],
    ) {
        for (const address of addresses) {
            const { module, rest } = split(address);
            const key = `${module} ${rest.replace(KEY_AT_END, "")}`;
            const list = this.instances.get(key);
            if (list === undefined) {
                this.instances.set(key, [address]);
            } else {
                list.push(address);
            }
            for (let path = module; path !== ""; path = split(path, true).module) {
                this.modules.add(path);
            }
        }
    }

    /** The resource's own block. */
    block(address: string): Json | undefined {
        const { module, rest } = split(address);
        const scope = this.scopeOf(module);
        return scope === undefined ? undefined : this.blocksOf(scope.module).get(rest.replace(KEY_AT_END, ""));
    }

    private blocksOf(module: Json): ReadonlyMap<unknown, Json> {
        let found = this.blocks.get(module);
        if (found === undefined) {
            found = new Map(objects(module["resources"]).map(block => [block["address"], block]));
            this.blocks.set(module, found);
        }
        return found;
    }

    /** A provider by the key that resources refer to it by. */
    provider(key: string): Json | undefined {
        const providers = this.configuration["provider_config"];
        const found = isObject(providers) ? providers[key] : undefined;
        return isObject(found) ? found : undefined;
    }

    /** The one resource that an expression in this module is made from. */
    target(expression: Expression, module: string): Target | undefined {
        const scope = this.scopeOf(module);
        const targets = scope === undefined ? undefined : this.trace(expression, scope, 0);
        const [first, ...others] = targets ?? [];
        return first !== undefined &&
            others.every(({ address, attribute }) => address === first.address && attribute === first.attribute)
            ? first
            : undefined;
    }

    /** The value of an expression that is a constant, or a single variable that is known. */
    valueOf(expression: unknown, module: string): Planned {
        const scope = this.scopeOf(module);
        return scope === undefined ? undefined : this.constant(expression, scope, 0);
    }

    private constant(expression: unknown, scope: Scope, depth: number): Planned {
        if (!isObject(expression) || depth > DEEPEST) {
            return undefined;
        }
        if ("constant_value" in expression) {
            return { value: expression["constant_value"] };
        }
        const [reference, ...others] = referencesOf(expression);
        const variable = /^var\.([\w-]+)$/.exec(reference ?? "")?.[1];
        if (variable === undefined || others.length > 0) {
            return undefined;
        }
        if (scope.call === undefined) {
            const given = this.variables[variable];
            // Terraform writes a variable that is null without a value.
            return isObject(given) ? { value: given["value"] ?? null } : undefined;
        }
        const given = scope.call.expressions[variable];
        if (given !== undefined) {
            return this.constant(given, scope.call.from, depth + 1);
        }
        const declared = fieldsOf(scope.module["variables"])[variable];
        return isObject(declared) ? { value: declared["default"] ?? null } : undefined;
    }

    /** Everything that the expression is made from, or nothing where that cannot be told. What is known at plan does not count. */
    private trace(expression: Expression, scope: Scope, depth: number): Target[] | undefined {
        if (depth > DEEPEST) {
            return undefined;
        }
        const targets: Target[] = [];
        for (const reference of referencesOf(expression)) {
            const found = this.traceOne(reference, scope, depth + 1);
            if (found === undefined) {
                return undefined;
            }
            targets.push(...found);
        }
        return targets;
    }

    private traceOne(reference: string, scope: Scope, depth: number): Target[] | undefined {
        if (KNOWN.test(reference)) {
            return [];
        }
        const variable = /^var\.([\w-]+)(\..*|\[.*)?$/.exec(reference);
        if (variable !== null) {
            return this.traceVariable(variable[1]!, variable[2] !== undefined, scope, depth);
        }
        const module = MODULE.exec(reference);
        if (module !== null) {
            return this.traceOutput(module[1]!, module[2], module[3], scope, depth);
        }
        const [, type, name, key, attribute] = RESOURCE.exec(reference) ?? [];
        if (type === undefined || /^(?:data|local|each|self|count|var)$/.test(type)) {
            return undefined;
        }
        const instances = this.instances.get(`${scope.path} ${type}.${name!}`) ?? [];
        const meant = key === undefined ? instances : instances.filter(address => address.endsWith(key));
        return meant.length === 1 ? [{ address: meant[0]!, attribute }] : undefined;
    }

    private traceVariable(name: string, within: boolean, scope: Scope, depth: number): Target[] | undefined {
        if (scope.call === undefined) {
            return [];
        }
        const given = scope.call.expressions[name];
        if (given === undefined || (isObject(given) && "constant_value" in given)) {
            return [];
        }
        // A part of an object that is made from several things may be any of them.
        return within || !isObject(given) ? undefined : this.trace(given, scope.call.from, depth);
    }

    private traceOutput(
        name: string,
        key: string | undefined,
        output: string | undefined,
        scope: Scope,
        depth: number,
    ): Target[] | undefined {
        const within = `${scope.path === "" ? "" : `${scope.path}.`}module.${name}`;
        const paths = [...this.modules].filter(path =>
            key === undefined
                ? path === within || (path.startsWith(`${within}[`) && split(path, true).module === scope.path)
                : path === within + key,
        );
        const inner = paths.length === 1 ? this.scopeOf(paths[0]!) : undefined;
        const declared = inner === undefined ? undefined : fieldsOf(inner.module["outputs"])[output ?? ""];
        const expression = isObject(declared) ? declared["expression"] : undefined;
        return isObject(expression) ? this.trace(expression, inner!, depth) : undefined;
    }

    private scopeOf(path: string): Scope | undefined {
        const root = this.configuration["root_module"];
        if (path === "") {
            return isObject(root) ? { module: root, path: "" } : undefined;
        }
        const { module: above, rest } = split(path, true);
        const from = this.scopeOf(above);
        const name = MODULE.exec(rest)?.[1];
        const call = from === undefined ? undefined : fieldsOf(from.module["module_calls"])[name ?? ""];
        return from !== undefined && isObject(call) && isObject(call["module"])
            ? { module: call["module"], path, call: { from, expressions: fieldsOf(call["expressions"]) } }
            : undefined;
    }
}

/**
 * The references of an expression. Terraform writes each with everything that it is part of behind it: `a.b[0].id`, `a.b[0]`, `a.b`.
 */
function referencesOf(expression: Expression): string[] {
    const written = expression["references"];
    const whole: string[] = [];
    let last = "";
    for (const reference of Array.isArray(written) ? (written as unknown[]).map(String) : []) {
        const part =
            reference.length < last.length && last.startsWith(reference) && /[.[]/.test(last[reference.length]!);
        // `module.net` behind `module.net[0]` is another reference: a part would have the key.
        const otherModule = part && /^module\.[\w-]+$/.test(reference) && last[reference.length] === "[";
        if (!part || otherModule) {
            whole.push(reference);
        }
        last = reference;
    }
    return whole;
}

/** `module.a["x"].module.b.google_x.y[0]`: the module, and what is in it. */
export function split(address: string, isModule = false): { readonly module: string; readonly rest: string } {
    const steps = stepsOf(address);
    const modules = isModule ? steps.slice(0, -1) : steps;
    const module = modules.join(".");
    return { module, rest: module === "" ? address : address.slice(module.length + 1) };
}

function stepsOf(address: string): string[] {
    const steps: string[] = [];
    STEP.lastIndex = 0;
    for (let found = STEP.exec(address); found !== null; found = STEP.exec(address)) {
        steps.push(found[0].replace(/\.$/, ""));
    }
    return steps;
}

function fieldsOf(value: unknown): Json {
    return isObject(value) ? value : {};
}
