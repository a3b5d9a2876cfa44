import picocolors from "picocolors";

/** Colours on a terminal only: picocolors by itself would also write them into the logs of CI. `NO_COLOR` is respected. */
export const colours = picocolors.createColors(process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined);
