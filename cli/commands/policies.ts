import { colours as pc } from "../colours";
import { packRules } from "../../policy/pack";
import { type Concern, pageOf, type Rule } from "../../policy/rule";
import { answer, EXIT } from "../output";
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
    const shown = rules.map(({ name, concern, scope, enforcement, severity, description, stops, remedy }) => ({
        ...{ name, concern, scope, enforcement, severity, description, stops, remedy },
        url: pageOf({ name }),
    }));
    answer(options.json, { rules: shown }, policiesReport);
    process.exitCode = EXIT.holds;
}

type Shown = Pick<Rule, "name" | "concern" | "enforcement" | "description" | "stops">;

function policiesReport({ rules }: { readonly rules: readonly Shown[] }): string {
    return [
        ...Object.entries(CONCERNS).map(([concern, title]) => {
            const rows = rules
                .filter(rule => rule.concern === concern)
                .map(({ name, enforcement, description, stops }) => [
                    name,
                    enforcementText(enforcement),
                    `${description}\n${pc.dim(`Stops: ${stops}`)}`,
                ]);
            return `\n${pc.bold(title)}\n${table(rows)}`;
        }),
        `\n${rules.length} rules. Use: pulumi preview --policy-pack policy. Settings, waivers and every rule in words: docs/policies.md`,
    ].join("\n");
}

function enforcementText(enforcement: "mandatory" | "advisory"): string {
    return enforcement === "mandatory" ? pc.red("mandatory") : pc.yellow("advisory");
}
