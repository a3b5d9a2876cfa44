import { type GoogleSettings } from "../../../settings/googleNames";
import { addressSet } from "../../../settings/natAddresses";
import { processorCount, SURGE_NODES } from "../../../settings/natCapacity";
import { zoneCount } from "../../../settings/consistency";
import { agrees, type PreflightCheck, contradicts } from "../check";
import { type GoogleFacts } from "./facts";

const ADDRESSES = "STATIC_ADDRESSES";

/**
 * Whether the region has room for what the first `up` makes: nodes in every zone and one that an upgrade adds. Afterwards
 * they are there and count as used, so only what is missing is asked for.
 *
 * @param exists Whether the gateway's pool is there already.
 */
export function quotaChecks(
    { gateway, nat, platform }: Pick<GoogleSettings, "gateway" | "nat" | "platform">,
    { quotas, networkQuotas }: Pick<GoogleFacts, "quotas" | "networkQuotas">,
    exists: boolean,
): PreflightCheck[] {
    const nodes = exists ? SURGE_NODES : Math.max(gateway.minNodes, zoneCount(platform)) + SURGE_NODES;
    const processors = processorCount(gateway.machineType);
    const disks = gateway.diskType === "pd-standard" ? "DISKS_TOTAL_GB" : "SSD_TOTAL_GB";
    const needs: readonly (readonly [string, number, string])[] = [
        ...(processors === undefined
            ? []
            : [[cpuMetric(gateway.machineType), nodes * processors, "gateway.machineType or minNodes"] as const]),
        [disks, nodes * gateway.diskSizeGb, "gateway.diskSizeGb or minNodes"],
        ...(exists ? [] : [[ADDRESSES, addressSet(nat.addresses).made, "nat.addresses"] as const]),
    ];
    return needs.flatMap(([metric, needed, setting]): PreflightCheck[] => {
        const quota = (metric === ADDRESSES ? networkQuotas : quotas).find(({ metric: name }) => name === metric);
        if (quota === undefined) {
            return [];
        }
        const free = quota.limit - quota.usage;
        const subject = { id: `quota/${metric}`, subject: `quota ${metric} of the region`, expected: `${needed} free` };
        return [
            free >= needed
                ? agrees(subject, `${free} free of ${quota.limit}`)
                : contradicts(
                      subject,
                      `${free} free of ${quota.limit}`,
                      `Ask Google for more (\`gcloud alpha quotas\`, or IAM & Admin, Quotas), or lower egress-gateway:${setting}.`,
                  ),
        ];
    });
}

/** Newer and larger machine series have a quota of their own; E2 and N1 share `CPUS` (Compute Engine documentation, "Allocation quotas"). */
function cpuMetric(machineType: string): string {
    const series = machineType.split("-")[0]!.toUpperCase();
    return ["E2", "N1", "F1", "G1"].includes(series) ? "CPUS" : `${series}_CPUS`;
}
