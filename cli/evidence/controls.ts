import { type ClaimId, type Result } from "../../containment/verdict";

/** What an auditor asks for, and the claims that speak of it. The one place where the two are brought together. */
export interface Control {
    readonly framework: string;
    readonly id: string;
    readonly title: string;
    /** All of them have to hold. */
    readonly claims: readonly ClaimId[];
    /** What of the control no claim is about. */
    readonly notShown: string;
}

const PCI = "PCI DSS 4.0.1";
const NIST = "NIST SP 800-53 Rev. 5";

export const CONTROLS: readonly Control[] = [
    {
        framework: PCI,
        id: "1.2.5",
        title: "All services, protocols, and ports allowed are identified, approved, and have a defined business need.",
        claims: ["C3", "C4"],
        notShown:
            "Approval itself: the list of destinations names owner and reason, and reviews are kept by the repository.",
    },
    {
        framework: PCI,
        id: "1.3.2",
        title: "Outbound traffic from the CDE is restricted to only traffic that is necessary; all other traffic is specifically denied.",
        claims: ["C1", "C3", "C4"],
        notShown: "Whether a destination is necessary; traffic inside the network.",
    },
    {
        framework: PCI,
        id: "1.4.1",
        title: "NSCs are implemented between trusted and untrusted networks.",
        claims: ["C1", "C2", "C3"],
        notShown: "Ways into the network.",
    },
    {
        framework: NIST,
        id: "SC-7",
        title: "Boundary Protection",
        claims: ["C1", "C2", "C3", "C4"],
        notShown: "Ways into the network, and monitoring.",
    },
    {
        framework: NIST,
        id: "SC-7(3)",
        title: "Boundary Protection | Access Points",
        claims: ["C1", "C2"],
        notShown: "Ways into the network.",
    },
    {
        framework: NIST,
        id: "SC-7(5)",
        title: "Boundary Protection | Deny by Default — Allow by Exception",
        claims: ["C1", "C3", "C4"],
        notShown: "Ways into the network.",
    },
    {
        framework: NIST,
        id: "SC-7(8)",
        title: "Boundary Protection | Route Traffic to Authenticated Proxy Servers",
        claims: ["C1", "C4"],
        notShown: "Applications authenticate by their workload's certificate, not a person's.",
    },
    {
        framework: NIST,
        id: "SC-7(10)",
        title: "Boundary Protection | Prevent Exfiltration",
        claims: ["C1", "C3", "C4"],
        notShown:
            "What an allowed destination does with the bytes, and names that the resolver asks for: see the residual risks.",
    },
];

/** What the claims say of a control. */
export type Support = "supported" | "contradicted" | "cannot be told";

export function supported(claims: readonly ClaimId[], results: ReadonlyMap<ClaimId, Result>): Support {
    const found = claims.map(id => results.get(id) ?? "unknown");
    return found.includes("violated")
        ? "contradicted"
        : found.every(result => result === "holds")
          ? "supported"
          : "cannot be told";
}
