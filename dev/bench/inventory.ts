import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { table } from "../../cli/table";
import { threeLocks } from "../../test/containment/inventory/assets";
import { costOf } from "./command";

/** What `prove --from` takes for an organization's inventory, and how much memory. */
const SIZES = [2_000, 20_000];
const BUDGET_SECONDS = 10;
const BUDGET_MEBIBYTES = 1024;

/** Of what an organization has many, and what each of them costs: read in full, told from nodes, or told to be harmless. */
const KINDS: readonly ((index: number) => readonly [name: string, type: string, data: object])[] = [
    index => [
        `compute.googleapis.com/projects/fl-prod/zones/us-central1-b/instances/vm-${index}`,
        "compute.googleapis.com/Instance",
        {
            networkInterfaces: [{ network: NETWORK, subnetwork: SUBNET, networkIP: "10.0.0.9" }],
            serviceAccounts: [{ email: `team-${index % 40}@fl-prod.iam.gserviceaccount.com` }],
            tags: { items: [`team-${index % 40}`] },
        },
    ],
    index => [
        `compute.googleapis.com/projects/fl-prod/global/firewalls/team-${index}`,
        "compute.googleapis.com/Firewall",
        {
            network: NETWORK,
            direction: "INGRESS",
            priority: 1000,
            sourceRanges: [`10.${index % 200}.0.0/16`],
            allowed: [{ IPProtocol: "tcp", ports: ["443"] }],
        },
    ],
    index => [`storage.googleapis.com/bucket-${index}`, "storage.googleapis.com/Bucket", { location: "EU" }],
    index => [
        `iam.googleapis.com/projects/fl-prod/serviceAccounts/team-${index}@fl-prod.iam.gserviceaccount.com`,
        "iam.googleapis.com/ServiceAccount",
        { email: `team-${index}@fl-prod.iam.gserviceaccount.com`, uniqueId: String(index) },
    ],
    index => [
        `compute.googleapis.com/projects/fl-prod/zones/us-central1-b/disks/disk-${index}`,
        "compute.googleapis.com/Disk",
        { sizeGb: "100" },
    ],
];
const NETWORK = "https://www.googleapis.com/compute/v1/projects/fl-prod/global/networks/fl-vpc";
const SUBNET = "https://www.googleapis.com/compute/v1/projects/fl-prod/regions/us-central1/subnetworks/fl-apps";

function main(): void {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-inventory-"));
    try {
        const rows = SIZES.map(size => {
            const file = path.join(folder, `${size}.ndjson`);
            fs.writeFileSync(file, `${assets(size).join("\n")}\n`);
            const { seconds, cpuSeconds, mebibytes } = costOf("prove", "--from", file);
            const last = size === SIZES.at(-1);
            return [
                String(size),
                `${seconds.toFixed(1)} s`,
                `${cpuSeconds.toFixed(1)} s`,
                last ? `${BUDGET_SECONDS} s` : "",
                `${mebibytes} MiB`,
                last ? `${BUDGET_MEBIBYTES} MiB` : "",
            ];
        });
        console.log("an inventory\n");
        console.log(table(rows, ["assets", "prove --from", "CPU", "budget", "memory", "budget"]));
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

function assets(size: number): string[] {
    const own = threeLocks();
    const ancestors = own[0]!.ancestors;
    const others = Array.from({ length: size - own.length }, (_, index) => {
        const [name, assetType, data] = KINDS[index % KINDS.length]!(index);
        return { name: `//${name}`, assetType, ancestors, resource: { version: "v1", data } };
    });
    return [...own, ...others].map(asset => JSON.stringify(asset));
}

main();
