/** CoreDNS' configuration, as its own reader sees it (`coremain`, `github.com/coredns/caddy/caddyfile`). */
export interface ServerBlock {
    /** Lower case, without the last dot; the root is empty. */
    readonly zones: readonly string[];
    /** Ports that it listens on, one for each zone as it is written. */
    readonly ports: readonly string[];
    readonly directives: readonly Directive[];
}

/** One line of a block, with the lines in its braces. */
export interface Directive {
    readonly name: string;
    readonly args: readonly string[];
    readonly lines: readonly (readonly string[])[];
}

/** What is not read here, in words: snippets, imports, variables, and text that CoreDNS itself would refuse. */
export class UnreadableCorefile extends Error {}

interface Token {
    readonly text: string;
    readonly line: number;
    readonly quoted: boolean;
}

/** @throws UnreadableCorefile */
export function parseCorefile(source: string): ServerBlock[] {
    const reader = new Tokens(tokensOf(source));
    const blocks: ServerBlock[] = [];
    while (!reader.done) {
        blocks.push(serverBlock(reader));
    }
    return blocks;
}

function serverBlock(reader: Tokens): ServerBlock {
    const keys: string[] = [];
    while (!reader.isNext("{")) {
        keys.push(
            ...reader
                .take()
                .text.split(",")
                .filter(key => key !== ""),
        );
    }
    reader.take();
    if (keys.length === 0 || keys.some(key => key.startsWith("("))) {
        throw new UnreadableCorefile("it has snippets, or a block without a zone");
    }
    const directives: Directive[] = [];
    while (!reader.isNext("}")) {
        directives.push(directive(reader));
    }
    reader.take();
    const places = keys.map(place);
    return { zones: places.map(({ zone }) => zone), ports: places.map(({ port }) => port), directives };
}

/** `dns://example.org.:5353` */
function place(key: string): { readonly zone: string; readonly port: string } {
    const match = /^(?:dns:\/\/)?([^:/\s]+?)\.?(?::(\d+))?$/.exec(key === "." ? ".." : key);
    if (match === null) {
        throw new UnreadableCorefile(`"${key}" is not a zone that is read here`);
    }
    const [, zone = "", port = "53"] = match;
    return { zone: zone === "." ? "" : zone.toLowerCase(), port };
}

function directive(reader: Tokens): Directive {
    const line = reader.restOfLine();
    const [name = "", ...rest] = line;
    if (name === "import") {
        throw new UnreadableCorefile("it imports something");
    }
    const opens = rest.at(-1) === "{";
    const lines: (readonly string[])[] = [];
    while (opens && !reader.isNext("}")) {
        const inner = reader.restOfLine();
        if (inner.at(-1) === "{") {
            throw new UnreadableCorefile(`${name} has blocks within its block`);
        }
        lines.push(inner);
    }
    if (opens) {
        reader.take();
    }
    return { name, args: opens ? rest.slice(0, -1) : rest, lines };
}

class Tokens {
    private position = 0;

    constructor(private readonly tokens: readonly Token[]) {}

    get done(): boolean {
        return this.position >= this.tokens.length;
    }

    isNext(text: string): boolean {
        const next = this.tokens[this.position];
        if (next === undefined) {
            throw new UnreadableCorefile("it ends within a block");
        }
        return !next.quoted && next.text === text;
    }

    take(): Token {
        const next = this.tokens[this.position++];
        if (next === undefined) {
            throw new UnreadableCorefile("it ends within a block");
        }
        return next;
    }

    restOfLine(): string[] {
        const { line } = this.tokens[this.position] ?? this.take();
        const texts: string[] = [];
        while (this.tokens[this.position]?.line === line) {
            texts.push(this.take().text);
        }
        return texts;
    }
}

/** Words, or text in double quotes that may go over lines and escapes its quotes; `#` begins a comment where a word would. */
function tokensOf(source: string): Token[] {
    if (/\{\$|\{%/.test(source)) {
        throw new UnreadableCorefile("it takes values from its environment");
    }
    const tokens: Token[] = [];
    let line = 1;
    for (const [text, quoted] of source.matchAll(/"((?:\\.|[^"\\])*)"|#[^\n]*|\n|[^\s"]+|[^\S\n]+|"/g)) {
        if (text === '"') {
            throw new UnreadableCorefile("a quote is not closed");
        }
        if (quoted !== undefined) {
            tokens.push({ text: quoted.replaceAll('\\"', '"'), line, quoted: true });
        } else if (!/^\s|^#/.test(text)) {
            tokens.push({ text, line, quoted: false });
        }
        line += text.split("\n").length - 1;
    }
    return tokens;
}
