import { createHash } from "node:crypto";
import { printable, printableIn } from "../../base/printable";
import { type Resource, shortUrn } from "../../base/resource";
import { decidersOf, type Hole, holesOf } from "../../containment/holes";
import { decidingClaims } from "../../containment/prove";
import { type Claim, type ClaimId, type Hop, packetText, type Verdict, type Witness } from "../../containment/verdict";
import { type Place } from "../../plan/places";
import { type Provenance } from "../../plan/provenance";

/** Where the first of some resources is written that is written anywhere. */
type Locate = (urns: readonly string[]) => Place;

/**
 * The verdict for code scanning (SARIF 2.1.0, OASIS): a rule for each claim, a result for each hole, and for each reason why a claim
 * cannot be told. An `error` breaks the verdict and a `warning` leaves it unknown; what only tells how deep it is (C5) is one step lower.
 */
export function sarifOf(
    resources: readonly Resource[],
    { asked, claims: given }: Verdict,
    { version, stacks }: Provenance,
    locate: Locate,
): object {
    const claims = printableIn(given);
    const named = namesIn(resources);
    const deciding = decidingClaims(asked);
    return {
        $schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [
            {
                tool: { driver: { name: "egress-gateway", version, rules: claims.map(ruleOf) } },
                // Runs about several stacks stand beside one another: GitHub tells them by what is in front of the last slash.
                automationDetails: { id: `egress-gateway/${printable(stacks.join(","))}/` },
                columnKind: "utf16CodeUnits",
                results: claims.flatMap((claim, ruleIndex) =>
                    findingsOf(claim, named).map(({ text, urns, hops, identity }) => {
                        const locations = [locationOf(locate, urns)];
                        return {
                            ruleId: claim.id,
                            ruleIndex,
                            level: levelOf(claim, deciding),
                            message: message(text),
                            locations,
                            ...(hops.length === 0 ? {} : { codeFlows: [flowOf(hops, locate, urns)] }),
                            partialFingerprints: fingerprints(claim.id, identity),
                        };
                    }),
                ),
            },
        ],
    };
}

function ruleOf({ id, statement }: Claim): object {
    const text = { text: inWords(statement) };
    return {
        id,
        shortDescription: text,
        fullDescription: text,
        help: {
            text: "`prove` prints every hop of a way around and what closes it, `explain` follows one packet. A claim that cannot be told does not hold.",
        },
        properties: { tags: ["security"] },
    };
}

/** One thing to be told of a claim. */
interface Finding {
    /** Its first line is a summary. */
    readonly text: string;
    /** Where to change something, the likeliest first. */
    readonly urns: readonly string[];
    readonly hops: readonly Hop[];
    /** What stays the same as long as it is the same hole. */
    readonly identity: readonly unknown[];
}

function findingsOf(claim: Claim, named: (text: string) => readonly string[]): Finding[] {
    if (claim.result === "holds") {
        return [];
    }
    const holes = claim.result === "violated" ? holesOf(claim.witnesses) : [];
    return holes.length > 0
        ? holes.map(hole => holeFinding(claim, hole, named))
        : claim.reasons.map(reason => ({
              text: `${claim.id} ${claim.result === "violated" ? "is violated" : "cannot be told"}: ${reason}`,
              urns: named(reason),
              hops: [],
              identity: [claim.result, reason],
          }));
}

function holeFinding({ id }: Claim, { witness, alike }: Hole, named: (text: string) => readonly string[]): Finding {
    const { source, packet, hops, remedy } = witness;
    const deciding = hops.filter(({ decides }) => decides === true);
    return {
        text: [
            `${id} is violated: ${source}${packet === undefined ? "" : ` → ${packetText(packet)}`}.`,
            ...deciding.map(({ at, decision }) => `${at}: ${decision}.`),
            ...(alike.length === 0 ? [] : [`Alike: ${alike.join("; ")}.`]),
            `Remedy: ${remedy}`,
        ].join("\n"),
        urns: [...named(remedy), ...[...deciding, ...hops].flatMap(({ resource }) => resource ?? [])],
        hops,
        identity: identityOf(witness, alike),
    };
}

/**
 * Not the remedy, whose words change from release to release, but who comes through: whoever has looked at a hole and let it be has not seen
 * that somebody else uses it by now.
 */
function identityOf(witness: Witness, alike: readonly string[]): readonly unknown[] {
    return [witness.packet, decidersOf(witness), [witness.source, ...alike].toSorted()];
}

/** GitHub reads the one name alone; ours says how it is made, as the standard asks. */
function fingerprints(claim: ClaimId, identity: readonly unknown[]): object {
    const hash = createHash("sha256")
        .update(JSON.stringify([claim, ...identity]))
        .digest("hex")
        .slice(0, 32);
    return { "egressGatewayHole/v1": hash, primaryLocationLineHash: hash };
}

function levelOf({ id, result }: Claim, deciding: readonly ClaimId[]): "error" | "warning" | "note" {
    const levels = deciding.includes(id) ? (["error", "warning"] as const) : (["warning", "note"] as const);
    return levels[result === "violated" ? 0 : 1];
}

function locationOf(locate: Locate, urns: readonly string[]): object {
    const { file, line } = locate(urns);
    return {
        physicalLocation: {
            artifactLocation: {
                uri: encodeURI(file).replaceAll("#", "%23").replaceAll("?", "%3F"),
                uriBaseId: "%SRCROOT%",
            },
            region: { startLine: line ?? 1 },
        },
        ...(urns.length === 0
            ? {}
            : { logicalLocations: [{ fullyQualifiedName: printable(shortUrn(urns[0]!)), kind: "resource" }] }),
    };
}

/** The way of a packet or a pod, hop by hop; a hop that is written nowhere stands where the whole is shown. */
function flowOf(hops: readonly Hop[], locate: Locate, urns: readonly string[]): object {
    return {
        threadFlows: [
            {
                locations: hops.map(({ at, decision, resource }) => ({
                    location: {
                        ...locationOf(locate, resource === undefined ? urns : [resource, ...urns]),
                        message: message(`${at}: ${decision}`),
                    },
                })),
            },
        ],
    };
}

function message(text: string): object {
    return { text: text.split("\n").map(inWords).join("\n") };
}

/** Text that is nothing but text: neither a link nor a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). */
function inWords(text: string): string {
    return text.replaceAll("](", "] (").replaceAll("{", "{{").replaceAll("}", "}}");
}

/** URNs of the resources that a text names, as `shortUrn` writes them: the first in it first. */
function namesIn(resources: readonly Resource[]): (text: string) => readonly string[] {
    const names = resources.map(({ urn }) => ({ urn, name: printable(shortUrn(urn)) }));
    return text =>
        names
            .map(({ urn, name }) => ({ urn, at: wordIn(text, name) }))
            .filter(({ at }) => at >= 0)
            .toSorted((a, b) => a.at - b.at)
            .map(({ urn }) => urn);
}

/** Where a name stands that is not a part of a longer one; -1 where it does not. */
function wordIn(text: string, name: string): number {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
        if (!/\w$/.test(text.slice(0, at)) && !/^(?:[\w/-]|[.:]\w)/.test(text.slice(at + name.length))) {
            return at;
        }
    }
    return -1;
}
