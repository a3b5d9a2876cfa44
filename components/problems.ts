import { type Settings } from "../settings/settings";
import { type Problem } from "../base/problem";
import { guardSettings } from "./guard/fromSettings";
import { guardProblems } from "./guard/problems";
import { virtualAddressProblems } from "./mesh/virtualAddresses";

/** What settings that are good in themselves would make of the components: a guard that guards nothing, names that meet. */
export function componentProblems(settings: Settings): Problem[] {
    return [
        ...(settings.disabledComponents.has("guard") ? [] : guardProblems(guardSettings(settings))),
        ...virtualAddressProblems(settings.destinations),
    ];
}
