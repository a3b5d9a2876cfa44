import { clusterCounter, LISTENER_COUNTERS } from "../counters";
import { type Observation } from "../observation";
import { type Attempt, type NetworkProbe, type Reason } from "../probe";
import { observationsOf, risen, type Surroundings, type Tried } from "./evidence";

/** Reasons that count for a probe; none when it should be allowed. */
export function reasonsOf(probe: NetworkProbe): readonly Reason[] {
    return probe.expect.allowed ? [] : probe.expect.reasons;
}

/** Whether a try looks like this. */
export function shows(reason: Reason, seen: Observation, attempt: Attempt): boolean {
    switch (reason.by) {
        case "gateway-handshake":
        case "gateway-listener":
            return seen.saw === "reset";
        case "gateway-authorization":
            return seen.saw === "answer" && seen.http === 403 && (seen.body ?? "").startsWith("RBAC");
        case "sidecar":
            return seen.saw === "reset" || (seen.saw === "answer" && seen.http === 502 && seen.body === undefined);
        case "redirected":
            return seen.saw === "answer";
        case "closed-port":
            return seen.saw === "refused";
        case "name-lock":
            // A name without records of one type exists all the same, but for addresses, which every host has.
            return seen.saw === "no-such-name" || (seen.saw === "no-records" && isForAddress(attempt));
        case "no-route":
            return seen.saw === "unreachable";
        case "network":
            return seen.saw === "silence";
        case "admission":
        case "taint":
            return false;
        case "workload-identity":
            return seen.saw === "answer" && ((seen.http ?? 0) >= 400 || (seen.body ?? "").endsWith(".svc.id.goog"));
    }
}

/** Whether what stands behind the reason can be shown. */
export function backed(reason: Reason, tried: Tried, step: readonly Tried[], surroundings: Surroundings): Backing {
    switch (reason.by) {
        case "gateway-handshake":
            return withoutBytes(
                reason,
                counted([LISTENER_COUNTERS.refusedIdentity], reason, tried, step, surroundings),
                surroundings,
            );
        case "gateway-authorization":
            return counted([LISTENER_COUNTERS.refusedRequest], reason, tried, step, surroundings);
        case "gateway-listener":
            return counted(
                [LISTENER_COUNTERS.noFilterChain, LISTENER_COUNTERS.notTls],
                reason,
                tried,
                step,
                surroundings,
            );
        case "redirected":
            return landed(reason, tried, surroundings);
        case "network":
            return besideControl(
                tried,
                surroundings,
                `dropped on the way while ${tried.probe.control ?? ""} worked; ${reason.hint}`,
                "no answer in time",
            );
        case "closed-port":
            // Of a datagram nobody says so: it is concluded from a tool that ended early, as a broken one does.
            return isDatagram(tried.probe.attempt)
                ? besideControl(tried, surroundings, inWords(reason), inWords(reason))
                : { holds: true, because: inWords(reason) };
        case "name-lock":
            return besideControl(
                tried,
                surroundings,
                `${inWords(reason)}, while ${tried.probe.control ?? ""} was answered`,
                inWords(reason),
            );
        default:
            return { holds: true, because: inWords(reason) };
    }
}

export interface Backing {
    readonly holds: boolean;
    readonly because: string;
    /** The counter rose by more than these probes account for. */
    readonly others?: boolean;
}

/**
 * A refused handshake sends nothing on. When the destination was sent bytes all the same, they are other callers', provided
 * that the gateway refused exactly these probes.
 */
function withoutBytes(
    { towards }: Extract<Reason, { by: "gateway-handshake" }>,
    refused: Backing,
    { counters }: Surroundings,
): Backing {
    const bytes = risen(counters, clusterCounter(towards, "upstream_cx_tx_bytes_total")) ?? 0;
    if (!refused.holds || bytes === 0) {
        return refused.holds
            ? { ...refused, because: `${refused.because}, and ${towards.host} was sent no byte` }
            : refused;
    }
    return refused.others === true
        ? {
              holds: false,
              because: `other callers are refused and others send to ${towards.host} at the same time (${bytes} bytes), so these tries cannot be told from theirs; run it again`,
          }
        : {
              holds: true,
              because: `${refused.because}; the ${bytes} bytes sent to ${towards.host} meanwhile are other callers'`,
          };
}

