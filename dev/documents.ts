import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { DEFAULT_NAMES } from "../base/conventions";
import { dashboard } from "../components/monitoring/dashboard";
import { policyPage } from "../policy/page";
import { settingsPage } from "../settings/documentation";
import { EDITOR_SCHEMAS, editorSchemaText } from "../settings/jsonSchema";
import { verdictSchemaText } from "./verdictSchema";

/** `npm run docs`: what is generated of the documentation, written anew. */
const root = path.join(__dirname, "..");
const docs = path.join(root, "docs");
const schemas = path.join(root, "schemas");

writeFileSync(path.join(docs, "settings.md"), settingsPage());
writeFileSync(path.join(docs, "policies.md"), policyPage());
const board = JSON.stringify(dashboard(DEFAULT_NAMES.gatewayNamespace), undefined, 4);
writeFileSync(path.join(docs, "grafana-dashboard.json"), `${board}\n`);
mkdirSync(schemas, { recursive: true });
for (const name of Object.keys(EDITOR_SCHEMAS)) {
    writeFileSync(path.join(schemas, name), editorSchemaText(name));
}
writeFileSync(path.join(schemas, "verdict.json"), verdictSchemaText());
