import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, type PlatformSettings } from "./settings";

/**
 * restricted.googleapis.com: the APIs that VPC Service Controls can fence. The private range (199.36.153.8/30) is not for a
 * closed network: it also serves run.app and cloudfunctions.net, where anybody can put a proxy.
 */
export const GOOGLE_RESTRICTED_CIDR = "199.36.153.4/30";
const RESTRICTED_ADDRESSES = ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"];

/** Domains that nodes need, with the name that has the addresses. `pkg.dev` is Artifact Registry's. */
const DOMAINS = [
    { domain: "googleapis.com.", apex: "restricted.googleapis.com." },
    { domain: "gcr.io.", apex: "gcr.io." },
    { domain: "pkg.dev.", apex: "pkg.dev." },
] as const;

/** Private zones that lead Google's names to the restricted range, so that nodes register and pull without the internet. */
export class GoogleApis extends pulumi.ComponentResource {
    constructor(name: string, settings: PlatformSettings, opts?: pulumi.ComponentResourceOptions) {
        super("platform:google-apis:GoogleApis", name, { range: GOOGLE_RESTRICTED_CIDR }, opts);
        const { project, platform } = settings;
        const networks = [{ networkUrl: googleNames(settings).network }];
        for (const { domain, apex } of DOMAINS) {
            const key = domain.slice(0, -1).replaceAll(".", "-");
            const zone = `${platform.network}-${key}`;
            const managedZone = new gcp.dns.ManagedZone(
                `${name}-${key}`,
                {
                    project,
                    name: zone,
                    dnsName: domain,
                    description: `${domain} on the restricted Google range.`,
                    visibility: "private",
                    privateVisibilityConfig: { networks },
                },
                { parent: this },
            );
            const inZone = { parent: this, dependsOn: [managedZone] };
            new gcp.dns.RecordSet(
                `${name}-${key}-apex`,
                { project, managedZone: zone, name: apex, type: "A", ttl: 300, rrdatas: RESTRICTED_ADDRESSES },
                inZone,
            );
            new gcp.dns.RecordSet(
                `${name}-${key}-any`,
                { project, managedZone: zone, name: `*.${domain}`, type: "CNAME", ttl: 300, rrdatas: [apex] },
                inZone,
            );
        }
        this.registerOutputs();
    }
}
