import { type ContractDestination } from "../contract/egress";

const SOON_DAYS = 30;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** What becomes of one after its last day, where the settings ask for more than a warning. */
const THEN: Readonly<Record<string, string>> = {
    refuse: ": no plan is made from the day after (`expiry: refuse`)",
    remove: ": the next `up` after that day leaves it out (`expiry: remove`)",
};

/**
 * Destinations that have expired or end within a month.
 *
 * @param expiry The setting of that name.
 */
export function expiryWarnings(destinations: readonly ContractDestination[], today: Date, expiry = "warn"): string[] {
    return destinations.flatMap(({ host, owner, source, expires }) => {
        if (expires === undefined) {
            return [];
        }
        const days = daysLeft(expires, today);
        const whom = owner === undefined ? "" : ` (${owner})`;
        if (days < 0) {
            return [`${host}${whom} expired on ${expires}: remove it, or renew it in ${source}.`];
        }
        return days <= SOON_DAYS ? [`${host}${whom} expires on ${expires}${THEN[expiry] ?? ""}.`] : [];
    });
}

/** Days that a destination is still good for, negative when it is not: it is good until the end of the day that it names. */
export function daysLeft(expires: string, today: Date): number {
    return Math.floor((Date.parse(expires) - today.getTime()) / DAY_MILLISECONDS) + 1;
}
