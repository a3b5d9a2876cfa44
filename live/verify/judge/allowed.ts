import { clusterCounter, LISTENER_COUNTERS } from "../counters";
import { type Observation } from "../observation";
import { clusterName, type GatewayRoute } from "../probe";
import { type Diagnosis } from "../result";
import { type Judgement } from "./denied";
import { observationsOf, type Surroundings, type Tried, risen } from "./evidence";

/**
 * An allowed probe passes when enough tries were answered and, where it goes through the gateway, the gateway counted them.
 * Connections alone prove nothing: Envoy opens the upstream connection before the downstream handshake has ended, and closes it
 * again when the caller is refused. So bytes have to have been sent as well.
 *
 * @param step All probes of the step: several clients may use one destination.
 */
export function judgeAllowed(
    tried: Tried,
    step: readonly Tried[],
    surroundings: Surroundings,
): Judgement & { readonly diagnosis?: Diagnosis } {
    const { probe, runs } = tried;
    const observations = observationsOf(tried);
    const unable = observations.find(one => one.saw === "nothing");
    const stopped = runs.find(run => run.failure !== undefined || run.refusal !== undefined);
    const failure =
        stopped?.refusal === undefined ? stopped?.failure : `the API server refused the pod: ${stopped.refusal}`;
    if (observations.length === 0 || unable?.saw === "nothing") {
        return { outcome: "not-run", because: unable?.saw === "nothing" ? unable.why : (failure ?? "no pod tried it") };
    }
    const through = probe.expect.allowed ? probe.expect.through : undefined;
    // Of a control one answer is enough: it shows that the pod has a network.
    const needs = probe.claim === undefined ? 1 : surroundings.allowedNeeds;
    const enough = runs.every(
        run => run.observations.filter(isAnswer).length >= Math.min(needs, run.observations.length),
    );
    if (!enough) {
        const answers = observations.filter(isAnswer).length;
        return {
            outcome: "failed",
            because: `answered ${answers} of ${observations.length} times`,
            ...(through === undefined
                ? {}
                : {
                      diagnosis: diagnose(
                          observations.find(one => !isAnswer(one))!,
                          through,
                          surroundings,
                      ),
                  }),
        };
    }
    if (through === undefined) {
        return { outcome: "passed", because: "it answered" };
    }
    const counts = counted(through, step, surroundings);
    if (counts.outcome !== "passed") {
        return counts;
    }
    const trust = observations.some(one => one.saw === "untrusted-certificate")
        ? "; the image does not trust the far side's certificate"
        : "";
    const from =
        probe.expect.allowed && probe.expect.sourceIsNat === true
            ? sourceAddress(observations, surroundings)
            : undefined;
    return from !== undefined && from.outcome !== "passed"
        ? from
        : { outcome: "passed", because: [counts.because + trust, from?.because].filter(Boolean).join("; ") };
}

/** An answer that the gateway or a sidecar gave itself is none. */
export function isAnswer(seen: Observation): boolean {
    switch (seen.saw) {
        case "answer":
            return !isLocalReply(seen);
        case "untrusted-certificate":
        case "open":
        case "records":
            return true;
        default:
            return false;
    }
}

/** Envoy's own words (`source/common/http/codes`, `local_reply`); an empty 502 is how a sidecar answers for a host nobody declared. */
function isLocalReply({ http, body }: Extract<Observation, { saw: "answer" }>): boolean {
    return (
        (http === 403 && (body ?? "").startsWith("RBAC")) ||
        (http === 502 && body === undefined) ||
        (http === 503 && /^(upstream connect|no healthy upstream)/.test(body ?? "")) ||
        (http === 404 && body === undefined)
    );
}

function counted(through: GatewayRoute, step: readonly Tried[], { counters }: Surroundings): Judgement {
    const cluster = clusterName(through);
    if ("unreadable" in counters) {
        return { outcome: "unproven", because: `answered, but nobody saw the way: ${counters.unreadable}` };
    }
    const needed = step
        .filter(
            ({ probe }) =>
                probe.expect.allowed &&
                probe.expect.through !== undefined &&
                clusterName(probe.expect.through) === cluster,
        )
        .flatMap(observationsOf)
        .filter(isAnswer).length;
    const counter = through.leg === "http" ? "upstream_rq_total" : "upstream_cx_total";
    const rose = risen(counters, clusterCounter(through, counter));
    const bytes = risen(counters, clusterCounter(through, "upstream_cx_tx_bytes_total"));
    if (rose === undefined || bytes === undefined) {
        return {
            outcome: "failed",
            because: `answered, but the gateway has no counter cluster.${cluster};.${counter}: it carried nothing, or does not publish the counter (annotation proxy.istio.io/config, proxyStatsMatcher)`,
        };
    }
    if (rose < needed || bytes <= 0) {
        return {
            outcome: "failed",
            because: `answered ${needed} times, but past the gateway: ${cluster} ${counter} rose by ${rose}, bytes sent by ${bytes}`,
        };
    }
    const others = rose > needed ? ` (${rose - needed} of other callers)` : "";
    return { outcome: "passed", because: `${cluster} ${counter} rose by ${rose}${others}, ${bytes} bytes sent` };
}

