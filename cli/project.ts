import * as path from "node:path";

/** The project's folder: where `index.ts` and `Pulumi.yaml` are. */
export const PROJECT_DIRECTORY = path.resolve(__dirname, "..");
