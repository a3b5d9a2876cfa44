import { packRules } from "./pack";
import { type Concern } from "./rule";
import { FURTHER_GATEWAYS, SETTINGS } from "./settings";

const CONCERNS: Readonly<Record<Exclude<Concern, "pack">, readonly [title: string, introduction: string]>> = {
    perimeter: [
        "Perimeter",
        "The VPC network. Nothing but gateway nodes has a way out: no address, no NAT, no route, no firewall rule, no borrowed identity.",
    ],
    mesh: [
        "Mesh",
        "What no analyzer of Istio's looks at: traffic takes the route that was meant, and the gateway knows its callers.",
    ],
    workloads: [
        "Workloads",
        "What the admission guard refuses in the cluster, refused at preview. The guard's own policies are evaluated, so the two cannot differ; changes to what exists already, and requests to look into pods, are the guard's alone.",
    ],
    governance: [
        "Governance",
        "Who stands for a destination, and until when. Read from the declaration that the mesh registers.",
    ],
    containment: [
        "Containment",
        "The proof over all resources of the stack. With the gateway in the stack every claim is judged; a stack that only owns a network is asked whether anything gets out of it; for a stack that owns neither, the rules about single resources are what there is to say.",
    ],
};

const INTRODUCTION = `# Policies

A CrossGuard pack that stops, at preview, what would open a way around the egress gateway. It works on this project's stacks, on the
platform's, on an application's, and on a stack that knows nothing of the gateway.

\`\`\`sh
npm ci                                        # builds the pack into one file; npm run policy:build does it again
pulumi preview --policy-pack policy           # from another project: --policy-pack ../egress-gateway/policy
pulumi policy analyze --policy-pack policy    # what is deployed, without running the program
npm run policies                              # all rules with what they stop
\`\`\`

A mandatory rule fails the preview. The message says where, what was given, what it means, and what to do instead.

**Values that are not known.** In a preview some values are known only after \`pulumi up\`. A rule reads what is known first; where an
unknown value decides, it refuses and says so. It never passes, and never becomes advisory, because of one. What decides nothing may be
unknown: the image of an ordinary container, an environment, values of a node selector. A namespace, an account or a subnet that another
resource of the stack gives is taken for what that resource is called (\`object-namespace\`, \`gateway-later-values\`). Elsewhere the way out is
to write plain values: Google composes self links and service accounts' addresses from project, region and name, and so can a program.

**Which gateway.** A stack with this program's components is judged by the names that they register: namespace, tag, account, subnet,
clients and the rest. For others the entry \`pack-settings\` names it. Where neither does, rules that protect a gateway or its clients have nothing
to protect: they are not asked, and \`gateway-unnamed\` prints which. What is a way out by itself is refused in any case, and so is an object that
speaks of gateway nodes by the default name.

**Other levels.** A file given with \`--policy-pack-config\` changes the level of any rule: \`mandatory\`, \`advisory\` or \`disabled\`. The engine takes
no notice of a rule's name that does not exist.

**Waivers and allowances.** A waiver names a rule, a resource (URN or logical name, \`*\` for any text; the stack itself for what concerns all of
it), a reason, and a last day if it is to have one. A value that switches off what it is an exception of (\`0.0.0.0/0\` in \`allowedEgress\`, a lone \`*\`)
counts only with an allowance, which names the setting, the value, a reason and a last day. A key, rule or date that is wrong is a
violation. Every use of a waiver is printed, as advice of the rules \`waived\` and \`waived-in-stack\`.

\`\`\`json
{
    "ipv4-only": "advisory",
    "pack-settings": {
        "gatewaySubnets": ["acme-dev-egress"],
        "waivers": [
            { "rule": "external-address", "resource": "bastion", "reason": "reachable by IAP until the VPN is there", "expires": "2027-03-31" }
        ]
    }
}
\`\`\`
`;

/** \`docs/policies.md\`, from the rules themselves. */
export function policyPage(): string {
    return [
        INTRODUCTION,
        "## Settings\n",
        "Keys of `pack-settings`. The defaults are the names that this program gives; lists of a stack's own components and what is written are one list.\n",
        "| key | default | meaning |",
        "|---|---|---|",
        ...Object.entries(SETTINGS).map(
            ([key, { default: value, description }]) =>
                `| \`${key}\` | ${defaultText(value)} | ${capitalised(description)}. |`,
        ),
        `| \`gateways\` | \`[]\` | ${capitalised(FURTHER_GATEWAYS)}. |`,
        "| `waivers` | `[]` | Findings that pass: `{rule, resource, reason, expires}`; without `expires` until it is removed. |",
        "| `allowances` | `[]` | Values above that switch a rule off: `{setting, value, reason, expires}`. |",
        "",
        ...Object.entries(CONCERNS).flatMap(([concern, [title, introduction]]) => [
            `## ${title}\n`,
            `${introduction}\n`,
            ...packRules()
                .filter(rule => rule.concern === concern)
                .map(
                    ({ name, description, enforcement, severity, scope, stops, remedy, aboutGateway }) =>
                        `### ${name}\n\n${description} *${capitalised(enforcement)}, severity ${severity}, judges ${
                            scope === "stack" ? "the whole stack" : "each resource"
                        }${aboutGateway === undefined ? "" : ", where a gateway is named"}.*\n\n- Stops: ${stops}\n- Instead: ${remedy}\n`,
                ),
        ]),
        "## The pack itself\n",
        ...packRules()
            .filter(({ concern }) => concern === "pack")
            .map(
                ({ name, description, enforcement }) =>
                    `### ${name}\n\n${description} *${capitalised(enforcement)}.*\n`,
            ),
    ]
        .join("\n")
        .trimEnd()
        .concat("\n");
}

function defaultText(value: unknown): string {
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function capitalised(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}
