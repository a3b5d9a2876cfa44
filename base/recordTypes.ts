/** Types of DNS records that a zone may be asked for. Others carry text of somebody's choice, or are of no use to a client. */
export const RECORD_TYPES = ["A", "AAAA", "SRV", "TXT", "PTR", "MX", "CNAME"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** What a client needs to connect to a name. */
export const ADDRESS_TYPES = ["A", "AAAA"] as const satisfies readonly RecordType[];
