import { type Account } from "./account";
import { type Adopted } from "./objects";

/** Sidecars say what a namespace sees; this program writes one for each namespace of `allow`. */
export function readSidecars(all: readonly Adopted[], account: Account): void {
    for (const sidecar of all) {
        const { spec } = sidecar;
        account.tellWhole(
            sidecar,
            spec.at("workloadSelector"),
            "not carried",
            "the program's Sidecar is for all pods of a namespace",
        );
        const mode = spec.at("outboundTrafficPolicy").at("mode");
        account.tellWhole(
            sidecar,
            mode,
            mode.shown() === "REGISTRY_ONLY" ? "carried" : "changed",
            "what is not declared is refused in every client namespace, or passed with `clients.outboundTraffic: allow-any`",
        );
        for (const listener of spec.at("egress").list()) {
            account.tellWhole(
                sidecar,
                listener.at("hosts"),
                "changed",
                "a namespace sees what its workloads may use, and `clients` says what else",
            );
        }
    }
}
