import { parse } from "tldts";
import { GOOGLE_API_DOMAINS, isClusterName, isWildcard } from "../base/conventions";
import { hostCheck } from "../base/host";
import { subdomainCheck } from "../base/names";
import { type Check } from "../base/problem";

/** What the longest name below the domain has to leave room for: `.wildcard.egress-gateway.internal` within 253 characters. */
const LONGEST_DOMAIN = 200;

/**
 * An exact host, or every name below a domain (`*.my.salesforce.com`). Whoever owns a name below it is reached, so that a domain
 * below which everybody can have one is refused: those of the Public Suffix List, with its private part (`*.github.io`).
 */
export const destinationHostCheck: Check<string> = value => {
    if (!isWildcard(value)) {
        return hostCheck(value);
    }
    const domain = value.slice(2);
    const expected = "an exact host name, or one star in front of a domain of one owner, such as `*.my.salesforce.com`";
    const problem = hostCheck(domain);
    if (problem !== undefined) {
        return { expected, remedy: problem.remedy };
    }
    if (domain.length > LONGEST_DOMAIN) {
        return { expected, remedy: `Shorten it: at most ${LONGEST_DOMAIN} characters behind the star.` };
    }
    const google = GOOGLE_API_DOMAINS.find(api => domain === api || domain.endsWith(`.${api}`));
    if (google !== undefined) {
        return {
            expected,
            remedy:
                `Names below ${google} are everybody's, such as a bucket's in front of storage.googleapis.com, and with \`googleApis: restricted\` ` +
                "pods reach them past the gateway: list the APIs that are meant by their hosts.",
        };
    }
    return isPublicSuffix(domain)
        ? {
              expected,
              remedy: `Everybody can have a name below ${domain} (Public Suffix List), and would be reached: write the domain of the one that is meant.`,
          }
        : undefined;
};

/** A domain that the resolver answers with every name below it. Private top-level domains (`corp`, `internal`) are nobody's. */
export const zoneCheck: Check<string> = value => {
    const problem = subdomainCheck(value);
    const expected = "a domain of your own, such as `corp.example.com`";
    if (problem !== undefined) {
        return { expected, remedy: "Write it in lower case, without a star and without the last dot." };
    }
    if (isClusterName(value)) {
        return { expected, remedy: "Names inside the cluster are answered by the cluster's own DNS: remove it." };
    }
    return isPublicSuffix(value)
        ? {
              expected,
              remedy: `Everybody can have a name below ${value} (Public Suffix List), and a query would tell them anything: write the domain that is meant.`,
          }
        : undefined;
};

function isPublicSuffix(domain: string): boolean {
    const { publicSuffix, isIcann, isPrivate } = parse(domain, { allowPrivateDomains: true });
    return publicSuffix === domain && (isIcann === true || isPrivate === true);
}
