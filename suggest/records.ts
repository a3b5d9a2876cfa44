import { isUtf8 } from "node:buffer";
import { leftOut, type LeftOut } from "./observation";

/** Longer than any line that a proxy or Google writes. */
const LONGEST = 1024 * 1024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BLANK: readonly number[] = [0x20, 0x09, 0x0d, NEWLINE];
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/**
 * Takes a stream apart: into lines, or where it is one JSON array (`gcloud logging read --format json`), into its elements. Holds
 * no more than one record at a time.
 */
export class Records {
    private rest: Buffer = Buffer.alloc(0);
    private form: "not known yet" | "lines" | "array" = "not known yet";
    private skipping = false;
    /** Of an array: how deep its last byte was, whether within a text, and where the element began. */
    private readonly place = { depth: 0, inText: false, escaped: false, next: 0, start: -1 };

    constructor(
        private readonly take: (record: string) => void,
        private readonly refuse: (why: LeftOut) => void,
    ) {}

    write(chunk: Buffer): void {
        this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
        if (this.form === "not known yet") {
            if (this.rest.subarray(0, 3).equals(BYTE_ORDER_MARK)) {
                this.rest = this.rest.subarray(3);
            }
            this.form = formOf(this.rest);
        }
        if (this.form === "array") {
            this.elements();
        } else if (this.form === "lines") {
            this.lines();
        }
    }

    end(): void {
        if (this.form === "array") {
            if (this.place.depth > 0 || this.place.inText) {
                this.refuse(leftOut("broken JSON"));
            }
        } else {
            this.whole(this.rest);
        }
        this.rest = Buffer.alloc(0);
    }

    private lines(): void {
        const last = this.rest.lastIndexOf(NEWLINE);
        if (last < 0) {
            this.forgetLong();
            return;
        }
        let whole = this.rest.subarray(0, last);
        this.rest = Buffer.from(this.rest.subarray(last + 1));
        if (this.skipping) {
            const first = whole.indexOf(NEWLINE);
            this.skipping = false;
            if (first < 0) {
                return;
            }
            whole = whole.subarray(first + 1);
        }
        // Decoding many lines at once is what makes a gigabyte affordable.
        if (whole.length <= LONGEST && isUtf8(whole)) {
            for (const line of whole.toString("utf8").split("\n")) {
                this.take(line);
            }
            return;
        }
        for (let start = 0; start <= whole.length;) {
            const next = whole.indexOf(NEWLINE, start);
            const end = next < 0 ? whole.length : next;
            this.whole(whole.subarray(start, end));
            start = end + 1;
        }
    }

    private whole(record: Buffer): void {
        if (this.skipping || record.length === 0) {
            this.skipping = false;
        } else if (record.length > LONGEST) {
            this.refuse(leftOut("longer than 1 MB"));
        } else if (!isUtf8(record)) {
            this.refuse(leftOut("not UTF-8"));
        } else {
            this.take(record.toString("utf8"));
        }
    }

    /** What is longer than a record can be is passed over up to its end. */
    private forgetLong(): void {
        if (this.rest.length > LONGEST) {
            if (!this.skipping) {
                this.refuse(leftOut("longer than 1 MB"));
            }
            this.skipping = true;
            this.rest = Buffer.alloc(0);
        }
    }

    private elements(): void {
        const { rest, place } = this;
        let kept = 0;
        for (; place.next < rest.length; place.next += 1) {
            const byte = rest[place.next]!;
            if (place.inText) {
                if (place.escaped) {
                    place.escaped = false;
                } else if (byte === BACKSLASH) {
                    place.escaped = true;
                } else if (byte === QUOTE || byte === NEWLINE) {
                    // A line end cannot stand in a text: whatever is broken ends there.
                    place.inText = false;
                }
            } else if (byte === QUOTE) {
                place.inText = true;
            } else if (byte === BRACE || byte === BRACKET) {
                place.depth += 1;
                if (place.depth === 2) {
                    place.start = place.next;
                }
            } else if (byte === BRACE_END || byte === BRACKET_END) {
                place.depth -= 1;
                if (place.depth === 1 && place.start >= 0) {
                    this.whole(rest.subarray(place.start, place.next + 1));
                    place.start = -1;
                    kept = place.next + 1;
                }
            }
        }
        // Between elements nothing has to be kept.
        const from = place.start >= 0 ? place.start : Math.max(kept, place.next);
        if (place.start >= 0 && place.next - place.start > LONGEST) {
            this.refuse(leftOut("longer than 1 MB"));
            place.start = -1;
            place.next = 0;
            this.rest = Buffer.alloc(0);
            return;
        }
        this.rest = Buffer.from(rest.subarray(from));
        place.next -= from;
        place.start = place.start >= 0 ? 0 : -1;
    }
}

/** An access log begins with a bracket as well, and a year behind it. */
function formOf(bytes: Buffer): "not known yet" | "lines" | "array" {
    const first = afterBlanks(bytes, 0);
    const second = afterBlanks(bytes, first + 1);
    if (second < bytes.length) {
        return bytes[first] === BRACKET && (bytes[second] === BRACE || bytes[second] === BRACKET_END)
            ? "array"
            : "lines";
    }
    return bytes.length > LONGEST ? "lines" : "not known yet";
}

function afterBlanks(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && BLANK.includes(bytes[at]!)) {
        at += 1;
    }
    return at;
}
