import { distance } from "fastest-levenshtein";
import { hostCheck } from "../base/host";
import { type DestinationRequest, mayUse, type Refusal, type Workload } from "./destinationRequest";
import { type ContractDestination, type ContractPort } from "./egress";
import { stackParts } from "./stackOutputs";

/** How many near misses a message names. */
const SHOWN = 3;

/**
 * A refusal in words: what is missing, which list has to change and how, whom to ask, and what comes near.
 *
 * @param stack Full name of the egress stack.
 */
export function refusalText(
    request: DestinationRequest,
    refusal: Refusal,
    destinations: readonly ContractDestination[],
    stack: string,
): string {
    const { host, port } = request;
    const title = `${host}${port === undefined ? "" : `:${port}`} for ${identity(request)}`;
    return [`  ${title}`, ...lines(request, refusal, destinations, stack).map(line => `    ${line}`)].join("\n");
}

function lines(
    request: DestinationRequest,
    refusal: Refusal,
    destinations: readonly ContractDestination[],
    stack: string,
): readonly string[] {
    switch (refusal.kind) {
        case "host":
            return unlisted(request, destinations, stack);
        case "port":
            return otherPort(request, refusal, stack);
        case "port-unnamed":
            return [
                `${request.host} has several ports: ${ports(refusal.destination)}.`,
                "Name the one that is needed as `port`.",
            ];
        case "workload":
            return otherWorkload(request, refusal.destination, refusal.port, stack);
    }
}

function unlisted(
    request: DestinationRequest,
    destinations: readonly ContractDestination[],
    stack: string,
): readonly string[] {
    const { host, port = 443 } = request;
    const malformed = hostCheck(host);
    if (malformed !== undefined) {
        return [`This is no host that could be listed; expected ${malformed.expected}.`, malformed.remedy];
    }
    const near = nearestHosts(host, destinations);
    const { lists, owners } = whereToAsk(request, destinations, stack);
    return [
        "The host is not listed.",
        ...(near.length === 0 ? [] : [`Did you mean ${near.map(described(request)).join(", or ")}?`]),
        `To add it, write in ${lists.join(", or ")}:`,
        `  - host: ${host}`,
        `    ports: [{ number: ${port}, protocol: ${port === 443 ? "tls" : "tls | http | originate | tcp"} }]`,
        `    allow: [${flow(request)}]`,
        `Ask ${owners.join(", ") || `whoever owns stack ${stack}`}, and deploy it: \`pulumi up -s ${stack}\`.`,
    ];
}

function otherPort(
    request: DestinationRequest,
    { destination, dialled }: Extract<Refusal, { kind: "port" }>,
    stack: string,
): readonly string[] {
    if (dialled !== undefined) {
        return [
            `${request.port} is the port that applications dial for port ${dialled.number} (${dialled.protocol}): ask for port ${dialled.number}.`,
        ];
    }
    return [
        `The host is listed with other ports: ${ports(destination)}.`,
        `To add this one, write { number: ${request.port}, protocol: tls | http | originate | tcp } under \`ports\` at ${place(destination.source, stack)}.`,
        `${asking(destination, stack)}, and deploy it: \`pulumi up -s ${stack}\`.`,
    ];
}

function otherWorkload(
    request: DestinationRequest,
    destination: ContractDestination,
    port: ContractPort,
    stack: string,
): readonly string[] {
    const { namespace, serviceAccount } = request;
    const sameNamespace = destination.allow.filter(workload => workload.namespace === namespace);
    const sameName = destination.allow.filter(workload => workload.serviceAccount === serviceAccount);
    const hint =
        sameNamespace.length > 0
            ? `In namespace ${namespace} it is open to the service account ${sameNamespace.map(workload => workload.serviceAccount).join(", ")}, not to ${serviceAccount}.`
            : sameName.length > 0
              ? `A service account ${serviceAccount} may use it in namespace ${sameName.map(workload => workload.namespace).join(", ")}, not in ${namespace}.`
              : undefined;
    return [
        `The destination exists (${port.protocol}, ${port.address}), but only for ${destination.allow.map(identity).join(", ")}.`,
        ...(hint === undefined ? [] : [hint]),
        `To add this workload, write ${flow(request)} under \`allow\` at ${place(destination.source, stack)}.`,
        `${asking(destination, stack)}, and deploy it: \`pulumi up -s ${stack}\`.`,
    ];
}

/** Hosts that read alike, then those of the same site; nearest first. */
function nearestHosts(host: string, destinations: readonly ContractDestination[]): readonly ContractDestination[] {
    const site = (name: string) => name.split(".").slice(-2).join(".");
    const close = (name: string) => distance(host, name) <= Math.max(2, Math.floor(host.length / 5));
    return destinations
        .filter(destination => close(destination.host) || site(destination.host) === site(host))
        .map(destination => ({ destination, far: distance(host, destination.host) }))
        .sort((a, b) => a.far - b.far || (a.destination.host < b.destination.host ? -1 : 1))
        .slice(0, SHOWN)
        .map(({ destination }) => destination);
}

function described(request: Workload): (destination: ContractDestination) => string {
    return destination =>
        `${destination.host} (${ports(destination)}${mayUse(request, destination) ? "" : `, not open to ${identity(request)}`})`;
}

/** The lists that already serve the namespace, with their owners; all lists when there is none. */
function whereToAsk(
    { namespace }: Workload,
    destinations: readonly ContractDestination[],
    stack: string,
): { readonly lists: readonly string[]; readonly owners: readonly string[] } {
    const own = destinations.filter(({ allow }) => allow.some(workload => workload.namespace === namespace));
    const candidates = own.length > 0 ? own : destinations;
    const distinct = (values: readonly string[]) => [...new Set(values)].sort();
    const lists = distinct(candidates.map(({ source }) => place(source.replace(/\[\d+\]$/, ""), stack)));
    return {
        lists: lists.length === 0 ? [place("egress-gateway:destinations", stack)] : lists,
        owners: own.length > 0 ? distinct(own.flatMap(({ owner }) => owner ?? [])) : [],
    };
}

/** A configuration key stands in the stack's settings file; anything else is a file of the egress gateway's project. */
function place(source: string, fullName: string): string {
    const { project, stack } = stackParts(fullName);
    return source.startsWith("egress-gateway:")
        ? `${source} in Pulumi.${stack}.yaml of ${project}`
        : `${source} of ${project}`;
}

function asking({ owner }: ContractDestination, stack: string): string {
    return owner === undefined ? `It has no owner: ask whoever owns stack ${stack}` : `Ask ${owner}, who owns it`;
}

function ports(destination: ContractDestination): string {
    return destination.ports.map(({ number, protocol }) => `${number} ${protocol}`).join(", ");
}

function identity({ namespace, serviceAccount }: Workload): string {
    return `${namespace}/${serviceAccount}`;
}

function flow({ namespace, serviceAccount }: Workload): string {
    return `{ namespace: ${namespace}, serviceAccount: ${serviceAccount} }`;
}