function sourceAddress(
    observations: readonly Observation[],
    { natAddresses, addressOwners }: Pick<Surroundings, "natAddresses" | "addressOwners">,
): Judgement {
    const seen = observations.flatMap(one =>
        one.saw === "answer" ? (/(\d{1,3}\.){3}\d{1,3}/.exec(one.body ?? "")?.[0] ?? []) : [],
    );
    if (natAddresses === undefined || natAddresses.length === 0) {
        return {
            outcome: "unproven",
            because: "the stack's outputs name no NAT address to compare with; run without --plan after `up`",
        };
    }
    if (seen.length === 0) {
        return { outcome: "unproven", because: "the echo host's answer has no IPv4 address at its beginning" };
    }
    const foreign = seen.find(address => !natAddresses.includes(address));
    if (foreign === undefined) {
        return { outcome: "passed", because: `it came from ${[...new Set(seen)].join(", ")}` };
    }
    const owner = addressOwners?.get(foreign);
    return {
        outcome: "failed",
        because: `it came from ${foreign}, which is ${owner === undefined ? "" : `gateway ${owner}'s, and `}none of ${natAddresses.join(", ")}`,
    };
}

/** At which hop a probe died that should pass, by what the caller saw and what the gateway counted in the meantime. */
function diagnose(seen: Observation, through: GatewayRoute, { counters }: Pick<Surroundings, "counters">): Diagnosis {
    const cluster = clusterName(through);
    const rose = (key: string): number => risen(counters, key) ?? 0;
    const opened = rose(clusterCounter(through, "upstream_cx_total"));
    const sent = rose(clusterCounter(through, "upstream_cx_tx_bytes_total"));
    const failed = rose(clusterCounter(through, "upstream_cx_connect_fail"));
    switch (seen.saw) {
        case "unresolved":
            return {
                hop: "name resolution in the client's pod",
                next: "Does the namespace's network policy let DNS out, and does `cluster.dns` in the platform settings name the resolver that the cluster has? A `tcp` destination needs Istio's DNS capture in the pod.",
            };
        case "unreachable":
        case "refused":
            return {
                hop: "the client's pod",
                next: "Nothing captured the connection: is the namespace labelled for injection, and is the pod's istio-proxy ready?",
            };
        case "answer":
            return localReplyDiagnosis(seen, cluster, rose(LISTENER_COUNTERS.refusedRequest), failed);
        default:
            break;
    }
    if (failed > 0) {
        return {
            hop: "between the gateway and the far side",
            next: `${cluster} counted ${failed} failed connections: does the firewall allow port ${through.port} to the gateway nodes, has the NAT free ports (nat_allocation_failed), and is the far side up?`,
        };
    }
    if (rose(LISTENER_COUNTERS.refusedIdentity) > 0 && sent === 0) {
        return {
            hop: "the gateway's handshake",
            next: "The gateway refused the client's certificate (ssl.fail_verify_san): compare the server's subjectAltNames with the client's identity, trust domain first.",
        };
    }
    if (rose(LISTENER_COUNTERS.noFilterChain) > 0) {
        return {
            hop: "the gateway's listener",
            next: `No filter chain took the connection: does the Gateway object for ${through.host} exist, and does the DestinationRule's sni name it?`,
        };
    }
    if (opened > 0 && sent > 0) {
        return {
            hop: "the far side",
            next: `The gateway sent ${sent} bytes to ${through.host} and nothing came back: ask its owner; they may have to allow the NAT addresses.`,
        };
    }
    if (opened > 0) {
        return {
            hop: "between the client's sidecar and the gateway",
            next: `The gateway opened connections to ${through.host} but got nothing to send: look at the gateway's access log.`,
        };
    }
    return seen.saw === "silence"
        ? {
              hop: "between the client's pod and the gateway",
              next: "The gateway saw nothing: do the network policies of both namespaces let the pod reach the gateway's pods on 8080 and 8443, and are those ready?",
          }
        : {
              hop: "the client's sidecar",
              next: `The sidecar has no route to the gateway: is the ServiceEntry for ${through.host} exported to the namespace, and does \`istioctl proxy-config routes\` show it?`,
          };
}

function localReplyDiagnosis(
    { http, body }: Extract<Observation, { saw: "answer" }>,
    cluster: string,
    denied: number,
    failed: number,
): Diagnosis {
    if (http === 403 && denied > 0) {
        return {
            hop: "the gateway's authorization",
            next: "The AuthorizationPolicy of this host refused the client (rbac denied): compare its principals with the client's identity.",
        };
    }
    if (http === 503 || failed > 0) {
        return {
            hop: "between the gateway and the far side",
            next: `The gateway answered ${http}${body === undefined ? "" : ` "${body}"`}: no connection for ${cluster}; check DNS at the gateway, the firewall's ports, NAT, and the far side's certificate when the gateway opens TLS.`,
        };
    }
    return {
        hop: "the client's sidecar",
        next: `The sidecar answered ${http} itself: is the VirtualService for this host exported to the namespace?`,
    };
}
