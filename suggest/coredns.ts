import { endpointOf, named } from "./fields";
import { INSIDE, leftOut, type Observation } from "./observation";

/** CoreDNS' common format (`plugin/log`): `[INFO] 10.4.0.7:45678 - 29008 "A IN example.org. udp 41 false 4096" NOERROR qr,rd,ra 68 0.03s`. */
const COMMON = /^\[INFO\] (\S+:\d+) - \d+ "(\S+) IN (\S+) \S+ \d+ \S+ \d+" (\S+) \S+ \d+ [\d.]+m?s$/;

/** The resolver's own (`components/resolver/corefile.ts`): `[INFO] undeclared A IN example.org. udp 10.4.0.7 NXDOMAIN`. */
const OWN = /^\[INFO\] (?:undeclared|empty) (\S+) IN (\S+) (?:udp|tcp) (\S+) (\S+)$/;

export function readCoreDns(line: string, at: number | undefined): Observation {
    const common = COMMON.exec(line);
    const own = common === null ? OWN.exec(line) : null;
    const [type, name, code] =
        common !== null ? [common[2]!, common[3]!, common[4]!] : own !== null ? [own[1]!, own[2]!, own[4]!] : [];
    if (type === undefined) {
        // It also writes what it does: reloads, plugins.
        return leftOut("no format that is known here");
    }
    const address = common !== null ? endpointOf(common[1])?.address : own![3];
    const asked = named(name!);
    if (asked.kind === "none" || address === undefined) {
        return leftOut("a name that no host has");
    }
    return asked.kind !== "host" || (type !== "A" && type !== "AAAA")
        ? INSIDE
        : {
              kind: "question",
              name: asked.host,
              client: { address },
              answered: code === "NOERROR",
              ...(at === undefined ? {} : { at }),
          };
}
