import { isAbandoned, isObject, type Json, type LeftOut, ReaderError } from "../document";
import { type Resource } from "../resource";
import { resourceOf, revealed } from "./values";

/** Of a plan of this project: `plan --json`. */
export function planResources({ resources }: Json): Resource[] {
    return (resources as unknown[]).map((entry, index) => resourceOf(entry, `resources[${index}]`));
}

/** What the stack will be made of: the new state of every step that leaves one. */
export function previewResources(document: Json): Resource[] {
    const steps = (document["steps"] as unknown[]).map((step, index) => {
        if (!isObject(step) || typeof step["op"] !== "string") {
            throw new ReaderError(
                `steps[${index}] of the preview has no "op"; expected the whole output of \`pulumi preview --json\``,
            );
        }
        return { step, index };
    });
    const failed = (Array.isArray(document["diagnostics"]) ? (document["diagnostics"] as unknown[]) : [])
        .filter(isObject)
        .find(({ severity }) => severity === "error");
    if (failed !== undefined) {
        throw new ReaderError(
            `the preview ended with an error: ${String(failed["message"]).trim().split("\n")[0]!}; expected a preview that ran to its end`,
        );
    }
    // A preview names the resources that do not change only when asked to, and those may hold the firewall, or the hole.
    const unchanged = isObject(document["changeSummary"]) ? Number(document["changeSummary"]["same"] ?? 0) : 0;
    const shown = steps.filter(({ step }) => step["op"] === "same").length;
    if (unchanged > shown) {
        throw new ReaderError(
            `the preview counts ${unchanged} unchanged resources and shows ${shown}; run \`pulumi preview --json --show-sames\``,
        );
    }
    const byUrn = new Map<string, Resource>();
    const left: Resource[] = [];
    for (const { step, index } of steps) {
        const { op, newState, oldState } = step;
        if (!LEAVING.test(String(op))) {
            if (isObject(newState)) {
                const resource = resourceOf(newState, `steps[${index}].newState`);
                byUrn.set(resource.urn, resource);
            }
        } else if (isObject(oldState)) {
            left.push(...leftBehind(oldState, String(op), `steps[${index}].oldState`));
        }
    }
    return [...byUrn.values(), ...left];
}

/** What the update takes away, and nothing of it stays. */
export function deletedByPreview(document: Json): LeftOut[] {
    return (document["steps"] as Json[]).flatMap(({ op, oldState }) =>
        LEAVING.test(String(op)) && isObject(oldState) && leftBehind(oldState, String(op), "oldState").length === 0
            ? [{ what: String(oldState["type"]), why: "the update deletes it" }]
            : [],
    );
}

/** Steps after which the state no longer has the resource (`sdk/go/common/apitype`, `OpType`). */
const LEAVING = /^(delete|discard|remove)/;

/** What stays in the cloud although the stack lets go of it. */
function leftBehind(state: Json, op: string, path: string): Resource[] {
    const stays = op.startsWith("discard") || state["retainOnDelete"] === true || isAbandonedState(state);
    const resource = resourceOf(state, path);
    // Its successor, if it has one, keeps the URN.
    const left = { ...resource, urn: `${resource.urn} (left behind)` };
    if (stays) {
        return [left];
    }
    if (op.startsWith("remove")) {
        return [{ ...left, doubt: "it is removed from the state only, and nothing shows whether it still exists" }];
    }
    return state["deletedWith"] === undefined || state["deletedWith"] === ""
        ? []
        : [
              {
                  ...left,
                  doubt: `nobody deletes it but whoever deletes ${String(state["deletedWith"])} with all it holds`,
              },
          ];
}

function isAbandonedState({ inputs, outputs }: Json): boolean {
    return [inputs, outputs].filter(isObject).some(values => isAbandoned(revealed(values) as Json));
}

/** Of `pulumi stack export`. */
export function stateResources(document: Json): Resource[] {
    const deployment = document["deployment"] as Json;
    const pending = deployment["pending_operations"];
    if (Array.isArray(pending) && pending.length > 0) {
        throw new ReaderError(
            `the state has ${pending.length} operations that were interrupted, so it does not tell what exists; run \`pulumi refresh\` and export it again`,
        );
    }
    if (deployment["resources"] !== undefined && !Array.isArray(deployment["resources"])) {
        throw new ReaderError(
            'the state has a "deployment" whose "resources" are no list; expected the whole output of `pulumi stack export`',
        );
    }
    return ((deployment["resources"] as unknown[] | undefined) ?? []).map((entry, index) => {
        const resource = resourceOf(entry, `deployment.resources[${index}]`);
        const { delete: doomed, pendingReplacement } = entry as Json;
        if (doomed === true) {
            return {
                ...resource,
                // Its successor has the same URN.
                urn: `${resource.urn} (waits for its deletion)`,
                doubt: "it waits for its deletion, and exists until the next `pulumi up`",
            };
        }
        return pendingReplacement === true
            ? { ...resource, doubt: "it has been deleted, and exists again after the next `pulumi up`" }
            : resource;
    });
}
