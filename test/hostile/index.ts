import { type HostileCase } from "./case";
import { clientCaptureCases } from "./clientCapture";
import { clientPodCases } from "./clientPods";
import { gatewayAccessCases } from "./gatewayAccess";
import { gatewayOwnerCases } from "./gatewayOwner";
import { gatewayPodCases } from "./gatewayPods";
import { meshCases } from "./mesh";
import { nodeCases } from "./nodes";
import { placementCases } from "./placement";
import { serviceCases } from "./services";
import { tolerationCases } from "./tolerations";

export type {
    ConnectRequest,
    CreateRequest,
    DeleteRequest,
    HostileCase,
    PermittedRequest,
    Request,
    Sender,
    SentObject,
    SystemRequest,
    UpdateRequest,
} from "./case";
export { catalogueSettings } from "./surroundings";
export { systemRequests } from "./system";

/** Every hostile request, each with its benign twin. Nothing is refused by more than one rule. */
export const hostileCases: readonly HostileCase[] = [
    ...tolerationCases,
    ...placementCases,
    ...nodeCases,
    ...gatewayPodCases,
    ...gatewayOwnerCases,
    ...gatewayAccessCases,
    ...clientPodCases,
    ...clientCaptureCases,
    ...serviceCases,
    ...meshCases,
];
