/** What marks a node of the gateway for firewall and routes. */
export interface NodeIdentity {
    readonly account?: string | undefined;
    readonly tag?: string | undefined;
}

/** A ComputeClass whose nodes have the identity. */
export interface IdentityClass {
    /** Its case is `compute-class/<name>`. */
    readonly name: string;
    /** What the nodes have of it. */
    readonly takes: keyof NodeIdentity;
    readonly spec: Readonly<Record<string, unknown>>;
}

/** Every place of a ComputeClass that gives nodes an identity (GKE documentation, ComputeClass reference). */
export function identityClasses({ account, tag }: NodeIdentity): readonly IdentityClass[] {
    const byAccount = (serviceAccount: string): IdentityClass[] => [
        { name: "account", takes: "account", spec: { nodePoolConfig: { serviceAccount } } },
        {
            name: "account-mixed-case",
            takes: "account",
            spec: {
                nodePoolConfig: { serviceAccount: ` ${serviceAccount[0]!.toUpperCase()}${serviceAccount.slice(1)}` },
            },
        },
        {
            name: "account-of-a-priority",
            takes: "account",
            spec: { priorities: [{ machineFamily: "e2" }, { machineFamily: "n4", serviceAccount }] },
        },
    ];
    return [
        ...(account === undefined ? [] : byAccount(account)),
        ...(tag === undefined
            ? []
            : [
                  {
                      name: "network-tag",
                      takes: "tag" as const,
                      spec: { priorityDefaults: { networkTags: ["web", tag] } },
                  },
              ]),
    ];
}
