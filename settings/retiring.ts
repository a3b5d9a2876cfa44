import { isDeepStrictEqual } from "node:util";
import { type GooglePlatform } from "../contract/platform";
import { type Range, rangeProblems } from "../contract/platformRanges";
import { type Problem } from "../base/problem";
import { type Sections } from "./schema";

const PATH = "egress-gateway:gateway.retiring";

/** Pools that may exist side by side: a change of what `retiring` names makes the new one before the old one goes. */
export function poolsAtOnce({ retiring }: Sections["gateway"]): number {
    return retiring.nodeAccountId === undefined && retiring.egressSubnet === undefined ? 1 : 2;
}

/** What gateway nodes had before a change, against what they have now and against the cluster. */
export function retiringProblems(gateway: Sections["gateway"], platform?: GooglePlatform): Problem[] {
    const { nodeAccountId, egressSubnet } = gateway.retiring;
    return [
        ...(nodeAccountId === gateway.nodeAccountId
            ? [same("nodeAccountId", nodeAccountId, "egress-gateway:gateway.nodeAccountId")]
            : []),
        ...(platform === undefined || egressSubnet === undefined
            ? []
            : isDeepStrictEqual(egressSubnet, platform.egressSubnet)
              ? [same("egressSubnet", egressSubnet, "egress-gateway:platform.egressSubnet")]
              : subnetProblems(egressSubnet, platform)),
    ];
}

function same(key: string, given: unknown, now: string): Problem {
    return {
        path: `${PATH}.${key}`,
        given,
        expected: `what ${now} was before, and not what it is`,
        remedy: "Remove it once an `up` has gone through with the new value.",
    };
}

/** One subnet may have two ranges for pods; its primary range is one. */
function subnetProblems(was: GooglePlatform["egressSubnet"], platform: GooglePlatform): Problem[] {
    const now = platform.egressSubnet;
    const ranges: Range[] = [
        ...(was.name === now.name && was.nodeCidr === now.nodeCidr
            ? []
            : [{ path: `${PATH}.egressSubnet.nodeCidr`, cidr: was.nodeCidr }]),
        ...(was.podRange === now.podRange && was.podCidr === now.podCidr
            ? []
            : [{ path: `${PATH}.egressSubnet.podCidr`, cidr: was.podCidr }]),
    ];
    return rangeProblems(platform, "egress-gateway:platform", ranges).filter(({ path }) => path.startsWith(PATH));
}
