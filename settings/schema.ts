import { z } from "zod";
import { GKE_SYSTEM_NAMESPACES } from "./conventions";
import { cidrCheck } from "./values/cidr";
import { text, wholeNumber } from "./values/field";
import { hostCheck } from "./values/host";
import { googleNameCheck, labelCheck, serviceAccountIdCheck, subdomainCheck, trustDomainCheck } from "./values/names";

/**
 * What a person may write under `egress-gateway:` in `Pulumi.<env>.yaml`, one schema a key. Defaults stand here and nowhere
 * else; `docs/settings.md` is generated from this file. What concerns several values at once is in `consistency.ts`.
 */

const namespace = text(labelCheck);
const portNumber = wholeNumber(1, 65535).describe("Port of the far side.");

/** The groups of resources that can be left out by name. */
export const COMPONENTS = ["perimeter", "node-pool", "gateway", "mesh", "network-policies", "guard"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

const workload = z.strictObject({
    namespace: namespace.describe("Namespace of the workload."),
    serviceAccount: text(subdomainCheck).describe("Kubernetes service account that it runs as."),
});

const destinationPort = z.discriminatedUnion("protocol", [
    z.strictObject({
        protocol: z
            .literal("tls")
            .describe("The application opens TLS itself; the gateway carries the bytes to this host and port."),
        number: portNumber,
    }),
    z.strictObject({
        protocol: z.literal("http").describe("Plain HTTP all the way. Warned about: it leaves unencrypted."),
        number: portNumber,
    }),
    z.strictObject({
        protocol: z
            .literal("originate")
            .describe("The application speaks plain HTTP on `plainPort`; the gateway opens TLS and checks the name."),
        number: portNumber.default(443),
        plainPort: wholeNumber(1, 65535).default(80).describe("Port on which the application speaks plain HTTP."),
        clientCertificate: z
            .strictObject({
                secret: text(subdomainCheck).describe(
                    "A Secret in the gateway's namespace: `tls.crt`, `tls.key`, `ca.crt`.",
                ),
            })
            .optional()
            .describe("Makes the TLS mutual."),
    }),
    z.strictObject({
        protocol: z
            .literal("tcp")
            .describe("Any TCP. The clients need Istio's DNS capture, since the destination gets a virtual address."),
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
    host: text(hostCheck).describe(
        "Exact host name. Wildcards are refused: a gateway would have to trust the name the client sends.",
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
    owner: z.string().min(1).optional().describe("Whom to ask; shown wherever the destination is."),
    reason: z.string().min(1).optional().describe("Why it is needed."),
    expires: z.iso
        .date()
        .optional()
        .describe("A date; judged by the command line and the policy pack, never by the program."),
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

export const sections = {
    mesh: z.strictObject({
        version: z
            .string()
            .regex(/^\d+\.\d+/, "a version such as `1.30`")
            .default("1.30")
            .describe("Istio version of the control plane."),
        revision: text(labelCheck)
            .default("default")
            .describe("Revision of the control plane that injects the gateway."),
        trustDomain: text(trustDomainCheck)
            .default("cluster.local")
            .describe("`meshConfig.trustDomain`: the first part of every identity."),
        controlPlaneNamespace: namespace
            .default("istio-system")
            .describe("Where istiod runs; also the mesh's root namespace."),
        mutualTls: z
            .boolean()
            .default(true)
            .describe(
                "`false` is the tutorial's second variant: the application's TLS passes through, and the gateway does not know who calls.",
            ),
    }),
    gateway: z.strictObject({
        namespace: namespace.default("istio-egress").describe("Namespace of the gateway, used by nothing else."),
        machineType: text(googleNameCheck).default("e2-standard-4").describe("Machine type of the gateway nodes."),
        minNodes: wholeNumber(1, 1000).default(2).describe("Fewest gateway nodes, over all zones."),
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
        networkTag: text(googleNameCheck)
            .default("egress-gateway")
            .describe("Network tag of gateway nodes: the only default route asks for it."),
        nodeAccountId: text(serviceAccountIdCheck)
            .default("egress-gateway-nodes")
            .describe("Account id of the gateway nodes' service account; the firewall allows this identity."),
    }),
    nat: z.strictObject({
        addresses: wholeNumber(1, 350)
            .default(2)
            .describe("Reserved public addresses; partners put them on their allow-lists."),
        minPortsPerNode: powerOfTwo(32, 32768).default(2048).describe("NAT ports that every gateway node has at once."),
        maxPortsPerNode: powerOfTwo(64, 65536).default(32768).describe("NAT ports that one node can grow to."),
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
            .default([...GKE_SYSTEM_NAMESPACES])
            .describe("System namespaces whose pods may run anywhere, gateway nodes included."),
        exemptUsers: z
            .array(z.string().min(1))
            .default([])
            .describe(
                "Who may do what only the platform does: write the gateway's mesh objects, label nodes and namespaces. The identity that runs `pulumi up` " +
                    "has to be one of them. A trailing `*` makes it a prefix. Nobody is exempt from the rules about pods.",
            ),
        exemptGroups: z.array(z.string().min(1)).default([]).describe("Groups with the same exemption."),
        proxyImages: z
            .array(z.string().min(1))
            .default(["*/proxyv2"])
            .describe(
                "Images of the mesh's proxy, without tag or digest; `*` in front is any registry. Name your own mirror to make it exact.",
            ),
        injectedAnnotations: z
            .record(z.string(), z.string())
            .default({})
            .describe(
                "Annotations that your mesh's injector writes on every pod and that narrow the capture; only the exact value passes.",
            ),
        breakGlassGroup: z
            .string()
            .default("egress-gateway-break-glass")
            .describe("The group that may exec into gateway pods, and nobody else."),
    }),
    kubernetes: z.strictObject({
        context: z
            .string()
            .min(1)
            .optional()
            .describe(
                "Context of the local kubeconfig. Default: the cluster's own endpoint with `gke-gcloud-auth-plugin`.",
            ),
    }),
    disabledComponents: z
        .array(z.enum(COMPONENTS))
        .default([])
        .describe("Groups of resources that this stack does not create. `plan` says what each one costs."),
} as const;

export type Sections = { readonly [K in keyof typeof sections]: z.output<(typeof sections)[K]> };
export type WorkloadIdentity = z.output<typeof workload>;
export type DestinationPort = z.output<typeof destinationPort>;
export type PrivateDestination = z.output<typeof privateDestination>;

export interface Destination extends z.output<typeof destinationSchema> {
    /** Where it is written, for messages: a configuration key, or a file and a position. */
    readonly source: string;
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
