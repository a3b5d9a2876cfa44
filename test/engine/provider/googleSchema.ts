import * as fs from "node:fs";
import * as path from "node:path";

/** Inputs and outputs of one resource type of `@pulumi/gcp`, as the installed SDK declares them. */
export interface ResourceShape {
    readonly inputs: ReadonlySet<string>;
    /** Properties that only the cloud can fill. */
    readonly outputs: readonly string[];
}

const SDK = path.dirname(require.resolve("@pulumi/gcp/package.json"));
const shapes = new Map<string, ResourceShape>();

// Read from the generated constructor, because the provider's schema is not in the npm package: it assigns every input
// from `args`, and every other property is `undefined` with the comment "out".
const INPUT = /resourceInputs\["(\w+)"\] = .*\bargs\b/g;
const OUTPUT = /resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g;

/** @param type for example `gcp:compute/address:Address` */
export function shapeOf(type: string): ResourceShape {
    const known = shapes.get(type);
    if (known !== undefined) {
        return known;
    }
    const [, modulePath = ""] = type.split(":");
    const folder = path.join(SDK, path.dirname(modulePath));
    const wanted = `${path.basename(modulePath)}.js`.toLowerCase();
    const file = fs.existsSync(folder) ? fs.readdirSync(folder).find(name => name.toLowerCase() === wanted) : undefined;
    if (file === undefined) {
        throw new Error(`${type} is not a resource of the installed @pulumi/gcp`);
    }
    const source = fs.readFileSync(path.join(folder, file), "utf8");
    const namesIn = (pattern: RegExp) => [...new Set([...source.matchAll(pattern)].map(match => match[1]))];
    const shape = { inputs: new Set(namesIn(INPUT)), outputs: namesIn(OUTPUT) };
    if (shape.inputs.size === 0) {
        throw new Error(`${path.join(folder, file)} does not assign inputs in the form that this reader knows`);
    }
    shapes.set(type, shape);
    return shape;
}
