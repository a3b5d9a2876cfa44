import { GOOGLE_API_DOMAINS, GOOGLE_METADATA_HOST, isWildcard } from "../../base/conventions";
import { isAddress } from "../../base/cidr";
import { ADDRESS_TYPES } from "../../base/recordTypes";
import { type RegisteredZone, type ResolverInputs } from "../../declared/resolver";
import { resolverUpstreams } from "../../settings/dns";
import { type Settings } from "../../settings/settings";

/** What the resolver answers; of everything else it says that there is no such name. */
export type Answers = Pick<ResolverInputs, "hosts" | "zones" | "upstreams">;

/** The part of the settings that the answers follow from. */
export type AnswerSettings = Pick<Settings, "dns" | "platform" | "destinations" | "googleApis">;

/**
 * The declared hosts, names below declared wildcards, Google's own names where nodes reach them, and the zones of the settings.
 * Sorted, each once: a host below a zone of these types needs no line of its own, and has one all the same.
 */
export function answersOf(settings: AnswerSettings): Answers {
    const { dns, platform, destinations, googleApis } = settings;
    const hosts = destinations.map(({ host }) => host.toLowerCase()).filter(host => !isAddress(host));
    const zones: RegisteredZone[] = [
        ...hosts.filter(isWildcard).map(host => zone(host.slice("*.".length), { apex: false })),
        ...(googleApis === "restricted" ? GOOGLE_API_DOMAINS.map(domain => zone(domain, { apex: true })) : []),
    ];
    return {
        hosts: sorted([
            ...hosts.filter(host => !isWildcard(host)),
            // Tokens for Workload Identity, which client libraries look up by this name.
            ...(platform.kind === "gke" ? [GOOGLE_METADATA_HOST] : []),
        ]),
        zones: merged([...zones, ...dns.zones.map(written => ({ ...written, apex: true }))]),
        upstreams: resolverUpstreams(settings),
    };
}

function zone(name: string, { apex }: { readonly apex: boolean }): RegisteredZone {
    return { name, apex, types: ADDRESS_TYPES, nameservers: [] };
}

/** A zone of the settings says more of a domain that is answered anyway. */
function merged(zones: readonly RegisteredZone[]): RegisteredZone[] {
    const byName = new Map(zones.map(zone => [zone.name, zone]));
    return sorted([...byName.keys()]).map(name => byName.get(name)!);
}

function sorted(names: readonly string[]): string[] {
    return [...new Set(names)].sort();
}
