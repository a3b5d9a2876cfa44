import { type Resource, UNKNOWN } from "../../containment/resource";
import { Inputs } from "../../containment/world/inputs";
import { type ResourceRule } from "../rule";
import { type PackSettings } from "../settings";
import { isGatewayAccount, isGatewaySecureTag, isGatewaySubnet, isGatewayTag } from "./gatewayIdentity";
import { CLUSTER, hasNodes, isMachine, NODE_POOL } from "./machines";
import { hasGatewayTaint } from "./nodePools";

/** Modules of the provider whose resources can send packets from a VPC network. */
const IN_NETWORK =
    /^gcp:(compute|container|cloudrun|cloudrunv2|cloudfunctions|cloudfunctionsv2|appengine|vpcaccess|dataproc|dataflow|datafusion|composer|notebooks|workbench|workstations|vertex|colab|tpu)\//;

/** Of those, what the perimeter itself is made of, and grants. */
const PERIMETER =
    /:(Network|Subnetwork|Route|Router|RouterNat|\w*Firewall\w*|\w*SecurityPolicy\w*|\w*I[Aa][Mm](Member|Binding|Policy))$/;

/**
 * Anything that runs as the gateway's account, has its tag, or sits in its subnet is a gateway to the firewall, NAT and routes.
 * The one exception is a node pool that keeps everything but the gateway off its nodes.
 */
export function gatewayReserved(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "gateway-reserved",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description:
            "Nothing but gateway node pools uses the gateway's service account, network tag, secure tag or subnet.",
        stops: "A machine, pool or service that borrows the gateway's identity or place, and with it its way out.",
        remedy: "Use a service account, tags and a subnet of its own.",
        concerns: isReservedFor,
        judge: resource =>
            isGatewayPool(resource, settings)
                ? []
                : leaves(resource.inputs).flatMap(leaf => {
                      const taken = whatIsTaken(leaf, resource.type, settings);
                      return taken === undefined ? [] : [{ found: `${leaf.path} is ${leaf.value}: that is ${taken}.` }];
                  }),
    };
}

/** Places whose value is not known, and could be the gateway's account, tag or subnet. */
export function mayBorrowAt(resource: Resource, settings: PackSettings): string[] {
    return !isReservedFor(resource.type) || isGatewayPool(resource, settings)
        ? []
        : leaves(resource.inputs)
              .filter(leaf => leaf.value === UNKNOWN && mayBorrow(leaf, resource, settings))
              .map(({ path }) => path);
}

function isReservedFor(type: string): boolean {
    return IN_NETWORK.test(type) && !PERIMETER.test(type);
}

function isGatewayPool(resource: Resource, settings: PackSettings): boolean {
    return resource.type === NODE_POOL && hasGatewayTaint(Inputs.of(resource, []), settings) === "yes";
}

/** A text somewhere in the inputs. */
interface Leaf {
    readonly path: string;
    /** Name of the field; an element of a list has the list's. */
    readonly field: string;
    readonly value: string;
}

function leaves(value: unknown, path = "", field = ""): Leaf[] {
    if (typeof value === "string") {
        return [{ path, field, value }];
    }
    if (Array.isArray(value)) {
        return value.flatMap((item, index) => leaves(item, `${path}[${index}]`, field));
    }
    if (typeof value === "object" && value !== null) {
        return Object.entries(value).flatMap(([name, item]) =>
            leaves(item, path === "" ? name : `${path}.${name}`, name),
        );
    }
    return [];
}

const ACCOUNT = /^(\w*serviceAccounts?(Email)?|email)$/i;
const TAGS = /^(network)?tags$/i;
const SUBNET = /^subnet(work)?s?(Uri|Id)?$/i;
const SECURE_TAGS = /(^|\.)resourceManagerTags(\.|$)/;

function whatIsTaken({ path, field, value }: Leaf, type: string, settings: PackSettings): string | undefined {
    if (ACCOUNT.test(field) && isGatewayAccount(value, settings)) {
        return "the gateway nodes' service account";
    }
    if (TAGS.test(field) && isGatewayTag(value, settings)) {
        return "the gateway nodes' network tag";
    }
    if (SECURE_TAGS.test(path) && isGatewaySecureTag(value, settings)) {
        return "the gateway nodes' secure tag";
    }
    // A cluster lists every subnet that its pools may use; the pools are judged themselves.
    const isListed = type === CLUSTER && path.startsWith("ipAllocationPolicy.");
    const namesSubnet = SUBNET.test(field) || /(^|\.)subnet\.name$/.test(path);
    return namesSubnet && !isListed && isGatewaySubnet(value, settings) ? "the gateway nodes' subnet" : undefined;
}

/** A whole object that is not known may hold any of them. */
const OBJECTS = /^(nodeConfig|networkConfig|networkInterfaces|nodePools|clusterAutoscaling|autoProvisioningDefaults)$/;

function mayBorrow({ path, field }: Leaf, { type }: Resource, settings: PackSettings): boolean {
    // Addresses, load balancers and the like send nothing of their own accord.
    const sends = isMachine(type) || hasNodes(type) || !/^gcp:(compute|container)\//.test(type);
    const isListed = type === CLUSTER && path.startsWith("ipAllocationPolicy.");
    return (
        sends &&
        !isListed &&
        (ACCOUNT.test(field) ||
            TAGS.test(field) ||
            SUBNET.test(field) ||
            OBJECTS.test(field) ||
            (SECURE_TAGS.test(path) && settings.gatewaySecureTags.length > 0))
    );
}
