import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { printableJson } from "../../base/printable";

/** A JSON Schema by which somebody else reads what commands print. */
export class Published {
    public readonly text: string;
    private readonly validate: ValidateFunction;

    constructor(file: string) {
        this.text = readFileSync(path.join(__dirname, file), "utf8");
        this.validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
            JSON.parse(this.text) as object,
        );
    }

    takes(value: unknown): boolean {
        return this.validate(JSON.parse(printableJson(value)));
    }

    assertTakes(value: unknown): void {
        assert.ok(this.takes(value), JSON.stringify(this.validate.errors, undefined, 1));
    }
}
