/** Ways to write a stack's configuration, each with what a program gets of it: the engine tier holds the engine to the same list. */
export interface Layout {
    readonly name: string;
    /** Lines of `Pulumi.yaml` after `name` and `runtime`. */
    readonly project?: string;
    readonly stack: string;
    /** Folder of the stack's file; default: the project's. */
    readonly folder?: string;
    /** Structured values parsed. */
    readonly values: Readonly<Record<string, unknown>>;
}

/** Layouts that have one meaning. */
export const LAYOUTS: readonly Layout[] = [
    stack("texts with and without quotes", `a: x\n  b: "y z"\n  c: 'it''s'`, { a: "x", b: "y z", c: "it's" }),
    stack("escapes", `a: "\\u00e9\\t\\x41\\U0001F600"`, { a: "é\tA😀" }),
    stack("whole numbers", `a: 443\n  b: { number: 443, negative: -1, zero: 0 }`, {
        a: "443",
        b: { number: 443, negative: -1, zero: 0 },
    }),
    stack("numbers in other bases that all readers know", `a: { x: 0x1BB, o: 0o17 }`, { a: { x: 443, o: 15 } }),
    stack("a number with a sign", `a: { x: +5 }`, { a: { x: 5 } }),
    stack("numbers with a point or an exponent", `a: { x: 1.5, y: 1.0, z: 1e3, p: .5 }\n  b: 1.50\n  c: 1e21`, {
        a: { x: 1.5, y: 1, z: 1000, p: 0.5 },
        b: "1.5",
        c: "1e+21",
    }),
    stack("numbers in quotes", `a: "0443"\n  b: { x: "8_443", y: '2027-01-31', z: "0x1F", n: "1.30" }`, {
        a: "0443",
        b: { x: "8_443", y: "2027-01-31", z: "0x1F", n: "1.30" },
    }),
    stack("truth values, and words that only YAML 1.1 takes for some", `a: true\n  b: { x: False, y: yes, z: off }`, {
        a: "true",
        b: { x: false, y: "yes", z: "off" },
    }),
    stack("nothing, as a value and inside one", `a:\n  b: ~\n  c: { x: null, y: }`, {
        a: "",
        b: "",
        c: { x: null, y: null },
    }),
    stack("dates without quotes", `a: 2027-01-31\n  b: [{ expires: 2027-1-3 }]`, {
        a: "2027-01-31 00:00:00 +0000 UTC",
        b: [{ expires: "2027-01-03 00:00:00 +0000 UTC" }],
    }),
    stack("days that do not exist", `a: { x: 2027-02-30, y: 2027-13-01 }`, { a: { x: "2027-02-30", y: "2027-13-01" } }),
    stack("texts that begin like numbers", `a: { x: 1.2.3.4, y: 10.0.0.0/8, z: 1.30.2, v: 12ab, w: 12:30:45, u: 0x }`, {
        a: { x: "1.2.3.4", y: "10.0.0.0/8", z: "1.30.2", v: "12ab", w: "12:30:45", u: "0x" },
    }),
    stack("block texts", `a: |\n    one\n    two\n  b: >-\n    one\n    two\n\n    three`, {
        a: "one\ntwo\n",
        b: "one two\nthree",
    }),
    stack("texts over several lines", `a: one\n    two\n  b: "one\n    two \\\n    three"`, {
        a: "one two",
        b: "one two three",
    }),
    stack("nested lists and maps", `a:\n    - x: [1, [2, { y: z }]]\n      w: {}\n    - []`, {
        a: [{ x: [1, [2, { y: "z" }]], w: {} }, []],
    }),
    stack("lists that are not indented", `a:\n  - x\n  - y`, { a: ["x", "y"] }),
    stack("JSON as YAML", `{"a": {"x": [1, true, null, "s"]}, "b": "t"}`, { a: { x: [1, true, null, "s"] }, b: "t" }),
    stack("JSON as a text", `a: '[{"x": 1}]'`, { a: [{ x: 1 }] }),
    stack("comments everywhere", `# one\n  a: x # two\n  # three\n  b: "y # z"`, { a: "x", b: "y # z" }),
    stack("anchors and aliases", `a: &list [x, y]\n  b: *list\n  c: { d: *list, e: &e 5, f: *e }`, {
        a: ["x", "y"],
        b: ["x", "y"],
        c: { d: ["x", "y"], e: 5, f: 5 },
    }),
    stack("merge keys", `a: &a { x: 1, y: 2 }\n  b: { <<: *a, y: 3 }\n  c: { y: 3, <<: *a }`, {
        a: { x: 1, y: 2 },
        b: { x: 1, y: 3 },
        c: { x: 1, y: 3 },
    }),
    stack(
        "merge keys of several maps: the first has precedence",
        `a: &a { x: 1, y: 2 }\n  b: &b { y: 4, z: 5 }\n  c: { <<: [*a, *b] }`,
        { a: { x: 1, y: 2 }, b: { y: 4, z: 5 }, c: { x: 1, y: 2, z: 5 } },
    ),
    stack("a tag that says text", `a: !!str 0443\n  b: { x: !!str 2027-01-31 }`, {
        a: "0443",
        b: { x: "2027-01-31" },
    }),
    stack("keys in quotes", `"a": 1\n  'b': { "0443": x, "true": y }`, { a: "1", b: { "0443": "x", true: "y" } }),
    stack("keys of other namespaces, and the old spelling", `gcp:project: acme\n  app:config:a: x\n  "app:b": y`, {
        "gcp:project": "acme",
        a: "x",
        b: "y",
    }),
    stack("what looks encrypted and is not", `a: { secure: x, other: y }\n  b: { secure: 5 }`, {
        a: { secure: "x", other: "y" },
        b: { secure: 5 },
    }),
    { name: "a byte order mark", stack: "\ufeffconfig:\n  a: x\n", values: qualified({ a: "x" }) },
    {
        name: "line ends of Windows",
        stack: "config:\r\n  a: x\r\n  b: |\r\n    one\r\n    two\r\n",
        values: qualified({ a: "x", b: "one\ntwo\n" }),
    },
    { name: "no line end at the end", stack: "config: { a: x }", values: qualified({ a: "x" }) },
    {
        name: "an empty list of environments",
        stack: "config: { a: x }\nenvironment: []\n",
        values: qualified({ a: "x" }),
    },
    project("values of the project, where the stack says nothing", `a: x\n  gcp:project: acme`, `a: y`, {
        a: "y",
        "gcp:project": "acme",
    }),
    project("all kinds of short values", `a: 5\n  b: true\n  c: [1, { x: y }]\n  gcp:list: [z]`, `d: w`, {
        a: "5",
        b: "true",
        c: [1, { x: "y" }],
        "gcp:list": ["z"],
        d: "w",
    }),
    project(
        "declarations with types and defaults",
        `a: { type: string, default: x }\n  b: { type: integer, default: 5 }\n  c: { type: boolean, default: false }\n` +
            `  d: { type: array, items: { type: string }, default: [p, q] }\n  e: { type: object, default: { k: [1] } }`,
        `b: 6`,
        { a: "x", b: "6", c: "false", d: ["p", "q"], e: { k: [1] } },
    ),
    project(
        "a default of a broken number, and of nothing",
        `a: { default: 1.5 }\n  b: { value: { x: null } }`,
        `c: x`,
        {
            a: "1.5",
            b: { x: null },
            c: "x",
        },
    ),
    project("a structure of the stack replaces the project's whole", `a: { value: { x: 1, y: 2 } }`, `a: { x: 3 }`, {
        a: { x: 3 },
    }),
    project("an empty value of the stack is a value", `a: { default: x }`, `a:`, { a: "" }),
    project(
        "values of other namespaces",
        `gcp:project: { value: acme }\n  gcp:labels: { value: { team: x } }`,
        `a: y`,
        {
            "gcp:project": "acme",
            "gcp:labels": { team: "x" },
            a: "y",
        },
    ),
    project(
        "keys of the project with its name in front",
        `app:a: { type: integer, default: 3 }\n  app:b: x`,
        `app:a: 4`,
        {
            a: "4",
            b: "x",
        },
    ),
    {
        name: "a stack without configuration of its own",
        project: "config:\n  a: x\n",
        stack: "secretsprovider: passphrase\n",
        values: qualified({ a: "x" }),
    },
    {
        name: "a folder for the stacks' files",
        project: "stackConfigDir: stacks\n",
        folder: "stacks",
        stack: "config:\n  a: x\n",
        values: qualified({ a: "x" }),
    },
    {
        name: "a folder for the stacks' files, in the old spelling",
        project: "config: stacks\n",
        folder: "stacks",
        stack: "config:\n  a: x\n",
        values: qualified({ a: "x" }),
    },
];

