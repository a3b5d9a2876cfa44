import { type Problem } from "../base/problem";
import { type PlatformFacts } from "../contract/platform";
import { BAND_WIDTH, type SharedPerimeter } from "../contract/sharedPerimeter";
import { gatewayPath } from "./gateways";
import { clusterLink, networkLink, nodeAccountAddress } from "./googleNames";
import { type Sections } from "./schema";
import { type GatewaySettings } from "./settings";

const PATH = "egress-gateway:perimeter";

/** Priorities for private destinations in a band, and before the bands in the owner's rules. */
const MOST_PRIVATE_DESTINATIONS = BAND_WIDTH / 4;

interface Parts {
    readonly perimeter: Sections["perimeter"];
    /** As it was written, without defaults. */
    readonly written: unknown;
    readonly joined: SharedPerimeter | undefined;
    readonly clients: Sections["clients"] | undefined;
    readonly platform: PlatformFacts | undefined;
    readonly google: { readonly project: string } | undefined;
    /** Full name of this stack. */
    readonly self: string | undefined;
    /** The gateways, `default` first. */
    readonly gateways: readonly GatewaySettings[];
}

/** A perimeter for several clusters: who owns it says how it denies, and who joins it only adds a way out. */
export function sharingProblems(parts: Parts): Problem[] {
    const { perimeter, clients } = parts;
    const { shared, stack, scope } = perimeter;
    const owner = ownerProblems(parts);
    if (!shared && stack === undefined && perimeter.band === undefined) {
        return owner;
    }
    return [
        ...owner,
        ...(shared && scope === "cluster"
            ? [
                  {
                      path: `${PATH}.shared`,
                      given: true,
                      expected: "a perimeter whose deny is for everybody, and perimeter.scope is `cluster`",
                      remedy: "A deny for this cluster's accounts would leave the nodes of others alone: set scope to `network`.",
                  },
              ]
            : []),
        ...(stack === undefined
            ? perimeter.band === undefined
                ? []
                : [
                      {
                          path: `${PATH}.band`,
                          given: perimeter.band,
                          expected: "`perimeter.stack` beside it: bands are of another stack's policy",
                          remedy: "Name the stack that owns the perimeter, or remove the band.",
                      },
                  ]
            : joinerProblems(parts)),
        ...(clients !== undefined && clients.privateDestinations.length > MOST_PRIVATE_DESTINATIONS
            ? [
                  {
                      path: "egress-gateway:clients.privateDestinations",
                      given: clients.privateDestinations.length,
                      expected: `at most ${MOST_PRIVATE_DESTINATIONS} in a shared perimeter: each takes a priority`,
                      remedy: "Put several ranges with the same ports into one entry.",
                  },
              ]
            : []),
    ];
}

/** A second owner would find the first one's policy attached, half-way through its `up`. */
function ownerProblems({ perimeter: { stack }, platform, self }: Parts): Problem[] {
    const owner = platform?.kind === "gke" ? platform.perimeterOwner : undefined;
    return owner === undefined || self === undefined || owner === self || owner === stack
        ? []
        : [
              {
                  path: `${PATH}.stack`,
                  given: stack,
                  expected: `${owner}, which owns the perimeter of the network, as the platform says: a network takes one`,
                  remedy: `Write \`perimeter: {stack: ${owner}, band: …}\`, with a band that no other stack has.`,
              },
          ];
}

function joinerProblems({ perimeter, written, joined, platform, google, gateways }: Parts): Problem[] {
    const said = (written ?? {}) as Readonly<Record<string, unknown>>;
    const owners = (["mode", "scope", "shared"] as const)
        .filter(key => said[key] !== undefined)
        .map(key => ({
            path: `${PATH}.${key}`,
            given: said[key],
            expected: "nothing: the stack that owns the perimeter says it",
            remedy: "Remove it here.",
        }));
    return [
        ...owners,
        ...(perimeter.band === undefined
            ? [
                  {
                      path: `${PATH}.band`,
                      given: undefined,
                      expected: "a band of priorities that no other stack has that joins this perimeter",
                      remedy: "Write `band: 1` for the first, and note it beside the owner's settings.",
                  },
              ]
            : []),
        ...(joined === undefined || platform?.kind !== "gke" || google === undefined
            ? []
            : [
                  ...placeProblems(perimeter, joined, platform, google),
                  ...gateways.flatMap(gateway => identityProblems(gateway, joined, google)),
              ]),
    ];
}

/** What tells gateways apart in a network is one gateway's alone. */
function identityProblems(
    { name, nodeAccountId, networkTag }: GatewaySettings,
    { accounts, networkTags }: SharedPerimeter,
    { project }: { readonly project: string },
): Problem[] {
    const account = nodeAccountAddress(nodeAccountId, project);
    const taken = (key: string, given: string): Problem => ({
        path: gatewayPath(name, key),
        given,
        expected: "another than the gateway has whose stack owns the perimeter",
        remedy: "With the same, the network would take nodes of the one for those of the other: choose a name that says the cluster.",
    });
    return [
        ...(accounts.includes(account) ? [taken("nodeAccountId", account)] : []),
        ...(networkTags.includes(networkTag) ? [taken("networkTag", networkTag)] : []),
    ];
}

function placeProblems(
    { stack }: Sections["perimeter"],
    joined: SharedPerimeter,
    platform: Extract<PlatformFacts, { kind: "gke" }>,
    { project }: { readonly project: string },
): Problem[] {
    const [network, cluster] = [networkLink(platform, project), clusterLink(platform, project)];
    return [
        ...(joined.network === network
            ? []
            : [
                  {
                      path: `${PATH}.stack`,
                      given: stack,
                      expected: `the stack that owns the perimeter of ${network}; that one's is of ${joined.network}`,
                      remedy: "A firewall policy holds in its own network only: name another stack, or give this one a perimeter of its own.",
                  },
              ]),
        ...(joined.cluster === cluster
            ? [
                  {
                      path: `${PATH}.stack`,
                      given: stack,
                      expected: `a stack of another cluster; that one's is ${cluster} too`,
                      remedy: "Two stacks in one cluster would write the same guard: describe the second gateway under `egress-gateway:gateways` of the first.",
                  },
              ]
            : []),
    ];
}
