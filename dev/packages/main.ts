import * as path from "node:path";
import { packContract } from "./contract";
import { packProgram } from "./program";

const PACKERS: Readonly<Record<string, (destination: string) => Promise<string>>> = {
    contract: packContract,
    program: packProgram,
};

/** `npm run contract`, `npm run package`: packs a tarball into the current folder and says its name. */
const pack = PACKERS[process.argv[2] ?? ""];
if (pack === undefined) {
    console.error(`which package? expected ${Object.keys(PACKERS).join(" or ")}`);
    process.exitCode = 2;
} else {
    pack(process.cwd()).then(
        file => console.log(path.relative(process.cwd(), file)),
        error => {
            console.error((error as Error).message);
            process.exitCode = 1;
        },
    );
}
