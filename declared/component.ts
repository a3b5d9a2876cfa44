import { type Resource } from "../base/resource";
import { type Fact, factOf, known, type Shapes, untold } from "./fact";

/**
 * A component of this program: its type token, which is part of every URN and so never changes, and what it registers. The
 * component registers through it, and the proof and the policies read through it, so that neither side can part from the other.
 */
export interface ComponentType<Inputs> {
    readonly type: string;
    readonly inputs: Shapes<Inputs>;
}

/** One component as a stack registered it. No key has a default: what is not registered is not known. */
export class Registered<Inputs> {
    constructor(
        private readonly component: ComponentType<Inputs>,
        readonly resource: Resource,
    ) {}

    get urn(): string {
        return this.resource.urn;
    }

    read<K extends keyof Inputs & string>(key: K): Fact<Inputs[K]> {
        const value = this.resource.inputs[key];
        const shape = this.component.inputs[key];
        return value === undefined && factOf(value, key, this.urn, shape).known === false
            ? untold(
                  `${this.urn} does not register ${key}, so it is not known; plan, preview or update it with this version of the program`,
              )
            : factOf(value, key, this.urn, shape);
    }

    /** Several keys at once, with every reason where one of them cannot be told. */
    readAll<K extends keyof Inputs & string>(...keys: readonly K[]): Fact<Pick<Inputs, K>> {
        const facts = keys.map(key => [key, this.read(key)] as const);
        const reasons = facts.flatMap(([, fact]) => (fact.known ? [] : fact.reasons));
        return reasons.length > 0
            ? untold(...reasons)
            : known(
                  Object.fromEntries(facts.map(([key, fact]) => [key, fact.known ? fact.value : undefined])) as Pick<
                      Inputs,
                      K
                  >,
              );
    }
}

/** The components of a type, in the order of their registration. */
export function registeredAs<Inputs>(
    component: ComponentType<Inputs>,
    resources: readonly Resource[],
): Registered<Inputs>[] {
    return resources
        .filter(({ type }) => type === component.type)
        .map(resource => new Registered<Inputs>(component, resource));
}
