import { type AdmissionControl } from "./admission";
import { type AdmissionRequest, type Undertaking } from "./admissionRequest";
import { search, type SearchOutcome } from "./search";
import { looksAlike } from "./tracked";
import { type Trust } from "./trust";

interface Made {
    readonly request: AdmissionRequest;
    /** Its objects, whole. */
    readonly text: string;
    readonly outcome: SearchOutcome;
}

/** Searches under the same policies: what is closed to one request is closed to all that look like it where its refusals look. */
export class Searches {
    private readonly made = new Map<string, Made[]>();

    constructor(
        private readonly control: AdmissionControl,
        private readonly trust: Trust,
    ) {}

    /** One request by itself first: what refuses it under every choice refuses the whole. */
    outcomeOf(undertaking: Undertaking): SearchOutcome {
        const { requests, foremost } = undertaking;
        const alone = this.outcomeOfOne(foremost === "first" ? requests[0]! : requests.at(-1)!, undertaking);
        return alone.kind === "closed" || requests.length === 1 ? alone : search(undertaking, this.control, this.trust);
    }

    private outcomeOfOne(request: AdmissionRequest, undertaking: Undertaking): SearchOutcome {
        const { object, oldObject, ...others } = request;
        const key = JSON.stringify([others, undertaking.asWritten]);
        const text = JSON.stringify([object, oldObject]);
        const made = this.made.get(key) ?? [];
        this.made.set(key, made);
        const known = made.find(one => one.text === text || isClosedAlike(one, request));
        if (known !== undefined) {
            return known.outcome;
        }
        const outcome = search({ ...undertaking, requests: [request] }, this.control, this.trust);
        made.push({ request, text, outcome });
        return outcome;
    }
}

/** @param other differs in its objects alone, so that whatever else the refusals rest on is the same */
function isClosedAlike({ request, outcome }: Made, other: AdmissionRequest): boolean {
    return outcome.kind === "closed" && outcome.restsOn !== undefined && looksAlike(outcome.restsOn, request, other);
}
