import { readFileSync } from "node:fs";
import * as path from "node:path";
import { readResources } from "../../../containment/readers";
import { type Resource } from "../../../containment/resource";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- an asset's JSON, as free as it is */
type Free = any;

/** One line of an export, as far as tests change it. */
export interface Line {
    name: string;
    assetType: string;
    resource?: { version?: string; data: Free };
    iamPolicy?: Free;
    ancestors?: string[];
    updateTime?: string;
}

export const ANCESTORS = ["projects/804312345678", "folders/551", "organizations/77"];

/** The fixture: a network with three locks as an export shows it, nodes and Google's own routes and keys included. */
export function threeLocks(): Line[] {
    return readFileSync(path.join(__dirname, "fixtures", "three-locks.ndjson"), "utf8")
        .trim()
        .split("\n")
        .map(line => JSON.parse(line) as Line);
}

export function read(lines: readonly unknown[]): Resource[] {
    return readResources(lines.map(line => JSON.stringify(line)).join("\n"));
}

export function line(name: string, assetType: string, data: Free): Line {
    return { name, assetType, resource: { version: "v1", data }, ancestors: ANCESTORS };
}

export function compute(kind: string, name: string, data: Free = {}): Line {
    return line(`//compute.googleapis.com/projects/fl-prod/${name}`, `compute.googleapis.com/${kind}`, data);
}

/** The asset whose name ends so, changed. */
export function edited(lines: readonly Line[], end: string, edit: (data: Free) => void): Line[] {
    const copy = structuredClone(lines) as Line[];
    const found = copy.filter(({ name, resource }) => name.endsWith(end) && resource !== undefined);
    if (found.length !== 1) {
        throw new Error(`${found.length} assets have a name that ends in ${end}`);
    }
    edit(found[0]!.resource!.data);
    return copy;
}

export function without(lines: readonly Line[], ...ends: readonly string[]): Line[] {
    return lines.filter(({ name }) => !ends.some(end => name.endsWith(end)));
}
