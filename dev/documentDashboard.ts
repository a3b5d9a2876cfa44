import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { DEFAULT_NAMES } from "../base/conventions";
import { dashboard } from "../components/monitoring/dashboard";

/** Part of `npm run docs`. */
const text = JSON.stringify(dashboard(DEFAULT_NAMES.gatewayNamespace), undefined, 4);
writeFileSync(path.join(__dirname, "..", "docs", "grafana-dashboard.json"), `${text}\n`);
