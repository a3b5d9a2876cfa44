import { type DestinationProtocol } from "../declared/mesh";
import { Addresses } from "./addresses";
import { type Call, type LeftOutReason, type Observation, type Question, type Witness } from "./observation";
import { type Pods } from "./pods";
import { entryIn, type Identities, labelOf, newSeen, Seen, workloadText } from "./seen";

/** What was asked for at one port of one host. */
export interface Demand {
    readonly host: string;
    readonly port: number;
    readonly protocols: Map<Call["protocol"], Set<Witness>>;
    /** What the application dialled, where it is another port. */
    dialled?: number;
    readonly all: Seen;
    readonly identities: Identities;
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
        const { at, dialled, host, protocol, reached, subset, witness } = call;
        entryIn(this.witnesses, witness, newSeen).add(call);
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
        demand.all.add(call);
        if (reached !== undefined && host !== undefined) {
            this.addresses.reached(reached, host);
        }
        entryIn(demand.protocols, protocol, () => new Set()).add(witness);
        if (dialled !== undefined) {
            demand.dialled = dialled;
        }
        if (identity === undefined) {
            entryIn(demand.strangers, labelOf(call.client), newSeen, STRANGERS_AT_MOST)?.add(call);
            return;
        }
        const known = entryIn(
            demand.identities,
            workloadText(identity),
            () => ({ identity, seen: new Seen() }),
            IDENTITIES_AT_MOST,
        );
        if (known === undefined) {
            this.leave("more destinations than one list can hold");
            return;
        }
        known.seen.add(call);
    }

    private addQuestion(question: Question): void {
        const { answered, at, name } = question;
        const outcome = answered ? "answered" : "refused";
        entryIn(this.questions, name, newSeen, QUESTIONS_AT_MOST)?.add({ witness: "network", outcome, at });
        this.addresses.asked(question);
    }
}

function demandIn(demands: Map<string, Demand>, host: string, { port }: Call): Demand | undefined {
    return entryIn(
        demands,
        `${host} ${port}`,
        () => ({
            host,
            port,
            protocols: new Map(),
            all: new Seen(),
            identities: new Map(),
            strangers: new Map(),
        }),
        DEMANDS_AT_MOST,
    );
}

/** What is spoken there: an application's own sidecar knows it, a gateway sees what the sidecar made of it. */
export function spokenAt({ protocols }: Demand): Call["protocol"] | "several" {
    const seen = [...protocols];
    const bySidecars = seen.filter(([, witnesses]) => witnesses.has("sidecar"));
    const [first, ...others] = (bySidecars.length > 0 ? bySidecars : seen).map(([protocol]) => protocol);
    return first === undefined || others.length > 0 ? "several" : first;
}

export function canBeDeclared(protocol: Call["protocol"] | "several"): protocol is DestinationProtocol {
    return protocol !== "several" && protocol !== "udp" && protocol !== "other";
}
