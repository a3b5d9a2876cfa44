import { addressSet } from "../../../settings/natAddresses";
import { type GoogleSettings } from "../../../settings/googleNames";
import { agrees, contradicts, type PreflightCheck } from "../check";
import { type AddressFacts } from "./facts";
import { type OwnNames } from "./network";

/** The addresses that the settings name, and that somebody else has reserved. */
export function reservedAddresses({ nat }: Pick<GoogleSettings, "nat">): readonly string[] {
    return [nat.addresses, nat.drainingAddresses].flatMap(written => addressSet(written).reserved);
}

/** Cloud NAT takes addresses that are external, of the premium tier and of its region, and that nothing else uses. */
export function addressChecks(
    settings: Pick<GoogleSettings, "nat" | "google">,
    addresses: readonly AddressFacts[],
    own: OwnNames,
): PreflightCheck[] {
    const { region } = settings.google;
    return reservedAddresses(settings).map(name => {
        const subject = {
            id: `address/${name}`,
            subject: `reserved address ${name}`,
            expected: `an external IPv4 address of ${region} in the premium tier that nothing else uses`,
        };
        const found = addresses.find(address => address.name === name);
        if (found === undefined) {
            return contradicts(
                subject,
                `${region} has no address of this name`,
                "Correct the name in egress-gateway:nat.addresses, or reserve it (`gcloud compute addresses create`): `up` would fail.",
            );
        }
        const { address, ipVersion, networkTier, type } = found;
        if (type !== "EXTERNAL" || networkTier !== "PREMIUM" || ipVersion !== "IPV4") {
            return contradicts(
                subject,
                `${address} is ${type}, ${networkTier}, ${ipVersion}`,
                "Cloud NAT takes it not, or not beside others: name another in egress-gateway:nat.addresses.",
            );
        }
        const others = found.users.filter(user => user !== `routers/${own.router}`);
        return others.length === 0
            ? agrees(subject, address)
            : contradicts(
                  subject,
                  `${address} is used by ${others.join(", ")}`,
                  "An address serves one thing at a time: let it go there first, and expect connections to end that leave by it.",
              );
    });
}
