import { stringify } from "yaml";
import { kubernetesObjects } from "../plan/kubernetesObjects";
import { planOffline } from "../plan/offline";
import { PROJECT_DIRECTORY } from "../project";
import { type PlanOptions } from "./plan";

/** Prints what the stack puts into the cluster, for review, `istioctl analyze` or GitOps. */
export async function render(options: PlanOptions): Promise<void> {
    const objects = kubernetesObjects((await planOffline(PROJECT_DIRECTORY, options.stack)).resources);
    console.log(
        options.json === true
            ? JSON.stringify(objects, undefined, 2)
            : objects
                  .map(object => `---\n${stringify(object, { lineWidth: 140, aliasDuplicateObjects: false })}`)
                  .join(""),
    );
}
