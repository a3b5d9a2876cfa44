import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** One object that exists in the pretended cloud, whoever created it. */
export interface CloudObject {
    /** Pulumi type token. */
    readonly type: string;
    readonly id: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
}

const ANY_TYPE = "*";

export type Operation = "create" | "read" | "update" | "delete";

/** An operation that the cloud has carried out. Previews and refused operations leave no entry. */
export interface JournalEntry {
    readonly operation: Operation;
    readonly urn: string;
    readonly id: string;
}

/**
 * The pretended cloud, in a folder: the providers (one process each, several at a time) write it, tests read it. It is a
 * record apart from Pulumi's own state, so that "nothing lost, nothing doubled" can be told from outside.
 */
export class World {
    constructor(private readonly folder: string) {
        fs.mkdirSync(path.join(folder, "objects"), { recursive: true });
        fs.mkdirSync(path.join(folder, "faults"), { recursive: true });
        fs.mkdirSync(path.join(folder, "given"), { recursive: true });
    }

    objects(): CloudObject[] {
        return fs
            .readdirSync(path.join(this.folder, "objects"))
            .sort()
            .map(file => JSON.parse(fs.readFileSync(path.join(this.folder, "objects", file), "utf8")) as CloudObject);
    }

    find(type: string, id: string): CloudObject | undefined {
        const file = this.objectFile(type, id);
        return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as CloudObject) : undefined;
    }

    /** Says that something exists which no stack of the test owns, for example a client's namespace. */
    give(type: string, id: string): void {
        fs.writeFileSync(path.join(this.folder, "given", fileName(`${type} ${id}`)), "");
    }

    exists(type: string, id: string): boolean {
        return (
            this.find(type, id) !== undefined ||
            fs.existsSync(path.join(this.folder, "given", fileName(`${type} ${id}`)))
        );
    }

    /** @throws when an object of this type and id exists: a cloud does not create a thing twice. */
    add(object: CloudObject): void {
        try {
            fs.writeFileSync(this.objectFile(object.type, object.id), JSON.stringify(object), { flag: "wx" });
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "EEXIST") {
                throw new Error(`409: ${object.type} ${object.id} already exists`, { cause: error });
            }
            throw error;
        }
    }

    replace(object: CloudObject): void {
        const file = this.objectFile(object.type, object.id);
        // Renamed, so that a reader in another process never sees half an object.
        fs.writeFileSync(`${file}.new`, JSON.stringify(object));
        fs.renameSync(`${file}.new`, file);
    }

    remove(type: string, id: string): void {
        fs.rmSync(this.objectFile(type, id), { force: true });
    }

    record(entry: JournalEntry): void {
        fs.appendFileSync(path.join(this.folder, "journal.ndjson"), `${JSON.stringify(entry)}\n`);
    }

    /** What was done, in the order in which it was done. */
    journal(): JournalEntry[] {
        const file = path.join(this.folder, "journal.ndjson");
        const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : [];
        return lines.filter(line => line !== "").map(line => JSON.parse(line) as JournalEntry);
    }

    /** Makes the next operation of this kind on the resource with this logical name, of any type or of one, fail once. */
    failOnce(operation: Operation, name: string, type = ANY_TYPE): void {
        fs.writeFileSync(this.faultFile(operation, name, type), "");
    }

    /** @throws when a fault was asked for; the fault is used up. */
    meetFault(operation: Operation, name: string, type: string): void {
        const files = [type, ANY_TYPE].map(wanted => this.faultFile(operation, name, wanted));
        const file = files.find(candidate => fs.existsSync(candidate));
        if (file !== undefined) {
            fs.rmSync(file);
            throw new Error(`503: the ${operation} of ${name} failed, as the test asked`);
        }
    }

    private objectFile(type: string, id: string): string {
        return path.join(this.folder, "objects", fileName(`${type} ${id}`));
    }

    private faultFile(operation: Operation, name: string, type: string): string {
        return path.join(this.folder, "faults", fileName(`${operation} ${type} ${name}`));
    }
}

/** Legible for a person who looks into the folder; a hash tells apart what a file system would cut off. */
function fileName(key: string): string {
    const encoded = encodeURIComponent(key);
    return encoded.length < 200
        ? encoded
        : `${encoded.slice(0, 150)}-${createHash("sha256").update(key).digest("hex")}`;
}