/** The counter rose by as much as all tries of the step that this reason explains. */
function counted(
    keys: readonly string[],
    reason: Reason,
    tried: Tried,
    step: readonly Tried[],
    { counters }: Surroundings,
): Backing {
    const name = keys.join(" or ");
    if ("unreadable" in counters) {
        return { holds: false, because: `${name} cannot be read: ${counters.unreadable}` };
    }
    const explained = step
        .flatMap(one => explanations(one))
        .filter(fitting => fitting.some(one => one.by === reason.by));
    const rises = keys.flatMap(key => risen(counters, key) ?? []);
    const rose = rises.reduce((sum, one) => sum + one, 0);
    const needed = Math.max(1, explained.length);
    if (rises.length > 0 && rose >= needed) {
        return { holds: true, because: `${inWords(reason)}: ${name} rose by ${rose}`, others: rose > needed };
    }
    // Tries that something else explains too must not spoil the proof of those that only this explains.
    const certain = explained.filter(fitting => fitting.length === 1).length;
    if (rises.length > 0 && rose >= certain && explanations(tried).every(fitting => fitting.length === 1)) {
        return { holds: true, because: `${inWords(reason)}: ${name} rose by ${rose}`, others: true };
    }
    return {
        holds: false,
        because:
            rises.length === 0
                ? `the gateway does not publish ${name} (annotation proxy.istio.io/config, proxyStatsMatcher)`
                : `denied, but ${name} rose by ${rose}, not by ${needed}`,
    };
}

/** For every try, the reasons that look like it. */
function explanations(tried: Tried): Reason[][] {
    return observationsOf(tried).map(seen =>
        reasonsOf(tried.probe).filter(one => shows(one, seen, tried.probe.attempt)),
    );
}

/** It came out at the declared host: by its certificate, and by the gateway's own count where the certificate says nothing. */
function landed(
    reason: Extract<Reason, { by: "redirected" }>,
    { probe, runs }: Tried,
    { counters }: Surroundings,
): Backing {
    const { through } = reason;
    const certified = probe.attempt.action === "https" && probe.attempt.anyCertificate !== true;
    const answers = observationsOf({ runs }).filter(({ saw }) => saw === "answer").length;
    const key = clusterCounter(through, through.leg === "http" ? "upstream_rq_total" : "upstream_cx_total");
    const rose = risen(counters, key);
    if (rose !== undefined && rose >= answers) {
        return {
            holds: true,
            because: `it landed at ${through.host} all the same: the gateway resolves the name itself (${key} rose by ${rose})`,
        };
    }
    return certified
        ? { holds: true, because: `it landed at ${through.host} all the same, whose certificate it showed` }
        : {
              holds: false,
              because: `somebody answered, and ${key} ${rose === undefined ? "cannot be read" : `rose by ${rose}, not by ${answers}`}`,
          };
}

/** Silence, and a resolver's denial, count only beside a control that was answered in the same pod: a broken one answers like that too. */
function besideControl(
    { probe, runs }: Tried,
    surroundings: Surroundings,
    because: string,
    otherwise: string,
): Backing {
    const { control } = probe;
    if (control === undefined) {
        return { holds: false, because: `${otherwise}, and nothing beside it that should have been answered` };
    }
    const broken = runs.find(({ node }) => surroundings.controlSucceeded(control, node) !== true);
    return broken === undefined
        ? { holds: true, because }
        : {
              holds: false,
              because: `${otherwise}, but ${control} was not answered either: the pod may have no network at all`,
          };
}

function isDatagram(attempt: Attempt): boolean {
    return attempt.action === "udp" || (attempt.action === "dns" && attempt.transport === "udp");
}

function isForAddress(attempt: Attempt): boolean {
    return attempt.action === "dns" && attempt.type === "A";
}

export function inWords(reason: Reason): string {
    switch (reason.by) {
        case "gateway-handshake":
            return "the gateway refuses the identity in the handshake";
        case "gateway-listener":
            return "no filter chain of the gateway takes it";
        case "gateway-authorization":
            return "the gateway's authorization policy refuses the request (403)";
        case "sidecar":
            return "the caller's sidecar has no route";
        case "redirected":
            return `an answer from ${reason.through.host} itself`;
        case "closed-port":
            return "nobody listens there";
        case "name-lock":
            return "the resolver says that there is no such name";
        case "no-route":
            return "there is no route";
        case "network":
            return "silence from the network";
        case "admission":
            return "the guard refuses the pod";
        case "taint":
            return "the taint keeps the pod off";
        case "workload-identity":
            return "an answer for the workload's own identity";
    }
}
