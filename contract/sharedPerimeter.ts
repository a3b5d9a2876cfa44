import { z } from "zod";

/** Name of the output under which the stack that owns a perimeter gives it to those that join it. */
export const PERIMETER_OUTPUT = "perimeter";

/** What a stack needs to know to join a perimeter. */
export const sharedPerimeterSchema = z.object({
    /** `projects/…/global/networks/…` */
    network: z.string(),
    /** Project of the firewall policy, and its name. */
    project: z.string(),
    policy: z.string(),
    /** The deny is one for all: where it only observes, it does so for everybody. */
    mode: z.enum(["enforce", "observe"]),
    /** The owner's own: `projects/…/locations/…/clusters/…` */
    cluster: z.string(),
    /** Service accounts and network tags of its gateway nodes, which nobody who joins may have. */
    accounts: z.array(z.string()),
    networkTags: z.array(z.string()),
});

export type SharedPerimeter = z.output<typeof sharedPerimeterSchema>;

/**
 * Priorities of the firewall policy that belong to those who join: each takes one band. The owner's rules about single machines stand
 * before them and its deny behind. Both sides compute with these, so a change is one of the contract's version.
 */
const FIRST_BAND = 20000;
export const BAND_WIDTH = 2000;
export const BANDS = 15;

/** First and last priority of a band, counted from 1. */
export function prioritiesOf(band: number): { readonly first: number; readonly last: number } {
    const first = FIRST_BAND + (band - 1) * BAND_WIDTH;
    return { first, last: first + BAND_WIDTH - 1 };
}
