import { printableJson } from "../../base/printable";
import { colours as pc } from "../colours";
import { packRules } from "../../policy/pack";
import { type Concern, pageOf } from "../../policy/rule";
import { EXIT, say, sayData } from "../output";
import { table } from "../table";

export interface PoliciesOptions {
    readonly json?: boolean;
}

const CONCERNS: Readonly<Record<Concern, string>> = {
    perimeter: "Perimeter: the VPC network, its machines and who may be the gateway",
    mesh: "Mesh: routes and identities that no analyzer of Istio's looks at",
    workloads: "Workloads: what the admission guard refuses, at preview",
    governance: "Governance: who stands for a destination, and until when",
    containment: "Containment: the proof over the whole stack",
    pack: "The pack itself",
};

/** Lists the rules of the pack with what each of them stops. */
export function policies(options: PoliciesOptions): void {
    const rules = packRules();
    if (options.json === true) {
        const shown = rules.map(({ name, concern, scope, enforcement, severity, description, stops, remedy }) => ({
            name,
            concern,
            scope,
            enforcement,
            severity,
            description,
            stops,
            remedy,
            url: pageOf({ name }),
        }));
        sayData(printableJson({ rules: shown }));
    } else {
        for (const [concern, title] of Object.entries(CONCERNS)) {
            const rows = rules
                .filter(rule => rule.concern === concern)
                .map(({ name, enforcement, description, stops }) => [
                    name,
                    enforcementText(enforcement),
                    `${description}\n${pc.dim(`Stops: ${stops}`)}`,
                ]);
            say(`\n${pc.bold(title)}\n${table(rows)}`);
        }
        say(
            `\n${rules.length} rules. Use: pulumi preview --policy-pack policy. Settings, waivers and every rule in words: docs/policies.md`,
        );
    }
    process.exitCode = EXIT.holds;
}

function enforcementText(enforcement: "mandatory" | "advisory"): string {
    return enforcement === "mandatory" ? pc.red("mandatory") : pc.yellow("advisory");
}
