import { isAddress } from "../../base/cidr";
import { type Destination } from "../../settings/schema";
import { type Problem } from "../../base/problem";
import { virtualAddressOf } from "./names";

/** Two destinations that clients would know by one virtual address; a hash of the host gives one in 16 million. */
export function virtualAddressProblems(destinations: readonly Destination[]): Problem[] {
    const taken = new Map<string, Destination>();
    return destinations.flatMap(destination =>
        destination.ports.flatMap((port, index): Problem[] => {
            if (port.protocol !== "tcp" || isAddress(destination.host)) {
                return [];
            }
            const address = port.virtualAddress ?? virtualAddressOf(destination.host);
            const earlier = taken.get(address);
            taken.set(address, earlier ?? destination);
            return earlier === undefined || earlier === destination
                ? []
                : [
                      {
                          path: `${destination.source}.ports[${index}].virtualAddress`,
                          given: port.virtualAddress,
                          expected: `another address than ${address}, which ${earlier.host} (${earlier.source}) has`,
                          remedy: "Write any other address in 241.0.0.0/8.",
                      },
                  ];
        }),
    );
}
