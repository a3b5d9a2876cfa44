import { isObject, type Json } from "../containment/document";
import { fieldOf, textOf, timeOf } from "./fields";
import { readCoreDns } from "./coredns";
import { type IsGateway, isEnvoyJson, readEnvoyJson, readEnvoyText } from "./envoy";
import { readGoogle } from "./google";
import { type Client, INSIDE, leftOut, type Observation } from "./observation";

/** What carried a line here, and what that says of it. */
interface Carrier {
    readonly at?: number;
    readonly pod?: NonNullable<Client["pod"]>;
    /** Absent where nothing says which container wrote it. */
    readonly container?: string;
}

/** Istio's own name of its proxy's container, in sidecars and gateways. */
const PROXY = "istio-proxy";

/** Containers that are CoreDNS: the cluster's, this program's resolver, and NodeLocal DNSCache. */
const RESOLVERS: readonly (string | undefined)[] = ["coredns", "node-cache"];

const OWN_OUTPUT = leftOut("an application's own output, which may look like anything");

/**
 * Reads one line, whatever it is: it shows itself what it is, bare or as Cloud Logging, `kubectl logs --prefix --timestamps` or a container
 * runtime carries it.
 */
export function readLine(line: string, isGateway: IsGateway): Observation {
    const { text, carrier } = unwrapped(line.endsWith("\r") ? line.slice(0, -1) : line);
    return readWritten(text, carrier, isGateway);
}

/** What was written, by whom the carrier says: an application may write what looks like another's line. */
function readWritten(text: string, carrier: Carrier, isGateway: IsGateway): Observation {
    const { container } = carrier;
    if (text.startsWith("{")) {
        return readJson(text, carrier, isGateway);
    }
    if (text.startsWith("[INFO] ")) {
        return container === undefined || RESOLVERS.includes(container) ? readCoreDns(text, carrier.at) : OWN_OUTPUT;
    }
    if (/^\[\d{4}-/.test(text)) {
        return container === undefined || container === PROXY
            ? readEnvoyText(text, clientOf(carrier), isGateway)
            : OWN_OUTPUT;
    }
    return text.trim() === "" ? INSIDE : leftOut("no format that is known here");
}

const clientOf = ({ pod }: Carrier): Client => (pod === undefined ? {} : { pod });

/** kubectl's `[pod/<name>/<container>]`, and behind it the time that kubectl or CRI (`<time> stdout F`) puts in front. */
function unwrapped(line: string): { readonly text: string; readonly carrier: Carrier } {
    const [prefix = "", name, container] = /^\[pod\/([a-z0-9.-]{1,253})\/([a-z0-9-]{1,63})\] /.exec(line) ?? [];
    const text = line.slice(prefix.length);
    const [time = "", stamp] =
        /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (?:(?:stdout|stderr) [FP] )?/.exec(text) ?? [];
    const at = timeOf(stamp);
    return {
        text: at === undefined ? text : text.slice(time.length),
        carrier: {
            ...(name === undefined || container === undefined ? {} : { pod: { name }, container }),
            ...(at === undefined ? {} : { at }),
        },
    };
}

function readJson(text: string, carrier: Carrier, isGateway: IsGateway): Observation {
    let fields: unknown;
    try {
        fields = JSON.parse(text);
    } catch {
        return leftOut("broken JSON");
    }
    if (!isObject(fields)) {
        return leftOut("no format that is known here");
    }
    if (isEnvoyJson(fields)) {
        return readProxyJson(fields, carrier, isGateway);
    }
    // What a container wrote is no entry of Cloud Logging, whatever it looks like.
    return (
        (carrier.container === undefined ? readCloudLogging(fields, isGateway) : undefined) ??
        leftOut("no format that is known here")
    );
}

function readProxyJson(fields: Json, carrier: Carrier, isGateway: IsGateway): Observation {
    return carrier.container === undefined || carrier.container === PROXY
        ? readEnvoyJson(fields, clientOf(carrier), isGateway)
        : OWN_OUTPUT;
}

/** An entry of Cloud Logging (`LogEntry`): of Google's network, or of a container. */
function readCloudLogging(entry: Json, isGateway: IsGateway): Observation | undefined {
    const name = textOf(entry, "logName");
    const resource = fieldOf(entry, "resource");
    if (name === undefined || !isObject(resource)) {
        return undefined;
    }
    const log = decoded(name.slice(name.lastIndexOf("/logs/") + "/logs/".length));
    if (textOf(resource, "type") !== "k8s_container") {
        return readGoogle(log, entry);
    }
    const labels = fieldOf(resource, "labels");
    const [namespace, pod] = [textOf(labels, "namespace_name"), textOf(labels, "pod_name")];
    const at = timeOf(textOf(entry, "timestamp"));
    const carrier: Carrier = {
        container: textOf(labels, "container_name") ?? "",
        ...(at === undefined ? {} : { at }),
        ...(namespace === undefined || pod === undefined ? {} : { pod: { namespace, name: pod } }),
    };
    const [words, payload] = [textOf(entry, "textPayload"), fieldOf(entry, "jsonPayload")];
    if (words !== undefined) {
        return readWritten(words.trimEnd(), carrier, isGateway);
    }
    return isObject(payload) && isEnvoyJson(payload) ? readProxyJson(payload, carrier, isGateway) : undefined;
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
