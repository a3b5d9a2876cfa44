import { text } from "../../containment/kubernetes";
import { type ResourceRule } from "../rule";

/** What a Helm release installs stays out of sight until it is there; the guard judges it then. */
export function opaqueReleases(): ResourceRule {
    return {
        scope: "resource",
        name: "opaque-release",
        concern: "workloads",
        severity: "low",
        enforcement: "advisory",
        description: "Objects are registered one by one, so that a preview shows them.",
        stops: "Workloads and mesh objects inside a Helm release, which no policy sees before they are in the cluster.",
        remedy: "Use kubernetes.helm.v4.Chart, whose objects are resources of the program.",
        concerns: type => type === "kubernetes:helm.sh/v3:Release",
        judge: ({ inputs }) => [
            { found: `The objects of chart ${text(inputs.chart) ?? "(unnamed)"} are not part of the preview.` },
        ],
    };
}
