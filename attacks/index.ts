import { type HostileCase } from "./case";
import { clientCaptureCases } from "./clientCapture";
import { clientNodeCases } from "./clientNode";
import { clientPodCases } from "./clientPods";
import { gatewayAccessCases } from "./gatewayAccess";
import { gatewayChangeCases } from "./gatewayChanges";
import { gatewayMakerCases } from "./gatewayMakers";
import { gatewayOwnerCases } from "./gatewayOwner";
import { gatewayPodCases } from "./gatewayPods";
import { meshCases } from "./mesh";
import { nodeCases } from "./nodes";
import { placementCases } from "./placement";
import { serviceCases } from "./services";
import { tolerationCases } from "./tolerations";

export type { HostileCase, Request, Sender, SentObject } from "./case";
export { catalogueSettings } from "./surroundings";
export { systemRequests } from "./system";

/** Every hostile request, each with its benign twin. Nothing is refused by more than one rule. */
export const hostileCases: readonly HostileCase[] = [
    ...tolerationCases,
    ...placementCases,
    ...nodeCases,
    ...gatewayPodCases,
    ...gatewayMakerCases,
    ...gatewayOwnerCases,
    ...gatewayChangeCases,
    ...gatewayAccessCases,
    ...clientPodCases,
    ...clientNodeCases,
    ...clientCaptureCases,
    ...serviceCases,
    ...meshCases,
];
