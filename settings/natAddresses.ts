import { type Problem } from "../base/problem";
import { type Sections } from "./schema";

/** Addresses of a NAT: those that the stack reserves itself, which have numbers, and those that were reserved before it, by name. */
export interface AddressSet {
    readonly made: number;
    readonly reserved: readonly string[];
}

export function addressSet(written: Sections["nat"]["addresses"] | Sections["nat"]["drainingAddresses"]): AddressSet {
    return typeof written === "number"
        ? { made: written, reserved: [] }
        : {
              made: written.reduce((sum, entry) => sum + (entry.new ?? 0), 0),
              reserved: written.flatMap(({ name }) => name ?? []),
          };
}

function addressCount({ made, reserved }: AddressSet): number {
    return made + reserved.length;
}

/** Addresses that new connections leave by. */
export function servingAddresses({ addresses }: Sections["nat"]): number {
    return addressCount(addressSet(addresses));
}

/** Addresses of one NAT (Cloud NAT documentation, "Quotas and limits"). */
const MOST_ADDRESSES = 350;

/** @param natAddress The name that the stack gives to the n-th address of its own. */
export function addressProblems(nat: Sections["nat"], natAddress?: (number: number) => string): Problem[] {
    const [serving, draining] = [addressSet(nat.addresses), addressSet(nat.drainingAddresses)];
    const total = addressCount(serving) + addressCount(draining);
    const own = natAddress === undefined ? [] : numbers(1, serving.made + draining.made).map(natAddress);
    const places = [
        ...serving.reserved.map(name => ["egress-gateway:nat.addresses", name] as const),
        ...draining.reserved.map(name => ["egress-gateway:nat.drainingAddresses", name] as const),
    ];
    return [
        ...(total <= MOST_ADDRESSES
            ? []
            : [
                  {
                      path: "egress-gateway:nat.drainingAddresses",
                      given: nat.drainingAddresses,
                      expected: `at most ${MOST_ADDRESSES} addresses together with nat.addresses, which has ${addressCount(serving)}`,
                      remedy: "Let fewer drain at a time.",
                  },
              ]),
        ...places.flatMap(([path, name], index): Problem[] =>
            places.findIndex(([, other]) => other === name) < index
                ? [
                      {
                          path,
                          given: name,
                          expected: "each address once: it either takes new connections or drains",
                          remedy: "Remove one of the two.",
                      },
                  ]
                : own.includes(name)
                  ? [
                        {
                            path,
                            given: name,
                            expected: "an address that this stack does not make itself",
                            remedy: "It is one of `new`, or of the number: remove the name.",
                        },
                    ]
                  : [],
        ),
    ];
}

export function numbers(first: number, last: number): number[] {
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
