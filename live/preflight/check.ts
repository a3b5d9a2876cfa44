import { canEvaluateGuard } from "../../components/guard/problems";

/**
 * `agrees`: the live thing is what the settings say. `contradicts`: it is not, and `up` would fail or open a hole. `attention`:
 * nothing contradicts, but somebody should know. `unreadable`: it could not be read, so nothing is known.
 */
export type CheckResult = "agrees" | "contradicts" | "attention" | "unreadable";

/** One thing that the settings say or rely on, and what is there. */
export interface PreflightCheck {
    /** Stable from run to run, for example `network/firewall-order`. */
    readonly id: string;
    readonly result: CheckResult;
    /** What was looked at, for people. */
    readonly subject: string;
    /** What the settings say, or what this stack relies on. */
    readonly expected: string;
    readonly found: string;
    /** What to do about it; absent where it agrees. */
    readonly remedy?: string;
}

export type Subject = Pick<PreflightCheck, "id" | "subject" | "expected">;

export function agrees(subject: Subject, found: string): PreflightCheck {
    return { ...subject, result: "agrees", found };
}

export function contradicts(subject: Subject, found: string, remedy: string): PreflightCheck {
    return { ...subject, result: "contradicts", found, remedy };
}

export function attention(subject: Subject, found: string, remedy: string): PreflightCheck {
    return { ...subject, result: "attention", found, remedy };
}

export function unreadable(subject: Subject, why: string, remedy: string): PreflightCheck {
    return { ...subject, result: "unreadable", found: why, remedy };
}

/** Agrees when both are the same. */
export function same(
    id: string,
    subject: string,
    expected: string,
    found: string | undefined,
    remedy: string,
): PreflightCheck {
    return found === expected
        ? agrees({ id, subject, expected }, found)
        : contradicts({ id, subject, expected }, found ?? "nothing", remedy);
}

/** `1.34` of `v1.34.1-gke.1829001`: a patch release is no contradiction. */
export function minorOf(version: string): string {
    return /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version;
}

/** The control plane's version, as Google tells it or as the API server does. */
export function kubernetesVersion(id: string, said: string, live: string, guarded: boolean): PreflightCheck {
    const subject = { id, subject: "Kubernetes version", expected: said };
    if (guarded && !canEvaluateGuard(live)) {
        return contradicts(
            subject,
            live,
            "The admission guard needs 1.30, where ValidatingAdmissionPolicy is stable: upgrade the control plane.",
        );
    }
    return minorOf(said) === minorOf(live)
        ? agrees(subject, live)
        : contradicts(subject, live, "Correct egress-gateway:platform.cluster.kubernetesVersion.");
}
