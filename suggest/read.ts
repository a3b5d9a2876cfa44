import { createReadStream, existsSync, statSync } from "node:fs";
import { type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { globSync } from "tinyglobby";
import { printable } from "../base/printable";
import { InputError, UserError } from "../base/problem";
import { Records } from "./records";
import { type LeftOut } from "./observation";

/** Told now and then how far reading has come. */
export type Progress = (bytes: number) => void;

/** As much as is read at once. */
const CHUNK = 1024 * 1024;

/**
 * Hands on every record of the files: compressed or not, of folders what is in them, standard input as `/dev/stdin`. Keeps none of them.
 *
 * @throws InputError for files that are not there, all at once
 */
export async function readRecords(
    sources: readonly string[],
    take: (record: string) => void,
    refuse: (why: LeftOut) => void,
    progress: Progress = () => undefined,
): Promise<void> {
    const missing = sources.filter(source => !existsSync(source));
    if (missing.length > 0) {
        throw new InputError(
            "the logs cannot be read",
            missing.map(given => ({
                path: "<file>",
                given,
                expected: "a file, a folder, or `-` for standard input",
                remedy: "Correct the name.",
            })),
        );
    }
    let bytes = 0;
    for (const file of sources.flatMap(filesOf)) {
        const records = new Records(take, refuse);
        try {
            for await (const chunk of await plain(file)) {
                records.write(chunk as Buffer);
                bytes += (chunk as Buffer).length;
                progress(bytes);
            }
        } catch (error) {
            throw new UserError(printable(`${file} cannot be read to its end: ${(error as Error).message}`));
        }
        records.end();
    }
}

function filesOf(source: string): string[] {
    return statSync(source).isDirectory()
        ? globSync("**/*", { cwd: source, absolute: true, onlyFiles: true, dot: false }).sort()
        : [source];
}

/** The bytes themselves; what is compressed shows that in its first two. */
async function plain(file: string): Promise<Readable> {
    const stream = file === "/dev/stdin" ? process.stdin : createReadStream(file, { highWaterMark: CHUNK });
    const first = await firstOf(stream);
    if (first?.[0] !== 0x1f || first[1] !== 0x8b) {
        return stream;
    }
    const gunzip = createGunzip({ chunkSize: CHUNK });
    stream.on("error", (error: Error) => gunzip.destroy(error));
    return stream.pipe(gunzip);
}

async function firstOf(stream: Readable): Promise<Buffer | undefined> {
    for (;;) {
        const chunk = stream.read() as Buffer | null;
        if (chunk !== null) {
            stream.unshift(chunk);
            return chunk;
        }
        if (stream.readableEnded || stream.destroyed) {
            return undefined;
        }
        await new Promise<void>((resolve, reject) => {
            const done = (): void => {
                stream.off("readable", done).off("end", done).off("error", failed);
                resolve();
            };
            const failed = (error: Error): void => reject(error);
            stream.once("readable", done).once("end", done).once("error", failed);
        });
    }
}
