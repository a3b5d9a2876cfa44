import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { policyPage } from "../policy/page";

/** Part of `npm run docs`. */
writeFileSync(path.join(__dirname, "..", "docs", "policies.md"), policyPage());
