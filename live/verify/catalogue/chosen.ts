import { closest } from "../../../base/words";
import { InputError } from "../../../base/problem";
import { CLAIMS_OF_EVERY_STACK, type LiveClaim, type Probe } from "../probe";

/** What a person wants tried, and nothing else. */
export interface ChosenProbes {
    /** The chosen probes in their order, with the controls without which their silence proves nothing. */
    readonly probes: readonly Probe[];
    /** The claims that are tried as a whole; some probes of a claim do not tell whether it holds. */
    readonly claims: readonly LiveClaim[];
}

/**
 * Chooses by claims (`C1`) and by probes: an id, or how ids begin (`refused/orders`).
 *
 * @param only Default: everything.
 * @throws InputError for words that choose nothing, all of them at once.
 */
export function chosenProbes(probes: readonly Probe[], only: readonly string[] | undefined): ChosenProbes {
    const made = claimsOf(probes);
    if (only === undefined) {
        return { probes, claims: made };
    }
    const claims = made.filter(id => only.some(word => word.toUpperCase() === id));
    const isChosen = ({ id, claim }: Probe, word: string): boolean =>
        word.toUpperCase() === claim || id === word || id.startsWith(`${word}/`);
    const tried = probes.filter(({ claim }) => claim !== undefined);
    const unknown = only.filter(
        word => !claims.includes(word.toUpperCase() as LiveClaim) && !tried.some(probe => isChosen(probe, word)),
    );
    if (unknown.length > 0) {
        throw new InputError(
            "the probes cannot be chosen",
            unknown.map(word => ({
                path: "--only",
                given: word,
                expected: `a claim (${made.join(", ")}), a probe's id, or how ids begin: ${beginnings(tried).join(", ")}`,
                remedy: nearest(word, tried),
            })),
        );
    }
    const own = tried.filter(probe => only.some(word => isChosen(probe, word)));
    const controls = new Set(own.flatMap(probe => (probe.kind === "network" ? (probe.control ?? []) : [])));
    return {
        probes: probes.filter(probe => own.includes(probe) || controls.has(probe.id)),
        claims: made.filter(
            id =>
                claims.includes(id) ||
                (own.some(({ claim }) => claim === id) && tried.every(one => one.claim !== id || own.includes(one))),
        ),
    };
}

function claimsOf(probes: readonly Probe[]): readonly LiveClaim[] {
    return [
        ...CLAIMS_OF_EVERY_STACK,
        ...(["C6", "C7"] as const).filter(id => probes.some(({ claim }) => claim === id)),
    ];
}

function beginnings(probes: readonly Probe[]): string[] {
    return [...new Set(probes.map(({ id }) => id.split("/")[0]!))];
}

function nearest(word: string, probes: readonly Probe[]): string {
    const meant = closest(word, [...probes.map(({ id }) => id), ...beginnings(probes)]);
    return meant === undefined
        ? "`verify --json` lists the ids of all probes, and a text report those that did not pass."
        : `Did you mean ${meant}?`;
}
