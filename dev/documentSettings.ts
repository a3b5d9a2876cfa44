import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { settingsPage } from "../settings/documentation";
import { EDITOR_SCHEMAS, editorSchemaText } from "../settings/jsonSchema";

/** `npm run docs` */
const root = path.join(__dirname, "..");
writeFileSync(path.join(root, "docs", "settings.md"), settingsPage());
mkdirSync(path.join(root, "schemas"), { recursive: true });
for (const name of Object.keys(EDITOR_SCHEMAS)) {
    writeFileSync(path.join(root, "schemas", name), editorSchemaText(name));
}
