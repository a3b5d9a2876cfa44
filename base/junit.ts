/** A case of JUnit's XML. Without a problem it has passed. */
export interface JunitCase {
    readonly classname: string;
    readonly name: string;
    /** What was not shown is an error, so that no dashboard shows it green. */
    readonly problem?: {
        readonly kind: "failure" | "error";
        readonly type: string;
        readonly message: string;
        readonly text?: string;
    };
}

export interface JunitSuite {
    readonly name: string;
    readonly cases: readonly JunitCase[];
}

/** JUnit's XML as CI systems read it. Texts have to be printable. */
export function junitDocument(name: string, suites: readonly JunitSuite[], elapsedSeconds: number): string {
    const all = suites.flatMap(({ cases }) => cases);
    return [
        `<?xml version="1.0" encoding="UTF-8"?>`,
        `<testsuites name="${escaped(name)}" ${counts(all)} time="${elapsedSeconds.toFixed(1)}">`,
        ...suites.flatMap(({ name: suite, cases }) => [
            `  <testsuite name="${escaped(suite)}" ${counts(cases)}>`,
            ...cases.map(testCase),
            `  </testsuite>`,
        ]),
        `</testsuites>`,
        "",
    ].join("\n");
}

function counts(cases: readonly JunitCase[]): string {
    const of = (kind: "failure" | "error"): number => cases.filter(({ problem }) => problem?.kind === kind).length;
    return `tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}"`;
}

function testCase({ classname, name, problem }: JunitCase): string {
    const open = `    <testcase classname="${escaped(classname)}" name="${escaped(name)}"`;
    if (problem === undefined) {
        return `${open}/>`;
    }
    const { kind, type, message, text } = problem;
    const start = `${open}>\n      <${kind} type="${type}" message="${escaped(message)}"`;
    return `${start}${text === undefined ? "/>" : `>${escaped(text)}</${kind}>`}\n    </testcase>`;
}

/** XML has no way to write these (XML 1.0, 2.2), nor control characters, which are escapes already. */
function escaped(text: string): string {
    return text
        .replace(/[\ud800-\udfff\ufffe\uffff]/gu, "\uFFFD")
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;");
}