/** What has two meanings, or none, or one that only the engine can know; `refusal` is a part of the answer. */
export const REFUSED: readonly (Pick<Layout, "name" | "project"> & {
    readonly stack: string | Uint8Array;
    readonly refusal: RegExp;
})[] = [
    refused(
        "a zero in front",
        `a: { number: 0443 }`,
        /Pulumi\.dev\.yaml:2\n {4}got "0443".*the engine reads 291.*443/s,
    ),
    refused("underscores in a number", `a: 8_443`, /:2\n {4}got "8_443".*the engine reads 8443/s),
    refused("binary numbers", `a: 0b11`, /the engine reads 3/),
    refused("a number that no JavaScript number holds", `a: 9007199254740993`, /the engine reads 9007199254740993/),
    refused("no number, and no end", `a: { x: .nan, y: .inf }`, /expected a number.*expected a number/s),
    refused("a moment", `a: 2027-01-31T10:00:00Z`, /Put it in quotes: "2027-01-31T10:00:00Z"/),
    refused("bytes in base 64", `owner: !!binary aGVsbG8=`, /:2\n {4}got "the tag !!binary"/),
    refused("a tag of one's own", `a: !secret x`, /the tag !secret/),
    refused("the tag of no tag", `a: ! 12`, /the tag !"/),
    refused("a number as a key", `a: { 443: x }`, /got "443", expected a text as key/),
    refused("a list as a key", `a: { [x, y]: z }`, /expected a text as key/),
    refused("the same key twice", `a: x\n  a: y`, /Map keys must be unique/),
    refused("both spellings of a key", `a: x\n  app:a: y`, /expected app:a once/),
    refused("a key of four parts", `a:b:c:d: y`, /got "a:b:c:d", expected a configuration key/),
    refused(
        "an alias of nothing",
        `a: *nope`,
        /:2\n {4}got "\*nope", expected an alias of something that stands before it/,
    ),
    refused("an alias of itself", `a: &x [*x]`, /:2\n {4}got "\*x", expected an alias of something else/),
    refused(
        "aliases that grow without end",
        "a: &a [x, x, x, x, x, x, x, x, x]\n" +
            [..."bcdefgh"]
                .map((name, index) => {
                    const before = "abcdefgh"[index]!;
                    return `  ${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`;
                })
                .join("\n"),
        /used 10000 times at most/,
    ),
    refused("a merge of something that is no map", `a: { <<: x }`, /Merge sources must be maps/),
    refused("a question mark in front of a text", `a: { ?x: 1 }`, /:2\n {4}got "\?x", expected a text in quotes/),
    refused("an escape of JSON that YAML 1.1 does not have", `a: "\\/"`, /an escape that the engine knows/),
    refused("half a character", `a: "\\ud83d"`, /escape/),
    { name: "a directive", stack: "%YAML 1.1\n---\nconfig: { a: x }\n", refusal: /a directive/ },
    { name: "two documents", stack: "config: { a: x }\n---\nconfig: { a: y }\n", refusal: /multiple documents/ },
    {
        name: "Latin-1",
        stack: Buffer.from("config:\n  owner: Z\xfcrich\n", "latin1"),
        refusal: /:2\n {4}got "0xfc", expected UTF-8/,
    },
    { name: "UTF-16", stack: Buffer.from("\ufeffconfig: { a: x }\n", "utf16le"), refusal: /expected UTF-8/ },
    {
        name: "a line end of another kind",
        stack: "config:\n  a: x\u2028  b: y\n",
        refusal: /:2\n {4}got "the character U\+2028"/,
    },
    { name: "a control character", stack: 'config:\n  a: "x\u0007"\n', refusal: /U\+0007/ },
    {
        name: "ESC environments",
        stack: "environment: [acme/dev]\nconfig: { a: x }\n",
        refusal: /:1\n.*cannot ask Pulumi ESC/s,
    },
    {
        name: "an environment of its own",
        stack: "environment: { values: { a: x } }\nconfig: { a: x }\n",
        refusal: /Pulumi ESC/,
    },
    ...(
        [
            ["a key that nobody gives", "a: { type: string }", "b: x", /app:a\n {4}nothing is given.*Pulumi\.yaml:4/s],
            ["another type", "a: { type: integer }", "a: x", /got "x", expected the type integer/],
            ["no secret where one is declared", "a: { type: string, secret: true }", "a: x", /an encrypted value/],
            ["a default of another type", "a: { type: integer, default: x }", "b: x", /a default of the type integer/],
            ["a type of a key of somebody else", "gcp:a: { type: string }", "b: x", /`value` alone/],
            ["a date as a default", "a: { default: 2027-01-31 }", "b: x", /:4\n.*Put it in quotes/s],
            ["a bare set of keys", "a: { x: 1 }", "b: x", /the engine takes a bare one for a declaration/],
            ["a path as a key", "a.b: { default: 1 }", "b: x", /takes such a name for a path/],
        ] as const
    ).map(([name, project, stack, refusal]) => ({
        name: `in the project: ${name}`,
        project: `config:\n  ${project}\n`,
        stack: `config:\n  ${stack}\n`,
        refusal,
    })),
];

function stack(name: string, config: string, values: Readonly<Record<string, unknown>>): Layout {
    return { name, stack: `config:\n  ${config}\n`, values: qualified(values) };
}

function project(name: string, declared: string, config: string, values: Readonly<Record<string, unknown>>): Layout {
    return { ...stack(name, config, values), project: `config:\n  ${declared}\n` };
}

function refused(name: string, config: string, refusal: RegExp) {
    return { name, stack: `config:\n  ${config}\n`, refusal };
}

function qualified(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key.includes(":") ? key : `app:${key}`, value]),
    );
}

/** Values as a program takes them: what is JSON of a list or a map is that. */
export function parsed(values: Readonly<Record<string, string>>): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, /^\s*[[{]/.test(value) ? JSON.parse(value) : value]),
    );
}
