import * as pulumi from "@pulumi/pulumi";
import { EgressGateway } from "egress-gateway-contract";

/**
 * Two teams, each behind a gateway of its own: what their partners put on their allow-lists. It registers nothing; a team that may not use
 * its destination is refused here, as in any program that asks the contract.
 */
export = async () => {
    const egress = await EgressGateway.fromStack(new pulumi.Config().require("egressStack"));

    const [bank, supplier] = egress.requireDestinations([
        { namespace: "payments", serviceAccount: "ledger", host: "bank.example.com", port: 8443 },
        { namespace: "orders", serviceAccount: "web", host: "db.example.com", port: 5432 },
    ]);

    return {
        // The bank lets in what leaves by the gateway of payments, and what orders sends is not among it.
        bank: { reachedAs: bank.address, lists: egress.natAddressesFor("bank.example.com") },
        supplier: { reachedAs: supplier.address, lists: egress.natAddressesFor("db.example.com") },
    };
};
