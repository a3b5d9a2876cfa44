import { type WorkloadIdentity } from "../settings/schema";
import { Addresses } from "./addresses";
import {
    type Call,
    type LeftOutReason,
    type Observation,
    type Question,
    type Spoken,
    type Witness,
} from "./observation";
import { type Pods } from "./pods";
import { labelOf, Seen, seenIn, workloadText } from "./seen";

/** What was asked for at one port of one host. */
export interface Demand {
    readonly host: string;
    readonly port: number;
    readonly protocols: Map<Call["protocol"], Set<Witness>>;
    /** What the application dialled, where it is another port. */
    dialled?: number;
    readonly all: Seen;
    readonly identities: Map<string, { readonly identity: WorkloadIdentity; readonly seen: Seen }>;
    /** Callers whom nothing shows: pods and addresses. */
    readonly strangers: Map<string, Seen>;
}

/** More hosts than a list of destinations holds; whoever asks for random names fills no memory. */
const DEMANDS_AT_MOST = 20_000;
const IDENTITIES_AT_MOST = 2_000;
const STRANGERS_AT_MOST = 20;
const QUESTIONS_AT_MOST = 20_000;

/** Everything that was read, summed up: as large as what was asked for, however long the logs are. */
export class Evidence {
    readonly demands = new Map<string, Demand>();
    /** Of sidecars, by the subset of the gateway's Service that they chose. */
    readonly bySubset = new Map<string, Demand>();
    readonly addresses = new Addresses();
    readonly questions = new Map<string, Seen>();
    readonly leftOut = new Map<LeftOutReason, number>();
    /** Lines by what they were. */
    readonly lines = { calls: 0, questions: 0, inside: 0 };
    readonly witnesses = new Map<Witness, Seen>();
    readonly period = new Seen();

    constructor(private readonly pods: Pods) {}

    add(observation: Observation): void {
        switch (observation.kind) {
            case "call":
                this.lines.calls += 1;
                this.addCall(observation);
                return;
            case "question":
                this.lines.questions += 1;
                this.addQuestion(observation);
                return;
            case "inside":
                this.lines.inside += 1;
                return;
            case "left out":
                this.leave(observation.reason);
        }
    }

    private leave(reason: LeftOutReason): void {
        this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + 1);
    }

    private addCall(call: Call): void {
        const { at, host, outcome, subset, witness } = call;
        this.period.add(witness, outcome, at);
        seenIn(this.witnesses, witness).add(witness, outcome, at);
        const identity = this.pods.identityOf(call.client, at);
        if (host === undefined && subset === undefined) {
            if (!this.addresses.add(call, identity)) {
                this.leave("more destinations than one list can hold");
            }
            return;
        }
        const demand = host === undefined ? demandIn(this.bySubset, subset!, call) : demandIn(this.demands, host, call);
        if (demand === undefined) {
            this.leave("more destinations than one list can hold");
            return;
        }
        demand.all.add(witness, outcome, at);
        if (call.reached !== undefined && host !== undefined) {
            this.addresses.reached(call.reached, host);
        }
        addTo(demand.protocols, call.protocol, witness);
        if (call.dialled !== undefined) {
            demand.dialled = call.dialled;
        }
        if (identity === undefined) {
            const label = labelOf(call.client);
            if (demand.strangers.has(label) || demand.strangers.size < STRANGERS_AT_MOST) {
                seenIn(demand.strangers, label).add(witness, outcome, at);
            }
            return;
        }
        const key = workloadText(identity);
        if (!demand.identities.has(key) && demand.identities.size >= IDENTITIES_AT_MOST) {
            this.leave("more destinations than one list can hold");
            return;
        }
        const entry = demand.identities.get(key) ?? { identity, seen: new Seen() };
        demand.identities.set(key, entry);
        entry.seen.add(witness, outcome, at);
    }

    private addQuestion(question: Question): void {
        const { answered, at, name } = question;
        if (this.questions.has(name) || this.questions.size < QUESTIONS_AT_MOST) {
            seenIn(this.questions, name).add("network", answered ? "answered" : "refused", at);
        }
        this.addresses.asked(question);
    }
}

function demandIn(demands: Map<string, Demand>, host: string, { port }: Call): Demand | undefined {
    const key = `${host} ${port}`;
    const before = demands.get(key);
    if (before !== undefined || demands.size >= DEMANDS_AT_MOST) {
        return before;
    }
    const made: Demand = {
        host,
        port,
        protocols: new Map(),
        all: new Seen(),
        identities: new Map(),
        strangers: new Map(),
    };
    demands.set(key, made);
    return made;
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
    map.set(key, (map.get(key) ?? new Set()).add(value));
}

/** What is spoken there: an application's own sidecar knows it, a gateway sees what the sidecar made of it. */
export function spokenAt({ protocols }: Demand): Call["protocol"] | "several" {
    const seen = [...protocols];
    const bySidecars = seen.filter(([, witnesses]) => witnesses.has("sidecar"));
    const [first, ...others] = (bySidecars.length > 0 ? bySidecars : seen).map(([protocol]) => protocol);
    return first === undefined || others.length > 0 ? "several" : first;
}

export function canBeDeclared(protocol: Call["protocol"] | "several"): protocol is Spoken {
    return protocol !== "several" && protocol !== "udp" && protocol !== "other";
}
