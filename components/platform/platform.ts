import * as pulumi from "@pulumi/pulumi";
import { type PlatformFacts } from "../../contract/platform";
import { PLATFORM, type PlatformInputs } from "../../declared/platform";

export type PlatformArgs = PlatformFacts &
    Pick<PlatformInputs, "project" | "region" | "retiringEgressSubnet" | "retiringEgressSubnets">;

/**
 * What this stack relies on but does not own. It creates nothing: its registered inputs carry the facts into plans, previews
 * and states, where the containment proof lists them as assumptions.
 */
export class Platform extends pulumi.ComponentResource {
    constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
        super(PLATFORM.type, name, args satisfies PlatformInputs, opts);
        this.registerOutputs();
    }
}
