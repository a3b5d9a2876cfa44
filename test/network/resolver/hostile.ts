import { CLASSES, message, nameBytes, opt, ORDINARY, question, record, TYPES, type TypeName } from "./wire";

/** What may be asked of a server. */
export interface Declared {
    /** For A and AAAA. */
    readonly exact: ReadonlySet<string>;
    /** Types of the names below a domain; the longest domain that a name ends in counts. */
    readonly below: Readonly<Record<string, readonly TypeName[]>>;
    /** Domains that are names below themselves. */
    readonly apex: ReadonlySet<string>;
}

export function isDeclared(
    { class: qclass, name, type }: { readonly name: string; readonly type: number; readonly class: number },
    { apex, below, exact }: Declared,
): boolean {
    const labels = name.toLowerCase().split(".");
    const domain = labels.map((_, index) => labels.slice(index).join(".")).find(suffix => suffix in below);
    const isBelow = domain !== undefined && (domain !== labels.join(".") || apex.has(domain));
    const types = [
        ...(exact.has(labels.join(".")) ? (["A", "AAAA"] as const) : []),
        ...(isBelow ? below[domain]! : []),
    ];
    return qclass === CLASSES.IN && types.some(declared => TYPES[declared] === type);
}

export interface HostileQuery {
    readonly bytes: Buffer;
    readonly transport: "udp" | "tcp";
}

/** Queries that try to carry words out: in names, their case, types, classes, opcodes, flags, options and further records. */
export function randomQueries(seed: number, count: number, hosts: readonly string[]): HostileQuery[] {
    const random = mulberry32(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
    const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
    const word = (length: number): string =>
        Array.from({ length }, () => pick([..."abcdefghijklmnopqrstuvwxyz0123456789-_"])).join("");
    const mixed = (name: string): string =>
        [...name].map(letter => (random() < 0.5 ? letter.toUpperCase() : letter)).join("");
    /** Any bytes, dots among them: `a.b` as one label is no name below `b`. */
    const rawLabel = (): Buffer => {
        const label = bytes(1 + below(63));
        return Buffer.concat([Buffer.from([label.length]), label]);
    };
    const names: readonly (() => Buffer)[] = [
        () => nameBytes(`${word(1 + below(20))}.canary.example`),
        () => nameBytes(`${word(63)}.${word(63)}.${word(63)}.${word(45)}.canary.example`),
        () => nameBytes(`${word(1 + below(30))}.${pick(hosts)}`),
        () => nameBytes(`${word(8)}.${word(8)}.${mixed(pick(hosts))}`),
        () => nameBytes(pick(hosts)),
        () => nameBytes(mixed(pick(hosts))),
        () => nameBytes(`${pick(hosts)}.${word(6)}`),
        () => nameBytes(`${pick(hosts)}${word(3)}`),
        () => nameBytes(`${word(3)}${pick(hosts)}`),
        () => nameBytes(pick(hosts).split(".").slice(1).join(".")),
        () => nameBytes(pick(hosts).split(".").slice(-1).join(".")),
        () => nameBytes(`${pick(hosts)}.payments.svc.cluster.local`),
        () => nameBytes(`${word(10)}.${pick(["svc.cluster.local", "google.internal", "local", "in-addr.arpa"])}`),
        () => nameBytes(`${below(256)}.${below(256)}.${below(256)}.10.in-addr.arpa`),
        () => Buffer.concat([rawLabel(), nameBytes(pick(hosts))]),
        () => Buffer.concat([rawLabel(), rawLabel(), nameBytes("example")]),
        // The text `x.example.org`, whose first label is `x.example`.
        () => {
            const [first, second, ...rest] = pick(hosts).split(".");
            const label = Buffer.from(`${word(3)}.${first}.${second}`);
            return Buffer.concat([Buffer.from([label.length]), label, nameBytes(rest.join("."))]);
        },
        () => nameBytes(word(12)),
        () => nameBytes(""),
    ];
    const smuggled = (): Buffer =>
        pick([
            () => record(`${word(10)}.canary.example`, TYPES.TXT, bytes(1 + below(60))),
            () => record("", below(65536), Buffer.alloc(0), below(65536), below(2 ** 32)),
            () => opt([[below(65536), bytes(below(100))]]),
            () => opt([[pick([3, 8, 10, 11, 12]), bytes(pick([0, 8, 24, 100]))]]),
            () => opt([], 512 + below(4096), below(2 ** 15)),
            () => opt([]),
        ])();
    return Array.from({ length: count }, () => {
        const questions = Array.from({ length: random() < 0.02 ? 2 : 1 }, () =>
            question(
                pick(names)(),
                random() < 0.4
                    ? pick([TYPES.A, TYPES.AAAA])
                    : random() < 0.8
                      ? pick(Object.values(TYPES))
                      : below(65536),
                random() < 0.9 ? CLASSES.IN : pick(Object.values(CLASSES)),
            ),
        );
        const opcode = random() < 0.9 ? 0 : below(16);
        const flags = random() < 0.8 ? ORDINARY : below(2 ** 15);
        const sometimes = (share: number): Buffer[] => (random() < share ? [smuggled()] : []);
        return {
            bytes: message(below(65536), (flags & 0x87ff) | (opcode << 11), {
                questions,
                answers: sometimes(0.05),
                authorities: sometimes(0.05),
                additionals: [...sometimes(0.4), ...sometimes(0.05)],
            }),
            transport: random() < 0.25 ? "tcp" : "udp",
        };
    });
}

/** The same numbers for the same seed. */
function mulberry32(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}
