import * as pulumi from "@pulumi/pulumi";
import { MESH } from "../../declared/mesh";
import { registerObject } from "../registerObject";
import { DEFAULT_DENY } from "./authorization";
import { compileMesh, type MeshSettings } from "./compile";
import { meshDeclaration } from "./declaration";
import { type IstioObject } from "./istioObject";

/**
 * The routes to the gateway and out of it, and who may take them. The component's own inputs are the declaration that the
 * objects follow from.
 */
export class Mesh extends pulumi.ComponentResource {
    constructor(name: string, settings: MeshSettings, opts?: pulumi.ComponentResourceOptions) {
        super(MESH.type, name, meshDeclaration(settings), opts);

        const objects = compileMesh(settings);
        const denials = objects.filter(isDefaultDeny).map(object => registerObject(object, { parent: this }));
        for (const object of objects.filter(object => !isDefaultDeny(object))) {
            // No server of the gateway opens before the policy that denies, and on the way down it goes last.
            registerObject(object, { parent: this, dependsOn: denials });
        }
        this.registerOutputs({});
    }
}

function isDefaultDeny({ kind, metadata }: IstioObject): boolean {
    return kind === "AuthorizationPolicy" && metadata.name === DEFAULT_DENY;
}
