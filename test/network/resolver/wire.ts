/** DNS messages as they are on the wire (RFC 1035, section 4; RFC 6891), written so that they may be wrong in every part. */

export const TYPES = {
    A: 1,
    NS: 2,
    CNAME: 5,
    SOA: 6,
    NULL: 10,
    PTR: 12,
    MX: 15,
    TXT: 16,
    KEY: 25,
    AAAA: 28,
    SRV: 33,
    NAPTR: 35,
    DS: 43,
    DNSKEY: 48,
    TLSA: 52,
    SVCB: 64,
    HTTPS: 65,
    SPF: 99,
    AXFR: 252,
    ANY: 255,
    URI: 256,
    CAA: 257,
    PRIVATE: 65399,
} as const;
export type TypeName = keyof typeof TYPES;
const OPT = 41;

export const CLASSES = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

interface Record {
    readonly name: string;
    readonly type: number;
    readonly class: number;
    readonly ttl: number;
    readonly data: Buffer;
}

export interface Message {
    readonly id: number;
    /** The second word of the header. */
    readonly flags: number;
    readonly questions: readonly { readonly name: string; readonly type: number; readonly class: number }[];
    readonly answers: readonly Record[];
    readonly authorities: readonly Record[];
    readonly additionals: readonly Record[];
}

/** Flags of an ordinary query: recursion desired. */
export const ORDINARY = 0x0100;

/** Text with one character a byte and a dot between labels; no escapes, so that a label has no dot. */
export function nameBytes(name: string): Buffer {
    const labels = name === "" ? [] : name.split(".").map(label => Buffer.from(label, "latin1"));
    return Buffer.concat([...labels.flatMap(label => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

export function question(name: string | Buffer, type: number, qclass: number = CLASSES.IN): Buffer {
    return Buffer.concat([Buffer.isBuffer(name) ? name : nameBytes(name), words(type, qclass)]);
}

export function record(name: string, type: number, data: Buffer, qclass: number = CLASSES.IN, ttl = 60): Buffer {
    return Buffer.concat([nameBytes(name), words(type, qclass, ttl >>> 16, ttl & 0xffff, data.length), data]);
}

/** An OPT record with these options. */
export function opt(options: readonly (readonly [code: number, data: Buffer])[], udpSize = 1232, ttl = 0): Buffer {
    const data = options.flatMap(([code, bytes]) => [words(code, bytes.length), bytes]);
    return record("", OPT, Buffer.concat(data), udpSize, ttl);
}

export function message(
    id: number,
    flags: number,
    sections: { readonly questions: readonly Buffer[] } & Partial<{
        readonly [S in "answers" | "authorities" | "additionals"]: readonly Buffer[];
    }>,
): Buffer {
    const { questions, answers = [], authorities = [], additionals = [] } = sections;
    const counts = [questions, answers, authorities, additionals].map(({ length }) => length);
    return Buffer.concat([words(id, flags, ...counts), ...questions, ...answers, ...authorities, ...additionals]);
}

function words(...values: readonly number[]): Buffer {
    const bytes = Buffer.alloc(2 * values.length);
    values.forEach((value, index) => bytes.writeUInt16BE(value, 2 * index));
    return bytes;
}

/** @throws RangeError where the message ends too early */
export function parse(bytes: Buffer): Message {
    let at = 12;
    const count = (index: number): number[] => Array.from({ length: bytes.readUInt16BE(4 + 2 * index) }, (_, i) => i);
    const word = (): number => {
        at += 2;
        return bytes.readUInt16BE(at - 2);
    };
    const name = (): string => {
        const read = nameAt(bytes, at);
        at = read.end;
        return read.name;
    };
    const readRecord = (): Record => {
        const head = { name: name(), type: word(), class: word(), ttl: word() * 0x10000 + word() };
        const length = word();
        at += length;
        return { ...head, data: expand(bytes, at - length, length, head.type) };
    };
    return {
        id: bytes.readUInt16BE(0),
        flags: bytes.readUInt16BE(2),
        questions: count(0).map(() => ({ name: name(), type: word(), class: word() })),
        answers: count(1).map(readRecord),
        authorities: count(2).map(readRecord),
        additionals: count(3).map(readRecord),
    };
}

export function rcode({ flags }: Message): string {
    return RCODES[flags & 15] ?? String(flags & 15);
}

/** The name that a CNAME's data is, written out. */
function expand(bytes: Buffer, at: number, length: number, type: number): Buffer {
    return type === TYPES.CNAME ? nameBytes(nameAt(bytes, at).name) : bytes.subarray(at, at + length);
}

function nameAt(bytes: Buffer, start: number): { readonly name: string; readonly end: number } {
    const labels: string[] = [];
    let at = start;
    let end: number | undefined;
    for (;;) {
        const length = bytes.readUInt8(at);
        if (length === 0) {
            return { name: labels.join("."), end: end ?? at + 1 };
        }
        if (length >= 0xc0) {
            end ??= at + 2;
            at = bytes.readUInt16BE(at) & 0x3fff;
        } else {
            labels.push(bytes.toString("latin1", at + 1, at + 1 + length));
            at += 1 + length;
        }
    }
}
