import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { settingsPage } from "../settings/documentation";

/** `npm run docs` */
writeFileSync(path.join(__dirname, "..", "docs", "settings.md"), settingsPage());
