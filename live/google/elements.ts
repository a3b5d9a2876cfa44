import { type Json } from "../../containment/document";
import { type GoogleApi } from "./api";
import { type Project } from "./project";

/** Lists of Compute Engine that are of a project as a whole; others are of all its regions and zones. */
const GLOBAL = ["networks", "firewalls", "routes"];

/** What a project has of one kind: each with its place, for example `zones/europe-west1-b`. */
export async function elementsOf(
    project: Project,
    collection: string,
): Promise<(readonly [place: string, element: Json])[]> {
    const permission = `compute.${collection}.list`;
    return GLOBAL.includes(collection)
        ? (await project.api.list(project.question(`/global/${collection}`, permission))).map(each => ["global", each])
        : project.api.aggregated(project.question(`/aggregated/${collection}`, permission), collection);
}

/** Every rule that is in effect in a network: `firewallPolicys` in the order of their evaluation, and classic `firewalls`. */
export function effectiveFirewalls(project: Project, network: string): Promise<Json> {
    const path = `/global/networks/${network}/getEffectiveFirewalls`;
    return project.api.get(project.question(path, "compute.networks.getEffectiveFirewalls"));
}

/** @param path `projects/…/locations/…/clusters/…` */
export function clusterAt(api: GoogleApi, path: string): Promise<Json | undefined> {
    return api.find({ service: "container", path, permission: "container.clusters.get" });
}
