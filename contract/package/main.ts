import * as path from "node:path";
import { packContract } from "./pack";

/** `npm run contract`: packs the tarball into the current folder and says its name. */
packContract(process.cwd()).then(
    file => console.log(path.relative(process.cwd(), file)),
    error => {
        console.error((error as Error).message);
        process.exitCode = 1;
    },
);
