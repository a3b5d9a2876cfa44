import { type Resource, UNKNOWN } from "../resource";
import { type Network } from "./networks";
import { type Directory } from "./references";

/** Organization first, then folders downwards; `undefined` where no resource shows them. */
export function ancestorsOf({ reference }: Network, directory: Directory): readonly string[] | undefined {
    const project = directory
        .ofType("gcp:organizations/project:Project")
        .find(({ inputs }) => reference.project !== undefined && inputs["projectId"] === reference.project);
    if (project === undefined) {
        return undefined;
    }
    const chain: string[] = [];
    // A parent that is not known may be any.
    if ([project.inputs["folderId"], project.inputs["orgId"]].includes(UNKNOWN)) {
        return undefined;
    }
    for (let node = parentOfProject(project.inputs); node !== undefined && !chain.includes(node);) {
        chain.unshift(node);
        const folder = folderNamed(node, directory);
        if (folder === undefined && !node.startsWith("organizations/")) {
            return undefined;
        }
        node = typeof folder?.inputs["parent"] === "string" ? folder.inputs["parent"] : undefined;
    }
    return chain;
}

function folderNamed(node: string, directory: Directory): Resource | undefined {
    return directory
        .ofType("gcp:organizations/folder:Folder")
        .find(({ inputs, name }) => `folders/${String(inputs["folderId"] ?? name)}` === node);
}

function parentOfProject({ folderId, orgId }: Resource["inputs"]): string | undefined {
    if (typeof folderId === "string" && folderId !== "") {
        return folderId.includes("/") ? folderId : `folders/${folderId}`;
    }
    return orgId === undefined ? undefined : `organizations/${String(orgId)}`;
}
