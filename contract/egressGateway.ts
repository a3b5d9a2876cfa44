import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../base/problem";
import {
    type AllowedDestination,
    answer,
    destinationOf,
    type DestinationRequest,
    mayUse,
    type Workload,
} from "./destinationRequest";
import { type ContractDestination, type EgressOutputs } from "./egress";
import { EGRESS_OUTPUT_NAMES, egressOutputsOf } from "./egressStack";
import { completed, type CompletedPodTemplate, type PodTemplate } from "./podTemplate";
import { refusalText } from "./refusal";
import { type StackOutputs, stackOutputs } from "./stackOutputs";

/** A program that needs what the egress gateway does not give. The engine prints its message without a stack trace. */
export class EgressError extends pulumi.RunError {
    public override readonly name = "EgressError";
}

/**
 * The egress gateway, as an application's own Pulumi program sees it:
 *
 * ```ts
 * export = async () => {
 *     const egress = await EgressGateway.fromStack("organization/egress-gateway/dev");
 *     const stripe = egress.requireDestination({ host: "api.stripe.com", namespace: "payments", serviceAccount: "api" });
 *     // stripe.url is "https://api.stripe.com"
 * };
 * ```
 *
 * Everything is plain data, not an Output: the engine knows the outputs of another stack in a preview, so a destination that
 * is not allowed fails the preview, and what is composed from an address is known to policies. That is why
 * {@link EgressGateway.fromStack} is asynchronous, and the program exports an async function.
 */
export class EgressGateway {
    private constructor(
        /** Full name of the egress stack: `organization/<project>/<stack>`. */
        public readonly stack: string,
        private readonly outputs: EgressOutputs,
    ) {}

    /**
     * Reads the egress stack's outputs.
     *
     * @param stack `organization/<project>/<stack>`, or a reference that the program has already: Pulumi registers a
     * reference by its name, so there can be one for each stack.
     * @throws EgressError, each with its own message: the stack was never deployed, is no egress gateway, lacks outputs or
     * has them as secrets, or speaks another version of the contract. A stack that the backend does not know is refused by
     * the engine itself (`unknown stack "…"`), before this program is asked.
     */
    static async fromStack(stack: string | pulumi.StackReference): Promise<EgressGateway> {
        const reference = typeof stack === "string" ? new pulumi.StackReference(stack) : stack;
        return EgressGateway.fromOutputs(await stackOutputs(reference, EGRESS_OUTPUT_NAMES));
    }

    /**
     * The same from outputs that are at hand, for tests and for programs that get them another way.
     *
     * @throws EgressError
     */
    static fromOutputs(outputs: StackOutputs): EgressGateway {
        try {
            return new EgressGateway(outputs.stack, egressOutputsOf(outputs));
        } catch (error) {
            throw error instanceof InputError ? new EgressError(error.message) : error;
        }
    }

    /** Source addresses of everything that leaves, by whichever gateway; {@link natAddressesFor} has those of one destination. */
    get natAddresses(): readonly string[] {
        return this.outputs.natAddresses;
    }

    /**
     * Source addresses of what leaves for a destination, for its owner's allow-list: those of the destination's own gateway alone.
     *
     * @throws EgressError for a host that the gateway does not lead to
     */
    natAddressesFor(host: string): readonly string[] {
        const destination = destinationOf(host, this.destinations);
        if (destination === undefined) {
            throw new EgressError(
                `the egress gateway (${this.stack}) leads to no ${host}; it leads to ${this.destinations.map(one => one.host).join(", ")}`,
            );
        }
        const { gateways = {}, natAddresses } = this.outputs;
        const others = Object.values(gateways).flatMap(gateway => gateway.natAddresses);
        return destination.gateway === undefined
            ? natAddresses.filter(address => !others.includes(address))
            : (gateways[destination.gateway]?.natAddresses ?? []);
    }

    /** The gateway itself: its namespace, the host name of its Service, the mesh's trust domain. */
    get gateway(): EgressOutputs["gateway"] {
        return this.outputs.gateway;
    }

    /** Everything that the gateway leads to, with who may use it. */
    get destinations(): readonly ContractDestination[] {
        return this.outputs.destinations;
    }

    /** What one workload may use. */
    destinationsFor(workload: Workload): readonly ContractDestination[] {
        return this.destinations.filter(destination => mayUse(workload, destination));
    }

    /**
     * How a workload addresses a destination that it needs.
     *
     * @throws EgressError when it may not use it: what is missing, which list to change and whom to ask, and what comes near.
     */
    requireDestination(request: DestinationRequest): AllowedDestination {
        return this.requireDestinations([request])[0];
    }

    /**
     * Several destinations, in the order of the requests.
     *
     * @throws EgressError with everything that is missing, so that one request to the owners is enough.
     */
    requireDestinations<const T extends readonly DestinationRequest[]>(
        requests: T,
    ): { readonly [K in keyof T]: AllowedDestination } {
        const allowed: AllowedDestination[] = [];
        const refused: string[] = [];
        for (const request of requests) {
            const result = answer(request, this.destinations);
            if ("allowed" in result) {
                allowed.push(result.allowed);
            } else {
                refused.push(refusalText(request, result.refusal, this.destinations, this.stack));
            }
        }
        if (refused.length > 0) {
            const subject =
                refused.length === 1 ? "what this program needs" : `${refused.length} things that this program needs`;
            throw new EgressError(
                `the egress gateway (${this.stack}) does not allow ${subject}\n${refused.join("\n")}`,
            );
        }
        return allowed as { readonly [K in keyof T]: AllowedDestination };
    }

    /**
     * Completes a workload's pod template with what its destinations ask of it and nothing else: the service account, the
     * label that injects a sidecar, and DNS capture where a `tcp` destination is among them.
     *
     * @throws EgressError when the template contradicts the destinations, with every contradiction.
     */
    podTemplate<T extends PodTemplate>(
        destinations: readonly AllowedDestination[],
        template: T,
    ): CompletedPodTemplate<T> {
        const result = completed(template, destinations, this.gateway.revision);
        if ("problems" in result) {
            throw new EgressError(
                `the pod template cannot reach its destinations\n${result.problems.map(line => `  ${line}`).join("\n")}`,
            );
        }
        return result.template;
    }
}
