import { type KubernetesObject, text } from "../kubernetes";
import { type Access, RuleBook } from "./policyRules";
import { type CallerSet, type Universe, without } from "./principals";

/** Who gets through. Between the two sets lie the callers whose admission the model cannot tell. */
export interface Admission {
    readonly surely: CallerSet;
    readonly perhaps: CallerSet;
    /** Policies that admit anybody here, or all of them where none does. */
    readonly deciding: readonly KubernetesObject[];
    readonly reasons: readonly string[];
}

/**
 * The AuthorizationPolicies in front of the gateway. DENY comes first; then, if there is any ALLOW policy, one of its rules has to
 * match (Istio, "Authorization Policy"). Rules about exact hosts are filed by host, so that deciding one host does not read
 * the rules of all others.
 */
export class Authorization {
    private readonly allow: RuleBook;
    private readonly deny: RuleBook;
    private readonly anyAllow: boolean;
    private readonly custom: readonly KubernetesObject[];

    constructor(
        readonly policies: readonly KubernetesObject[],
        readonly universe: Universe,
    ) {
        const withAction = (action: string): KubernetesObject[] =>
            policies.filter(({ spec }) => (text(spec.action) ?? "ALLOW") === action);
        this.allow = new RuleBook(withAction("ALLOW"), "allow", universe);
        this.deny = new RuleBook(withAction("DENY"), "deny", universe);
        this.anyAllow = withAction("ALLOW").length > 0;
        this.custom = withAction("CUSTOM");
    }

    admits(access: Access): Admission {
        const { universe } = this;
        const denied = this.deny.matching(access);
        const allowed = this.anyAllow
            ? this.allow.matching(access)
            : { surely: universe.everyone, perhaps: universe.everyone, policies: [], reasons: [] };
        const custom = this.custom.map(({ urn }) => `${urn} asks another service for its decision`);
        return {
            surely: custom.length > 0 ? universe.nobody : without(allowed.surely, denied.perhaps),
            perhaps: without(allowed.perhaps, denied.surely),
            deciding: allowed.policies.length > 0 ? allowed.policies : this.policies,
            reasons: [...allowed.reasons, ...denied.reasons, ...custom],
        };
    }
}
