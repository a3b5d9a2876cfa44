type Json = unknown;

/** The JSON merge patch (RFC 7386) that turns `before` into `after`; undefined when they are equal. */
export function mergePatch(before: Json, after: Json): Json {
    if (!isObject(before) || !isObject(after)) {
        return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
    }
    const entries = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key): [string, Json][] => {
        const change =
            after[key] === undefined
                ? before[key] === undefined
                    ? undefined
                    : null
                : mergePatch(before[key], after[key]);
        return change === undefined ? [] : [[key, change]];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isObject(value: Json): value is Record<string, Json> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
