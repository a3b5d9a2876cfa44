import { type ContractDestination } from "../../contract/egress";

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
        // A destination is good until the end of the day that it names.
        const days = Math.floor((Date.parse(expires) - today.getTime()) / DAY_MILLISECONDS) + 1;
        const whom = owner === undefined ? "" : ` (${owner})`;
        if (days < 0) {
            return [`${host}${whom} expired on ${expires}: remove it, or renew it in ${source}.`];
        }
        return days <= SOON_DAYS ? [`${host}${whom} expires on ${expires}.`] : [];
    });
}
