import { isAddress } from "../../base/cidr";
import { type AddressRange, parseRange } from "../kernel/address";
import { fields, fieldsList, type KubernetesObject, unknownPaths } from "../kubernetes";
import { UNKNOWN } from "../resource";
import { innerNamesIn } from "./innerNames";

/** The TCP ports of the destinations that the mesh declares as external. */
export interface DeclaredPorts {
    readonly ports: ReadonlySet<number>;
    /** Ports that are declared for one address alone. */
    readonly fixed: readonly { readonly address: AddressRange; readonly port: number }[];
    readonly resources: readonly string[];
    /** More may be declared than is known before `up`. */
    readonly inDoubt: boolean;
}

/**
 * Reads the declared ports where the gateway reads them: in its own namespace, or anywhere while nothing shows it for certain.
 * `undefined`: nothing declares any.
 *
 * @param namespace the gateway's; absent where it is not known
 * @param expected there is a gateway, so that what another namespace declares may be its or not
 */
export function declaredPorts(
    objects: readonly KubernetesObject[],
    namespace: string | undefined,
    expected: boolean,
): DeclaredPorts | undefined {
    const anywhere = namespace === undefined;
    const entries = objects.filter(
        ({ group, kind, spec }) =>
            group === "networking.istio.io" && kind === "ServiceEntry" && spec["location"] !== "MESH_INTERNAL",
    );
    const veiled = entries.filter(
        ({ namespace: place, object, spec }) =>
            [place, object["metadata"], object["spec"], spec["location"]].includes(UNKNOWN) ||
            unknownPaths([spec["ports"], spec["endpoints"]]).length > 0,
    );
    const counting = entries.filter(entry => anywhere || entry.namespace === namespace);
    const innerNames = innerNamesIn(objects, namespace);
    const inDoubt = veiled.length > 0 || (anywhere && expected);
    return counting.length === 0 && !inDoubt
        ? undefined
        : {
              ports: new Set([
                  ...counting.filter(entry => fixedAddresses(entry) === undefined).flatMap(portsOf),
                  ...innerNames.map(({ port }) => port),
              ]),
              fixed: counting.flatMap(entry =>
                  (fixedAddresses(entry) ?? []).flatMap(address => portsOf(entry).map(port => ({ address, port }))),
              ),
              resources: counting.map(({ urn }) => urn),
              inDoubt,
          };
}

/** What several gateways declare together; `undefined`: none of them declares any. */
export function declaredByAll(all: readonly (DeclaredPorts | undefined)[]): DeclaredPorts | undefined {
    const declared = [...new Set(all)].filter(each => each !== undefined);
    return declared.length < 2
        ? declared[0]
        : {
              ports: new Set(declared.flatMap(({ ports }) => [...ports])),
              fixed: declared.flatMap(({ fixed }) => fixed),
              resources: declared.flatMap(each => each.resources),
              inDoubt: declared.some(({ inDoubt }) => inDoubt),
          };
}

/** Where an entry with fixed endpoints leads to, nowhere included; undefined: what it leads to may have any address. */
function fixedAddresses({ spec }: KubernetesObject): AddressRange[] | undefined {
    if (spec["resolution"] !== "STATIC" || spec["workloadSelector"] !== undefined) {
        return undefined;
    }
    const addresses = fieldsList(spec["endpoints"]).map(({ address }) =>
        typeof address === "string" && isAddress(address)
            ? parseRange(`${address}/${address.includes(":") ? 128 : 32}`)
            : undefined,
    );
    return addresses.includes(undefined) ? undefined : (addresses as AddressRange[]);
}

function portsOf({ spec }: KubernetesObject): number[] {
    const own = fieldsList(spec["ports"]).flatMap(port => [port["number"], port["targetPort"]]);
    const overridden = fieldsList(spec["endpoints"]).flatMap(endpoint => Object.values(fields(endpoint["ports"])));
    return [...own, ...overridden].filter(port => typeof port === "number");
}
