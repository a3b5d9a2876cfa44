/**
 * What an unquoted YAML scalar is to the Pulumi engine, which reads it with Go's yaml.v3 (`resolve.go`): YAML 1.2, with
 * the numbers and dates of YAML 1.1.
 *
 * @returns The value; a whole number as `bigint`, since a JavaScript number does not hold all of them.
 */
export function goScalar(source: string): string | number | bigint | boolean | null {
    if (source in WORDS) {
        return WORDS[source]!;
    }
    if (/^\./.test(source)) {
        return FLOAT.test(source) ? Number(source) : source;
    }
    if (!/^[-+0-9]/.test(source)) {
        return source;
    }
    const date = goDate(source);
    if (date !== undefined) {
        return date;
    }
    const plain = source.replaceAll("_", "");
    const whole = wholeNumber(plain);
    if (whole !== undefined) {
        return whole;
    }
    const float = FLOAT.test(plain) ? Number(plain) : NaN;
    return Number.isFinite(float) ? float : source;
}

/** Whether the engine takes it for a moment, and not only for a date. */
export function looksLikeTimestamp(source: string): boolean {
    return /^\d{4}-\d{1,2}-\d{1,2}([Tt][\d:.,]+(Z|[-+]\d{2}:\d{2})| +[\d:.,]+)$/.test(source);
}

/** Whether the engine takes it for a date. */
export function isDate(source: string): boolean {
    return goDate(source) !== undefined;
}

const WORDS: Readonly<Record<string, boolean | number | null>> = {
    ...Object.fromEntries(["true", "True", "TRUE"].map(word => [word, true])),
    ...Object.fromEntries(["false", "False", "FALSE"].map(word => [word, false])),
    ...Object.fromEntries(["", "~", "null", "Null", "NULL"].map(word => [word, null])),
    ...Object.fromEntries([".nan", ".NaN", ".NAN"].map(word => [word, NaN])),
    ...Object.fromEntries([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(word => [word, Infinity])),
    ...Object.fromEntries(["-.inf", "-.Inf", "-.INF"].map(word => [word, -Infinity])),
};

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/** The text that Pulumi makes of a date (`time.Time.String`). */
function goDate(source: string): string | undefined {
    const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(source) ?? [];
    if (year === undefined || month === undefined || day === undefined) {
        return undefined;
    }
    const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
    const exists = new Date(`${iso}T00:00:00Z`);
    return !Number.isNaN(exists.getTime()) && exists.toISOString().startsWith(iso)
        ? `${iso} 00:00:00 +0000 UTC`
        : undefined;
}

/** Go's `strconv.ParseInt(text, 0, 64)`, or `ParseUint`: the prefix says the base, and a zero in front alone means octal. */
function wholeNumber(plain: string): bigint | undefined {
    const [, sign = "", prefix = "", digits = ""] =
        /^([-+]?)(0[xX](?=[0-9a-fA-F])|0[oO](?=[0-7])|0[bB](?=[01])|0(?=[0-7]))?([0-9a-fA-F]+)$/.exec(plain) ?? [];
    const [allowed, base] = BASES[prefix.toLowerCase()]!;
    if (!allowed.test(digits)) {
        return undefined;
    }
    const value = BigInt(`${base}${digits}`);
    return value < 2n ** 64n ? (sign === "-" ? -value : value) : undefined;
}

const BASES: Readonly<Record<string, readonly [RegExp, string]>> = {
    "": [/^[0-9]+$/, ""],
    "0x": [/^[0-9a-fA-F]+$/, "0x"],
    "0o": [/^[0-7]+$/, "0o"],
    "0b": [/^[01]+$/, "0b"],
    "0": [/^[0-7]+$/, "0o"],
};
