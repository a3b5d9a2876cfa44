import { type ContractDestination } from "../contract/egress";

const SOON_DAYS = 30;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * Destinations that have expired or soon will. The command line and the policy pack judge dates; the program does not, since
 * a plan must not change by itself.
 */
export function expiryWarnings(destinations: readonly ContractDestination[], today: Date): string[] {
    return destinations.flatMap(({ host, owner, source, expires }) => {
        if (expires === undefined) {
            return [];
        }
        const days = daysLeft(expires, today);
        const whom = owner === undefined ? "" : ` (${owner})`;
        if (days < 0) {
            return [`${host}${whom} expired on ${expires}: remove it, or renew it in ${source}.`];
        }
        return days <= SOON_DAYS ? [`${host}${whom} expires on ${expires}.`] : [];
    });
}

/** Days that a destination is still good for, negative when it is not: it is good until the end of the day that it names. */
export function daysLeft(expires: string, today: Date): number {
    return Math.floor((Date.parse(expires) - today.getTime()) / DAY_MILLISECONDS) + 1;
}
