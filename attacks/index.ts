import { type HostileCase, type SentObject } from "./case";
import { clientCaptureCases } from "./clientCapture";
import { clientNodeCases } from "./clientNode";
import { clientPodCases } from "./clientPods";
import { clientPolicyCases } from "./clientPolicies";
import { clusterDnsCases } from "./clusterDns";
import { gatewayAccessCases } from "./gatewayAccess";
import { gatewayChangeCases } from "./gatewayChanges";
import { gatewayMakerCases } from "./gatewayMakers";
import { gatewayOwnerCases } from "./gatewayOwner";
import { gatewayPodCases } from "./gatewayPods";
import { meshCases } from "./mesh";
import { nodeCases } from "./nodes";
import { placementCases } from "./placement";
import { resolverCases } from "./resolver";
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
    ...resolverCases,
    ...clusterDnsCases,
    ...clientPolicyCases,
    ...clientPodCases,
    ...clientNodeCases,
    ...clientCaptureCases,
    ...serviceCases,
    ...meshCases,
];

const BY_ID = new Map(hostileCases.map(hostile => [hostile.id, hostile]));

/** A case that creates an object, with that of its twin. @throws Error when there is no such case */
export function creation(id: string): {
    readonly rule: HostileCase["rule"];
    readonly bypass: number | undefined;
    readonly hostile: SentObject;
    readonly benign: SentObject;
} {
    const { rule, bypass, request, twin } = BY_ID.get(id) ?? {};
    if (rule === undefined || request?.operation !== "create" || twin?.request.operation !== "create") {
        throw new Error(`${id} is no case of the catalogue that creates an object`);
    }
    return { rule, bypass, hostile: request.object, benign: twin.request.object };
}
