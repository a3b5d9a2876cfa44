import { type RecordType } from "../../base/recordTypes";

/** What the resolver answers; of everything else it says that there is no such name. */
export interface Answers {
    /** Names that are answered for themselves alone, not for what stands below them: lower case, sorted, without the last dot. */
    readonly hosts: readonly string[];
    /** Domains, sorted by name. */
    readonly zones: readonly Zone[];
    /** Addresses of the servers that know names. */
    readonly upstreams: readonly string[];
}

/** A domain, with every name below it. */
export interface Zone {
    /** Lower case, without the last dot. */
    readonly name: string;
    /** Whether the domain's own name is answered too. */
    readonly apex: boolean;
    readonly types: readonly RecordType[];
    /** Who is asked in place of `upstreams`; empty: nobody else. */
    readonly nameservers: readonly string[];
}
