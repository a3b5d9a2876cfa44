import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../../base/problem";
import { cuts } from "../../declared/perimeterChange";

/**
 * Refuses, at preview already, a change that takes the way out from nodes or connections that are still there. The engine
 * alone knows what was deployed last, and tells it to hooks.
 */
export function keepsWhatIsInUse(name: string): pulumi.ResourceHook {
    return new pulumi.ResourceHook(
        `${name}-keeps-what-is-in-use`,
        ({ oldInputs, newInputs }) => {
            const problems = cuts((oldInputs ?? {}) as Inputs, (newInputs ?? {}) as Inputs);
            if (problems.length > 0) {
                throw new InputError("the gateway would lose its way out before the new one is there", problems);
            }
        },
        { onDryRun: true },
    );
}

type Inputs = Readonly<Record<string, unknown>>;
