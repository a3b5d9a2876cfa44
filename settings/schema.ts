import { z } from "zod";
import {
    COREDNS_VERSION,
    DEFAULT_NAMES,
    DEFAULT_PROXY_IMAGES,
    DEFAULT_TRUST_DOMAIN,
    GKE_SYSTEM_NAMESPACES,
} from "../base/conventions";
import { cidrCheck, ipv4AddressCheck, publicAddressesCheck } from "../base/cidr";
import { line, text, wholeNumber } from "../base/field";
import { isSince, istioMinor } from "../base/istioVersion";
import { BANDS } from "../contract/sharedPerimeter";
import { egressSubnetSchema } from "../contract/platform";
import { type PlatformInput } from "../contract/produced";
import {
    gatewayNameCheck,
    googleNameCheck,
    labelCheck,
    networkTagCheck,
    serviceAccountIdCheck,
    stackNameCheck,
    subdomainCheck,
    trustDomainCheck,
} from "../base/names";
import { ADDRESS_TYPES, RECORD_TYPES } from "../base/recordTypes";
import { destinationHostCheck, zoneCheck } from "./wildcards";

/**
 * What a person may write under `egress-gateway:` in `Pulumi.<env>.yaml`, one schema a key. Defaults stand here and nowhere
 * else; `docs/settings.md` is generated from this file. What concerns several values at once is in `consistency.ts`.
 */

const namespace = text(labelCheck);
const inWords = (names: readonly string[]) => names.map(name => `\`${name}\``).join(", ");
const portNumber = wholeNumber(1, 65535).describe("Port of the far side.");

