import { sayData } from "../output";
import { printableJson } from "../../base/printable";
import { stringify } from "yaml";
import { kubernetesObjects } from "../../components/kubernetesObject";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { type PlanOptions } from "./plan";

/** Prints what the stack puts into the cluster, for review, `istioctl analyze` or GitOps. */
export async function render(options: PlanOptions): Promise<void> {
    const objects = kubernetesObjects((await planOffline(PROJECT_DIRECTORY, options.stack)).resources);
    sayData(
        options.json === true
            ? printableJson(objects)
            : objects
                  .map(object => `---\n${stringify(object, { lineWidth: 140, aliasDuplicateObjects: false })}`)
                  .join(""),
    );
}
