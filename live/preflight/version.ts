import { canEvaluateGuard } from "../../components/guard/problems";
import { agrees, type PreflightCheck, contradicts } from "./check";

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