/** The groups of resources that can be left out by name. */
export const COMPONENTS = ["perimeter", "node-pool", "gateway", "mesh", "network-policies", "guard"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

const workload = z.strictObject({
    namespace: namespace.describe("Namespace of the workload."),
    serviceAccount: text(oneWorkload, subdomainCheck).describe("Kubernetes service account that it runs as."),
});

const clientCertificate = z.strictObject({
    secret: text(subdomainCheck).describe(
        "A Secret in the gateway's namespace: `tls.crt` and `tls.key` are the gateway's, `ca.crt` has the authorities of the far side's certificate; of a public one the bundle of its roots.",
    ),
});

const destinationPort = z.discriminatedUnion("protocol", [
    z.strictObject({
        protocol: z
            .literal("tls")
            .describe("The application opens TLS itself; the gateway carries the bytes to this host and port."),
        number: portNumber,
        innerName: z
            .literal("checked")
            .optional()
            .describe(
                "The gateway reads the server name of the application's own TLS as well, and closes what has another than the host, or none: who may use the host cannot ask its server for another site. Rests on an EnvoyFilter in the gateway's namespace.",
            ),
    }),
    z.strictObject({
        protocol: z.literal("http").describe("Plain HTTP all the way. Warned about: it leaves unencrypted."),
        number: portNumber,
        unencrypted: z
            .literal("accepted")
            .optional()
            .describe("Says that plain HTTP is meant, as for OCSP and revocation lists: no warning then."),
        upstreamProtocol: z
            .literal("h2c")
            .optional()
            .describe("The far side speaks HTTP/2 from the first byte, as gRPC in clear text does."),
    }),
    z.strictObject({
        protocol: z
            .literal("originate")
            .describe("The application speaks plain HTTP on `plainPort`; the gateway opens TLS and checks the name."),
        number: portNumber.default(443),
        plainPort: wholeNumber(1, 65535).default(80).describe("Port on which the application speaks plain HTTP."),
        upstreamProtocol: z
            .literal("h2")
            .optional()
            .describe(
                "The far side speaks HTTP/2, agreed on by ALPN, as gRPC does. The application may begin with HTTP/2 then.",
            ),
        caCertificate: z
            .strictObject({
                secret: text(subdomainCheck).describe(
                    "A Secret in the gateway's namespace with `ca.crt`: the authorities of the far side's certificate, in PEM.",
                ),
            })
            .optional()
            .describe(
                "Whom the gateway believes, where the far side has a private authority; nobody else then. Default: the public ones that Istio's proxy image has.",
            ),
        clientCertificate: clientCertificate.optional().describe("Makes the TLS mutual."),
        clientCertificates: z
            .array(
                clientCertificate.extend({
                    namespace: namespace.describe("The namespace whose workloads the far side knows by it."),
                }),
            )
            .min(1)
            .optional()
            .describe("The same with another certificate for each namespace of `allow`, each of which has one here."),
    }),
    z.strictObject({
        protocol: z
            .literal("tcp")
            .describe(
                "Any TCP. Clients of a host need Istio's DNS capture, since it gets a virtual address; clients of an address do not.",
            ),
        number: portNumber,
        virtualAddress: text(cidrlessVirtualAddress)
            .optional()
            .describe(
                "Address in 241.0.0.0/8 by which clients know the destination; default: derived from the host, stable.",
            ),
    }),
]);

/** Documented in `destinations`. */
export const destinationSchema = z.strictObject({
    host: text(destinationHostCheck)
        .optional()
        .describe(
            "Exact host name, or for `tls` every name below a domain of one owner: `*.my.salesforce.com`. Whoever owns a name there is reached. Either this or `addresses`.",
        ),
    addresses: z
        .array(text(publicAddressesCheck))
        .min(1)
        .optional()
        .describe(
            "Public IPv4 addresses, or ranges of at most 32, instead of a host, with `tcp` ports: no name is resolved, the firewall opens exactly these, and clients dial the address itself. Each is a destination of its own.",
        ),
    ports: z
        .array(destinationPort)
        .min(1)
        .default([{ number: 443, protocol: "tls" }])
        .describe("What is spoken on which port of the host."),
    allow: z
        .array(workload)
        .min(1)
        .describe("Who may use it. Nobody else can: the gateway checks the caller's identity in the handshake."),
    owner: line().optional().describe("Whom to ask; shown wherever the destination is."),
    reason: line().optional().describe("Why it is needed."),
    gateway: line()
        .optional()
        .describe(
            "Name of the gateway that it leaves by, one of `gateways`, with that one's addresses alone. Default: `default`.",
        ),
    expires: z.iso.date().optional().describe("Its last day. `plan` announces it; `expiry` says what happens then."),
});

const privateDestination = z.strictObject({
    name: text(labelCheck).describe("Name of the ServiceEntry and in messages."),
    cidrs: z.array(text(cidrCheck)).min(1).describe("Private ranges only."),
    ports: z
        .array(
            z.strictObject({
                number: portNumber,
                protocol: z.enum(["tcp", "tls", "http"]).default("tcp").describe("What is spoken on it."),
            }),
        )
        .min(1)
        .describe("Ports, with what is spoken on them."),
    namespaces: z.array(namespace).min(1).describe("Client namespaces that may reach it."),
});

const natAddressList = z
    .array(
        z
            .strictObject({
                name: text(googleNameCheck)
                    .optional()
                    .describe(
                        "An address of the region that is reserved already: it is used, and never changed or deleted.",
                    ),
                new: wholeNumber(1, 350).optional().describe("So many that this stack reserves itself."),
            })
            .superRefine(nameOrNew),
    )
    .min(1);

/** What there is once, whatever the number of gateways; `gateway` and `nat` are those of the gateway `default`. */
const single = {
    mesh: z.strictObject({
        version: text(meshVersion)
            .default("1.30")
            .describe("Istio version of the control plane, 1.22 or later; the verdict says where it is not 1.30."),
        revision: text(labelCheck)
            .default("default")
            .describe("Revision of the control plane that injects the gateway."),
        trustDomain: text(trustDomainCheck)
            .default(DEFAULT_TRUST_DOMAIN)
            .describe("`meshConfig.trustDomain`: the first part of every identity."),
        controlPlaneNamespace: namespace
            .default(DEFAULT_NAMES.controlPlaneNamespace)
            .describe("Where istiod runs; also the mesh's root namespace."),
        mutualTls: z
            .boolean()
            .default(true)
            .describe(
                "`false` is the tutorial's second variant: the application's TLS passes through, and the gateway does not know who calls.",
            ),
        keepAliveSeconds: wholeNumber(10, 599)
            .default(300)
            .describe(
                "Silence after which a proxy asks whether a connection still lives, on both legs. Below 600: Google's connection tracking forgets what is silent for ten minutes.",
            ),
        httpIdleSeconds: wholeNumber(1, 86_400)
            .default(900)
            .describe(
                "How long the proxies keep an HTTP connection that nobody uses; less than `nat.establishedIdleSeconds`.",
            ),
        sessionKeys: wholeNumber(1, 1024)
            .default(64)
            .describe(
                "TLS sessions that a sidecar keeps for the gateway, so that new connections need no full handshake: an EnvoyFilter in each client namespace. 1 is Envoy's own number, and no filter.",
            ),
    }),
    gateway: z.strictObject({
        namespace: namespace
            .default(DEFAULT_NAMES.gatewayNamespace)
            .describe("Namespace of the gateway, used by nothing else."),
        machineType: text(googleNameCheck).default("e2-standard-4").describe("Machine type of the gateway nodes."),
        diskSizeGb: wholeNumber(10, 65536)
            .default(30)
            .describe(
                "Boot disk of a gateway node. A proxy writes next to nothing, and Google's default of 100 GB counts against the region's SSD quota.",
            ),
        diskType: z
            .enum(["pd-balanced", "pd-standard", "pd-ssd", "hyperdisk-balanced"])
            .default("pd-balanced")
            .describe("Kind of that disk; newer machine series take `hyperdisk-balanced` only."),
        minNodes: wholeNumber(1, 1000)
            .default(3)
            .describe("Fewest gateway nodes, over all zones; a regional cluster has three unless it names others."),
        maxNodes: wholeNumber(1, 1000)
            .default(6)
            .describe("Most gateway nodes, over all zones. NAT has to have ports for all of them."),
        minReplicas: wholeNumber(1, 1000).default(3).describe("Fewest gateway pods."),
        maxReplicas: wholeNumber(1, 1000).default(12).describe("Most gateway pods."),
        cpuRequestMillicores: wholeNumber(10, 64000)
            .default(500)
            .describe("CPU request of a gateway pod; the autoscaler aims at 70 % of it."),
        memoryMebibytes: wholeNumber(64, 65536).default(1024).describe("Memory request and limit of a gateway pod."),
        maxDownstreamConnections: wholeNumber(100, 10_000_000)
            .default(25_000)
            .describe("Connections that one gateway pod accepts; Istio has no limit of its own."),
        drainSeconds: wholeNumber(5, 3600)
            .default(120)
            .describe("How long open connections may last when a gateway pod ends."),
        networkTag: text(networkTagCheck)
            .default(DEFAULT_NAMES.networkTag)
            .describe("Network tag of gateway nodes: the only default route asks for it."),
        nodeAccountId: text(serviceAccountIdCheck)
            .default(DEFAULT_NAMES.nodeAccountId)
            .describe("Account id of the gateway nodes' service account; the firewall allows this identity."),
        retiring: z
            .strictObject({
                nodeAccountId: text(serviceAccountIdCheck)
                    .optional()
                    .describe("`nodeAccountId` as it was: both accounts are let out."),
                egressSubnet: egressSubnetSchema
                    .optional()
                    .describe("`platform.egressSubnet` as it was: NAT, firewall and policies serve both."),
            })
            .default({})
            .describe(
                "What gateway nodes had before a change, for one `up`: the old nodes keep their way out until the new ones are there. Remove it afterwards.",
            ),
    }),
    nat: z.strictObject({
        addresses: z
            .union([wholeNumber(1, 350), natAddressList])
            .default(2)
            .describe(
                "Public addresses, which partners put on their allow-lists: how many this stack reserves, or a list such as `[{name: partner-ip-1}, {new: 2}]`.",
            ),
        drainingAddresses: z
            .union([wholeNumber(0, 349), natAddressList])
            .default(0)
            .describe(
                "Addresses beyond `addresses`, in the same form, that take no new connections and finish those that they have: how `addresses` is lowered.",
            ),
        minPortsPerNode: powerOfTwo(32, 32768).default(2048).describe("NAT ports that every gateway node has at once."),
        maxPortsPerNode: powerOfTwo(64, 65536).default(32768).describe("NAT ports that one node can grow to."),
        establishedIdleSeconds: wholeNumber(60, 7200)
            .default(1200)
            .describe("Silence after which NAT forgets a TCP connection."),
    }),
    perimeter: z.strictObject({
        scope: z
            .enum(["network", "cluster"])
            .default("network")
            .describe(
                "`network` denies for every VM in the VPC; `cluster` for this cluster's node identities only, and the verdict names the rest.",
            ),
        mode: z
            .enum(["enforce", "observe"])
            .default("enforce")
            .describe("`observe` denies nothing: the rules that would deny allow and log instead."),
        shared: z
            .boolean()
            .default(false)
            .describe(
                "Stacks of further clusters in the network may join this perimeter: its firewall rules become resources of their own.",
            ),
        stack: text(stackNameCheck)
            .optional()
            .describe(
                "The stack that owns the network's perimeter, with `shared: true`: `organization/egress-gateway/dev`. This one then adds its own way out to that firewall policy, and no deny.",
            ),
        band: wholeNumber(1, BANDS)
            .optional()
            .describe("Which of the policy's bands of priorities is this stack's; every stack that joins has another."),
    }),
    googleApis: z
        .enum(["restricted", "none"])
        .default("restricted")
        .describe(
            "`restricted` opens 199.36.153.4/30 (restricted.googleapis.com) to nodes and clients on 443; `none` opens nothing.",
        ),
    clients: z.strictObject({
        outboundTraffic: z
            .enum(["registry-only", "allow-any"])
            .default("registry-only")
            .describe(
                "`registry-only`: undeclared traffic fails at once in the sidecar; `allow-any` leaves it to the perimeter.",
            ),
        privateDestinations: z
            .array(privateDestination)
            .default([])
            .describe("What stays inside the network and never uses the gateway."),
    }),
    guard: z.strictObject({
        exemptNamespaces: z
            .array(namespace)
            .default([])
            .describe(
                `Namespaces whose pods may run anywhere, gateway nodes included, besides ${inWords(GKE_SYSTEM_NAMESPACES)}.`,
            ),
        exemptUsers: z
            .array(line())
            .default([])
            .describe(
                "Who may do what only the platform does: write the gateway's mesh objects, label nodes and namespaces. The identity that runs `pulumi up` " +
                    "has to be one of them. A trailing `*` makes it a prefix. Nobody is exempt from the rules about pods.",
            ),
        exemptGroups: z.array(line()).default([]).describe("Groups with the same exemption."),
        proxyImages: z
            .array(line())
            .default([])
            .describe(
                `Images of the mesh's proxy, without tag or digest, besides ${inWords(DEFAULT_PROXY_IMAGES)}; \`*\` in front is any registry. ` +
                    "Name your own mirror, and the default under `withoutDefaults`, to make it exact.",
            ),
        withoutDefaults: z
            .array(z.enum([...GKE_SYSTEM_NAMESPACES, ...DEFAULT_PROXY_IMAGES]))
            .default([])
            .describe("Defaults of the two lists above that shall not hold: whatever is written there adds to them."),
        placers: z
            .array(line())
            .default([])
            .describe(
                "Who places pods besides Kubernetes' scheduler, for example `system:serviceaccount:batch-system:batch-scheduler`: they may name nodes " +
                    "and bind pods, and nothing else. Taints hold for what they place. A trailing `*` makes it a prefix.",
            ),
        uninjectedUsers: z
            .array(line())
            .default([])
            .describe(
                "Whose own pods in client namespaces may go without a sidecar, for example `system:serviceaccount:cert-manager:cert-manager` for its solvers.",
            ),
        operatorGroups: z
            .array(line())
            .default([])
            .describe(
                "Groups that may restart and scale the gateway, drain its nodes and delete its pods, and nothing else.",
            ),
        injectedAnnotations: z
            .record(line(), line())
            .default({})
            .describe(
                "Annotations that your mesh's injector writes on every pod and that narrow the capture; only the exact value passes.",
            ),
        breakGlassGroup: line()
            .default("egress-gateway-break-glass")
            .describe("The group that may exec into gateway pods, and nobody else."),
    }),
    monitoring: z.strictObject({
        collector: z
            .enum(["none", "google-managed-prometheus", "prometheus-operator"])
            .default("none")
            .describe(
                "Who collects the gateway's counters: makes what has them collected, and alerts. On Google Cloud also alert policies for NAT and the firewall's log. `none` makes nothing.",
            ),
        collectorNamespace: namespace
            .default("monitoring")
            .describe("Where `prometheus-operator`'s Prometheus runs: its pods may read the counters."),
        labels: z
            .record(line(), line())
            .default({})
            .describe(
                "Labels by which `prometheus-operator`'s Prometheus finds PodMonitor and PrometheusRule, for example `release: kube-prometheus-stack`.",
            ),
        notificationChannels: z
            .array(text(notificationChannelCheck))
            .default([])
            .describe(
                "Whom Google's alert policies tell: `projects/<project>/notificationChannels/<number>`. None: incidents show in Cloud Monitoring alone.",
            ),
    }),
    dns: z.strictObject({
        lock: z
            .enum(["off", "observe", "enforce"])
            .default("off")
            .describe(
                "`enforce`: the cluster's DNS asks a resolver of this stack, which knows the declared hosts, `zones` and, with `googleApis: restricted`, " +
                    "Google's names, and no others; for the whole cluster. `observe` answers everything and logs what would be refused. Not with `cloud-dns`.",
            ),
        zones: z
            .array(
                z.strictObject({
                    name: text(zoneCheck).describe("Domain: it and every name below it are answered."),
                    types: z
                        .array(z.enum(RECORD_TYPES))
                        .min(1)
                        .default([...ADDRESS_TYPES])
                        .describe("Types of records that are answered."),
                    nameservers: z
                        .array(text(ipv4AddressCheck))
                        .default([])
                        .describe("Addresses of the servers that know it; none: those of `upstreams`."),
                }),
            )
            .default([])
            .describe(
                "Further names: the company's own, those of private destinations. Whoever owns a name there may be asked, with any text in front of it.",
            ),
        upstreams: z
            .array(text(ipv4AddressCheck))
            .default([])
            .describe("Whom the resolver asks. Default on GKE: Google's metadata server; elsewhere it has to be said."),
        namespace: namespace
            .default(DEFAULT_NAMES.resolverNamespace)
            .describe("Namespace of the resolver, used by nothing else."),
        address: text(ipv4AddressCheck)
            .optional()
            .describe(
                "Address of the resolver's Service, free in `platform.cluster.serviceCidr`. Default: the 14th of that range; the cluster's own DNS has the tenth.",
            ),
        image: line()
            .default(`mirror.gcr.io/coredns/coredns:${COREDNS_VERSION}`)
            .describe("CoreDNS; from Google's mirror, which nodes reach without the internet."),
        replicas: wholeNumber(2, 100).default(3).describe("Pods of the resolver."),
        cpuRequestMillicores: wholeNumber(10, 64000).default(100).describe("CPU request of one."),
        memoryMebibytes: wholeNumber(32, 65536).default(128).describe("Memory request and limit of one."),
    }),
    kubernetes: z.strictObject({
        context: line()
            .optional()
            .describe(
                "Context of the local kubeconfig. Default: the cluster's own endpoint with `gke-gcloud-auth-plugin`.",
            ),
    }),
    expiry: z
        .enum(["warn", "refuse", "remove"])
        .default("warn")
        .describe(
            "What becomes of a destination after its last day (UTC). `warn`: nothing but a warning of `plan` and a finding of the policy pack; `refuse`: no plan is made while it is in the list; " +
                "`remove`: the next `up` leaves it out, so that a plan changes by the day.",
        ),
    disabledComponents: z
        .array(z.enum(COMPONENTS))
        .default([])
        .describe("Groups of resources that this stack does not create. `plan` says what each one costs."),
} as const;

const furtherGateway = single.gateway.extend({
    namespace: namespace
        .optional()
        .describe(
            "Namespace of this gateway, used by nothing else. Default: `istio-egress-<name>`. The subnet of its nodes is `platform.egressSubnets.<name>`.",
        ),
    networkTag: text(networkTagCheck)
        .optional()
        .describe("Network tag of its nodes: its default route asks for it. Default: `egress-gateway-<name>`."),
    nodeAccountId: text(serviceAccountIdCheck)
        .optional()
        .describe("Account id of its nodes' service account. Default: `egress-gateway-<name>`."),
    nat: single.nat.prefault({}).describe("As `nat`, with addresses of its own."),
});

export const sections = {
    ...single,
    gateways: z
        .record(text(gatewayNameCheck), furtherGateway)
        .default({})
        .describe(
            "Further gateways by name, each with every key of `gateway`, and with nodes, a namespace and addresses of its own. They add to `default`, which `gateway` and `nat` describe and which is always there.",
        ),
} as const;

export type Sections = { readonly [K in keyof typeof sections]: z.output<(typeof sections)[K]> };
/** What may be written under `egress-gateway:`; everything with a default may be left out. */
export type SettingsInput = { readonly [K in keyof typeof sections]?: z.input<(typeof sections)[K]> } & {
    readonly platform: PlatformInput | { readonly stack: string };
    readonly destinations?: readonly z.input<typeof destinationSchema>[];
    readonly destinationFiles?: readonly string[];
};
export type WorkloadIdentity = z.output<typeof workload>;
export type DestinationPort = z.output<typeof destinationPort>;
export type PrivateDestination = z.output<typeof privateDestination>;

export interface Destination extends Omit<z.output<typeof destinationSchema>, "host" | "addresses"> {
    /** What applications dial: a name, or one address. */
    readonly host: string;
    /** Where it is written, for messages: a configuration key, or a file and a position. */
    readonly source: string;
}

function nameOrNew(entry: { name?: string | undefined; new?: number | undefined }, context: z.RefinementCtx): void {
    if ((entry.name === undefined) === (entry.new === undefined)) {
        const problem = {
            expected: "either `name` or `new`",
            remedy: "Write `{name: partner-ip-1}` for an address that is there, `{new: 2}` for two more.",
        };
        context.addIssue({ code: "custom", message: problem.expected, params: { problem }, input: entry });
    }
}

function oneWorkload(value: string) {
    return value.includes("*")
        ? {
              expected: "the name of one service account",
              remedy: "List each workload that needs the destination: who may leave is decided by identity. A namespace whose pods all run as one account has `default`.",
          }
        : undefined;
}

function powerOfTwo(minimum: number, maximum: number) {
    return z
        .int()
        .min(minimum)
        .max(maximum)
        .refine(value => Number.isInteger(Math.log2(value)), `a power of two from ${minimum} to ${maximum}`);
}

function cidrlessVirtualAddress(value: string) {
    return /^241(\.(0|[1-9]\d{0,2})){3}$/.test(value) && value.split(".").every(octet => Number(octet) <= 255)
        ? undefined
        : {
              expected: "an address in 241.0.0.0/8",
              remedy: "That block is reserved (RFC 1112, class E), so that it never names a real host; Istio's own automatic addresses are in 240.240.0.0/16.",
          };
}

function notificationChannelCheck(value: string) {
    return /^projects\/[^/]+\/notificationChannels\/\d+$/.test(value)
        ? undefined
        : {
              expected: "the full name of a channel: `projects/acme-dev/notificationChannels/1234567890`",
              remedy: "`gcloud beta monitoring channels list --format='value(name)'` lists them.",
          };
}

/** The objects are `networking.istio.io/v1` and its siblings, which Istio serves since 1.22. */
function meshVersion(value: string) {
    const served = isSince(value, 22);
    return istioMinor(value) === undefined || !/^[\w.+-]+$/.test(value)
        ? { expected: "a version such as `1.30`", remedy: "Write the version of your control plane." }
        : served
          ? undefined
          : {
                expected: "Istio 1.22 or later: earlier ones do not serve networking.istio.io/v1",
                remedy: "Upgrade the control plane, and write its version.",
            };
}
