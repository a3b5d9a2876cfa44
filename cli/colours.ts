import picocolors from "picocolors";
import { terminalColumns } from "./output";

/** Colours on a terminal only: picocolors by itself would also write them into the logs of CI. `NO_COLOR` is respected. */
export const colours = picocolors.createColors(
    terminalColumns() !== undefined && process.env["NO_COLOR"] === undefined,
);
