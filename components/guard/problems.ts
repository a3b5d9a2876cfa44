import { type Problem } from "../../base/problem";
import { closedNamespaces, gatewayNamespaces, type GuardSettings } from "./settings";

/** ValidatingAdmissionPolicy is stable since this version (Kubernetes 1.30 release notes). */
const OLDEST_KUBERNETES = { major: 1, minor: 30 };

/** What would make the guard unsafe or impossible; all problems at once. Paths are below `prefix`. */
export function guardProblems(settings: GuardSettings, prefix = "egress-gateway:guard"): Problem[] {
    return [
        ...namespaceProblems(settings, prefix),
        ...identityProblems(settings, prefix),
        ...breakGlassProblems(settings, prefix),
        ...versionProblems(settings),
    ];
}

function namespaceProblems(settings: GuardSettings, prefix: string): Problem[] {
    return settings.exemptNamespaces.flatMap((namespace, index): Problem[] => {
        const judged = gatewayNamespaces(settings).includes(namespace)
            ? "the gateway's namespace"
            : namespace === settings.resolverNamespace
              ? "the resolver's namespace"
              : settings.clientNamespaces.includes(namespace)
                ? "a client namespace"
                : undefined;
        if (judged === undefined) {
            return [];
        }
        return [
            {
                path: `${prefix}.exemptNamespaces[${index}]`,
                given: namespace,
                expected: "a system namespace",
                remedy: `"${namespace}" is ${judged}: exempting it would switch the guard off where it is needed. Remove it from the list.`,
            },
        ];
    });
}

function identityProblems(settings: GuardSettings, prefix: string): Problem[] {
    const groups = settings.exemptGroups ?? [];
    const problems: Problem[] = [];
    if (settings.exemptUsers.length + groups.length === 0) {
        problems.push({
            path: `${prefix}.exemptUsers`,
            given: settings.exemptUsers,
            expected: "at least the identity that deploys this program",
            remedy:
                "Add the e-mail address of the user or Google service account that runs `pulumi up`; without it the guard " +
                "refuses the program's own mesh objects.",
        });
    }
    for (const key of ["exemptUsers", "placers", "uninjectedUsers"] as const) {
        (settings[key] ?? []).forEach((user, index) => {
            const reason = tooWideUser(user, settings);
            if (reason !== undefined) {
                problems.push({
                    path: `${prefix}.${key}[${index}]`,
                    given: user,
                    expected: "one user, or a prefix that covers system components only",
                    remedy: `${reason} Name the identities one by one.`,
                });
            }
        });
    }
    for (const [key, what] of [
        ["exemptGroups", "deployers"],
        ["operatorGroups", "operators of the gateway"],
    ] as const) {
        (settings[key] ?? []).forEach((group, index) => {
            const reason = tooWideGroup(group, settings);
            if (reason !== undefined) {
                problems.push({
                    path: `${prefix}.${key}[${index}]`,
                    given: group,
                    expected: `a group that holds ${what} only`,
                    remedy: `${reason} Name a group of your own.`,
                });
            }
        });
    }
    return problems;
}

function tooWideUser(user: string, settings: GuardSettings): string | undefined {
    if (user.trim() === "" || user !== user.trim()) {
        return "A user name is neither empty nor padded with spaces.";
    }
    if (user === "system:anonymous") {
        return "Everyone without credentials is this user.";
    }
    const judged = [...closedNamespaces(settings), ...settings.clientNamespaces].map(
        name => `system:serviceaccount:${name}:`,
    );
    if (!user.endsWith("*")) {
        const namespace = judged.find(accounts => user.startsWith(accounts));
        return namespace === undefined
            ? undefined
            : "Workloads in this program's and the clients' namespaces are what the guard judges.";
    }
    const prefix = user.slice(0, -1);
    if (!prefix.startsWith("system:")) {
        return "Whoever may choose a user name with this beginning would be exempt.";
    }
    if (["system:serviceaccount:", "system:node:", "system:bootstrap:"].some(wide => wide.startsWith(prefix))) {
        return "This prefix covers every service account, node or bootstrap token.";
    }
    return judged.some(accounts => accounts.startsWith(prefix) || prefix.startsWith(accounts))
        ? "This prefix covers service accounts of this program's or a client's namespace."
        : undefined;
}

function tooWideGroup(group: string, settings: GuardSettings): string | undefined {
    const everybody = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:nodes"];
    if (group.trim() === "" || group !== group.trim()) {
        return "A group name is neither empty nor padded with spaces.";
    }
    if (everybody.includes(group)) {
        return "Kubernetes puts every such client into this group.";
    }
    return [...closedNamespaces(settings), ...settings.clientNamespaces].some(
        name => group === `system:serviceaccounts:${name}`,
    )
        ? "This is every service account of a namespace that the guard judges."
        : undefined;
}

function breakGlassProblems(settings: GuardSettings, prefix: string): Problem[] {
    const reason =
        settings.breakGlassGroup.trim() === ""
            ? "With an empty name nobody could look into a gateway pod, not even in an emergency."
            : tooWideGroup(settings.breakGlassGroup, settings);
    return reason === undefined
        ? []
        : [
              {
                  path: `${prefix}.breakGlassGroup`,
                  given: settings.breakGlassGroup,
                  expected: "the name of a group that is empty on ordinary days",
                  remedy: `${reason} For example egress-gateway-break-glass, or a Google group's e-mail address.`,
              },
          ];
}

/** Whether an API server of this version evaluates the guard's policies; it does not where the version cannot be read. */
export function canEvaluateGuard(kubernetesVersion: string): boolean {
    const match = /^v?(\d+)\.(\d+)/.exec(kubernetesVersion);
    const { major, minor } = OLDEST_KUBERNETES;
    return match !== null && (Number(match[1]) > major || (Number(match[1]) === major && Number(match[2]) >= minor));
}

function versionProblems(settings: GuardSettings): Problem[] {
    if (canEvaluateGuard(settings.kubernetesVersion)) {
        return [];
    }
    const { major, minor } = OLDEST_KUBERNETES;
    return [
        {
            path: "egress-gateway:platform.cluster.kubernetesVersion",
            given: settings.kubernetesVersion,
            expected: `${major}.${minor} or newer, for example "1.34"`,
            remedy: "ValidatingAdmissionPolicy is stable since that version; upgrade the control plane first.",
        },
    ];
}
