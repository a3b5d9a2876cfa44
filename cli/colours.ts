import picocolors from "picocolors";
import { terminalColumns } from "./output";

/**
 * Colours on a terminal only: picocolors by itself would also write them into the logs of CI. `NO_COLOR` is respected. A module of
 * its own, because it is loaded with the first report, when it is known whether that goes into a file.
 */
export const colours = picocolors.createColors(
    terminalColumns() !== undefined && process.env["NO_COLOR"] === undefined,
);
