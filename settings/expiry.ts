import { type Problem } from "../base/problem";
import { type Destination, type Sections } from "./schema";

export type Expiry = Sections["expiry"];

/** Destinations by their date: what stands, and what is past it. One is good until the end of the day that it names, in UTC. */
export function byDate(
    destinations: readonly Destination[],
    now: Date,
): { readonly standing: readonly Destination[]; readonly expired: readonly Destination[] } {
    const today = now.toISOString().slice(0, 10);
    const isOver = ({ expires }: Destination): boolean => expires !== undefined && expires < today;
    return { standing: destinations.filter(one => !isOver(one)), expired: destinations.filter(isOver) };
}

/** Where it is asked for, a list with something in it that is past its date is refused. */
export function expiryProblems(expired: readonly Destination[], expiry: Expiry): Problem[] {
    return expiry !== "refuse"
        ? []
        : expired.map(({ expires, host, source }) => ({
              path: `${source}.expires`,
              given: expires,
              expected: `a day that is not over, because egress-gateway:expiry is refuse`,
              remedy: `Remove ${host}, or let its owner set a new date.`,
          }));
}

/** What has been left out, so that nobody looks for the reason elsewhere. */
export function expiryWarnings(removed: readonly Destination[]): string[] {
    return removed.map(
        ({ expires, host, source }) =>
            `${host} was meant until ${expires!} and is left out (\`expiry: remove\`): remove it from ${source}, or set a new date.`,
    );
}
