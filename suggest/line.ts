import { fieldOf, type Fields, isFields, textOf, timeOf } from "./fields";
import { readCoreDns } from "./coredns";
import { type IsGateway, isEnvoyJson, readEnvoyJson, readEnvoyText } from "./envoy";
import { readGoogle } from "./google";
import { type Client, INSIDE, leftOut, type Observation } from "./observation";

/** What carried a line here, and what that says of it. */
interface Carrier {
    readonly at?: number;
    readonly pod?: NonNullable<Client["pod"]>;
}

/**
 * Reads one line, whatever it is: it shows itself what it is, bare or as Cloud Logging, `kubectl logs --prefix --timestamps` or a container
 * runtime carries it.
 */
export function readLine(line: string, isGateway: IsGateway, outer: Carrier = {}): Observation {
    const { text, carrier } = unwrapped(line.endsWith("\r") ? line.slice(0, -1) : line, outer);
    if (text.startsWith("{")) {
        return readJson(text, isGateway, carrier);
    }
    if (text.startsWith("[INFO] ")) {
        return readCoreDns(text, carrier.at);
    }
    if (/^\[\d{4}-/.test(text)) {
        return readEnvoyText(text, clientOf(carrier), isGateway);
    }
    return text.trim() === "" ? INSIDE : leftOut("no format that is known here");
}

const clientOf = ({ pod }: Carrier): Client => (pod === undefined ? {} : { pod });

/** kubectl's `[pod/<name>/<container>]`, and behind it the time that kubectl or CRI (`<time> stdout F`) puts in front. */
function unwrapped(line: string, outer: Carrier): { readonly text: string; readonly carrier: Carrier } {
    const [prefix = "", name] = /^\[pod\/([a-z0-9.-]{1,253})\/[a-z0-9-]{1,63}\] /.exec(line) ?? [];
    const text = line.slice(prefix.length);
    const [time = "", stamp] =
        /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (?:(?:stdout|stderr) [FP] )?/.exec(text) ?? [];
    const at = timeOf(stamp);
    return {
        text: at === undefined ? text : text.slice(time.length),
        carrier: { ...outer, ...(name === undefined ? {} : { pod: { name } }), ...(at === undefined ? {} : { at }) },
    };
}

function readJson(text: string, isGateway: IsGateway, carrier: Carrier): Observation {
    let fields: unknown;
    try {
        fields = JSON.parse(text);
    } catch {
        return leftOut("broken JSON");
    }
    if (!isFields(fields)) {
        return leftOut("no format that is known here");
    }
    if (isEnvoyJson(fields)) {
        return readEnvoyJson(fields, clientOf(carrier), isGateway);
    }
    return readCloudLogging(fields, isGateway) ?? leftOut("no format that is known here");
}

/** An entry of Cloud Logging (`LogEntry`): of Google's network, or of a container. */
function readCloudLogging(entry: Fields, isGateway: IsGateway): Observation | undefined {
    const name = textOf(entry, "logName");
    const resource = fieldOf(entry, "resource");
    if (name === undefined || !isFields(resource)) {
        return undefined;
    }
    const log = decoded(name.slice(name.lastIndexOf("/logs/") + "/logs/".length));
    const network = readGoogle(log, entry);
    if (network !== undefined || textOf(resource, "type") !== "k8s_container") {
        return network;
    }
    const labels = fieldOf(resource, "labels");
    const [namespace, pod] = [textOf(labels, "namespace_name"), textOf(labels, "pod_name")];
    const at = timeOf(textOf(entry, "timestamp"));
    const carrier: Carrier = {
        ...(at === undefined ? {} : { at }),
        ...(namespace === undefined || pod === undefined ? {} : { pod: { namespace, name: pod } }),
    };
    const [words, payload] = [textOf(entry, "textPayload"), fieldOf(entry, "jsonPayload")];
    if (words !== undefined) {
        // What a container wrote is no entry, whatever it looks like.
        return words.startsWith("{") ? undefined : readLine(words.trimEnd(), isGateway, carrier);
    }
    return isFields(payload) && isEnvoyJson(payload) ? readEnvoyJson(payload, clientOf(carrier), isGateway) : undefined;
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
