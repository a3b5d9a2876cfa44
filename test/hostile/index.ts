import { type HostileCase } from "./case";
import { clientCaptureCases } from "./clientCapture";
import { clientPodCases } from "./clientPods";
import { gatewayNamespaceCases } from "./gatewayNamespace";
import { meshCases } from "./mesh";
import { nodeCases } from "./nodes";
import { schedulingCases } from "./scheduling";
import { serviceCases } from "./services";

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
export { BYPASSES } from "./bypasses";
export { catalogueSettings } from "./surroundings";
export { systemRequests } from "./system";

/** Every hostile request, each with its benign twin. Nothing is refused by more than one rule. */
export const hostileCases: readonly HostileCase[] = [
    ...schedulingCases,
    ...nodeCases,
    ...gatewayNamespaceCases,
    ...clientPodCases,
    ...clientCaptureCases,
    ...serviceCases,
    ...meshCases,
];
