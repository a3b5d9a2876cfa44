/**
 * What other stacks import: the typed, versioned interface of the egress stack on both of its edges.
 *
 * - an application: {@link EgressGateway.fromStack}
 * - a platform: {@link platformOutputs}
 */
export {
    CONTRACT_VERSION,
    type ContractDestination,
    type ContractPort,
    type EgressOutputs,
    egressOutputsSchema,
} from "./egress";
export { EgressError, EgressGateway } from "./egressGateway";
export { type AllowedDestination, type DestinationRequest, type Workload } from "./destinationRequest";
export { type CompletedPodTemplate, type PodTemplate } from "./podTemplate";
export {
    type GooglePlatform,
    googlePlatformSchema,
    type KubernetesPlatform,
    kubernetesPlatformSchema,
    type PlatformFacts,
} from "./platform";
export { egressOutputs, type PlatformInput, type PlatformOutputs, platformOutputs } from "./produced";
export { type StackOutputs } from "./stackOutputs";
