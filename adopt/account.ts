import { type Adopted, labelOf } from "./objects";
import { type Part } from "./part";

export type Fate = "carried" | "changed" | "not carried";

/** What has become of one field of an object, and why. */
export interface Row {
    readonly object: string;
    readonly field: string;
    readonly fate: Fate;
    readonly how: string;
    readonly value?: unknown;
}

/** Keeps account of every field. */
export class Account {
    private readonly all: Row[] = [];

    tell(object: Adopted, part: Part, fate: Fate, how: string): void {
        this.all.push({ object: labelOf(object), field: part.path, fate, how, value: part.shown() });
    }

    /** Tells it of a field with everything below, where it is there. */
    tellWhole(object: Adopted, part: Part, fate: Fate, how: string): void {
        if (part.whole()) {
            this.tell(object, part, fate, how);
        }
    }

    /** Tells it of a field of which these parts are known; others in it are told for themselves. */
    tellKnown(object: Adopted, part: Part, keys: readonly string[], fate: Fate, how: string): void {
        const known = keys.filter(key => part.at(key).whole());
        known.forEach(key => this.tell(object, part.at(key), fate, how));
    }

    /** What nobody has read of an object has no meaning here that anybody knew. */
    close(object: Adopted): void {
        for (const part of [object.spec, ...object.others].flatMap(one => one.unread())) {
            this.tell(object, part, "not carried", "a destination has nothing that says this");
        }
    }

    get rows(): readonly Row[] {
        return this.all;
    }
}
