import { closest } from "../base/words";
import { BITS } from "../containment/kernel/address";
import { PUBLIC } from "../containment/kernel/specialAddresses";
import { common, rangeOf } from "./perimeter/publicAddresses";
import { DEFAULT_SETTINGS, type PackSettings, SETTINGS, type SettingKey } from "./settings";

/** A range with more public addresses than one of this length is a good part of the internet, not a service. */
const SHORTEST_PREFIX = { 4: 16, 6: 32 } as const;

/** Settings that let something pass, with what makes a value of theirs so wide that the rule is off. */
const WIDE: Partial<Record<SettingKey, (value: string) => boolean>> = {
    allowedEgress: value => isWideRange(value),
    allowedNats: isAnything,
    deployers: value => isAnything(value) || /^all(Authenticated)?Users$/.test(value),
    gatewayAccounts: isAnything,
    gatewayProjects: isAnything,
    gatewaySubnets: isAnything,
    gatewayTags: isAnything,
    reviewedHosts: isAnything,
    systemNamespaces: isAnything,
    // A star in front of a top-level domain, or of nothing.
    wildcardHosts: value => /^\*?(\.?[^.]*)?$/.test(value),
};

/**
 * The settings without the values that nobody allowed, and what is wrong with those that were written, each as a sentence with
 * its place. The schema has seen to the form of what it knows.
 *
 * @param given as written, before defaults
 * @param today in UTC, `2026-11-30`
 */
export function checkedSettings<T extends PackSettings>(
    settings: T,
    given: object,
    ruleNames: ReadonlySet<string>,
    today: string,
): { readonly settings: T; readonly problems: readonly string[] } {
    const { kept, problems } = withoutWide(settings, today);
    return {
        settings: { ...settings, ...kept, waivers: settings.waivers.filter(({ expires }) => counts(expires, today)) },
        problems: [
            ...keyProblems(given),
            ...rangeProblems(settings),
            ...namespaceProblems(settings),
            ...problems,
            ...allowanceProblems(settings, today),
            ...waiverProblems(settings, ruleNames, today),
        ],
    };
}

function keyProblems(given: object): string[] {
    const known = Object.keys(DEFAULT_SETTINGS);
    return Object.keys(given)
        .filter(key => !known.includes(key))
        .map(key => `${key} is no setting of this pack${meant(key, known)}.`);
}

function meant(name: string, known: readonly string[]): string {
    const nearest = closest(name, known);
    return nearest === undefined ? "" : `; ${nearest} is meant, perhaps`;
}

function rangeProblems({ allowedEgress }: PackSettings): string[] {
    return allowedEgress.flatMap((range, index) =>
        rangeOf(range) === undefined
            ? [`allowedEgress[${index}] is "${range}", expected a range such as 199.36.153.4/30.`]
            : [],
    );
}

function namespaceProblems(settings: PackSettings): string[] {
    const { controlPlaneNamespace, furtherGateways, gatewayNamespace, systemNamespaces } = settings;
    const taken = [controlPlaneNamespace, ...systemNamespaces];
    return [
        ...(taken.includes(gatewayNamespace)
            ? [
                  `gatewayNamespace is "${gatewayNamespace}", where others run as well; the gateway has a namespace of its own, and what runs elsewhere is not held to its rules.`,
              ]
            : []),
        ...furtherGateways
            .filter(({ namespace }) => [...taken, gatewayNamespace].includes(namespace))
            .map(
                ({ namespace }) =>
                    `the namespace of a further gateway is "${namespace}", where others run as well; each gateway has a namespace of its own.`,
            ),
    ];
}

/** A value without a reason or past its end allows nothing. */
function withoutWide(
    settings: PackSettings,
    today: string,
): { readonly kept: Partial<PackSettings>; readonly problems: readonly string[] } {
    const kept: Partial<Record<SettingKey, readonly string[]>> = {};
    const problems: string[] = [];
    for (const [key, isWide] of Object.entries(WIDE) as [SettingKey, (value: string) => boolean][]) {
        const values = settings[key] as readonly string[];
        const standard = SETTINGS[key].default as readonly string[];
        const refused = values.filter(
            value =>
                isWide(value) &&
                !standard.includes(value) &&
                !settings.allowances.some(
                    ({ setting, value: allowed, reason, expires }) =>
                        setting === key && allowed === value && stated(reason) && isDate(expires) && expires >= today,
                ),
        );
        if (refused.length > 0) {
            kept[key] = values.filter(value => !refused.includes(value));
            problems.push(
                ...refused.map(
                    value =>
                        `${key} has "${value}", which switches off what it is an exception of, and so it counts for nothing; write narrower values, or an entry of allowances with setting, value, reason and expires (a day to come, such as ${today.slice(0, 4)}-12-31).`,
                ),
            );
        }
    }
    return { kept: kept as Partial<PackSettings>, problems };
}

function allowanceProblems({ allowances, ...settings }: PackSettings, today: string): string[] {
    return allowances.flatMap(({ setting, value, reason, expires }, index) => {
        const at = `allowances[${index}]`;
        const values = (settings as Readonly<Record<string, unknown>>)[setting ?? ""];
        return [
            ...(stated(reason)
                ? []
                : [`${at} has no reason: an allowance names a setting, a value, the reason and an end.`]),
            ...(Array.isArray(values) && values.includes(value)
                ? []
                : [`${at} is for "${value}" in ${setting}, and no such value stands there.`]),
            ...dateProblems(at, expires, today, true),
        ];
    });
}

function waiverProblems({ waivers }: PackSettings, ruleNames: ReadonlySet<string>, today: string): string[] {
    return waivers.flatMap((waiver, index) => {
        const at = `waivers[${index}]`;
        const missing = (["rule", "resource", "reason"] as const).filter(key => !stated(waiver[key]));
        return [
            ...missing.map(key => `${at} has no ${key}: a waiver names a rule, a resource and the reason.`),
            ...(missing.includes("rule") || ruleNames.has(waiver.rule)
                ? []
                : [
                      `${at}.rule is "${waiver.rule}", which is no rule of this pack${meant(waiver.rule, [...ruleNames])}; npm run policies lists them.`,
                  ]),
            ...dateProblems(at, waiver.expires, today, false),
        ];
    });
}

function dateProblems(at: string, expires: string | undefined, today: string, required: boolean): string[] {
    return expires === undefined
        ? required
            ? [`${at} has no expires: a day such as ${today.slice(0, 4)}-12-31.`]
            : []
        : !isDate(expires)
          ? [`${at}.expires is "${expires}", expected a day such as ${today.slice(0, 4)}-12-31.`]
          : expires < today
            ? [`${at} was meant until ${expires}, and counts no longer.`]
            : [];
}

function counts(expires: string | undefined, today: string): boolean {
    return expires === undefined || (isDate(expires) && expires >= today);
}

function stated(text: string | undefined): boolean {
    return (text ?? "").trim() !== "";
}

function isDate(text: string | undefined): text is string {
    return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isAnything(value: string): boolean {
    return /^\*+$/.test(value);
}

function isWideRange(value: string): boolean {
    const range = rangeOf(value);
    if (range === undefined) {
        return false;
    }
    const reached = common([range], PUBLIC).reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
    return reached > 1n << BigInt(BITS[range.family] - SHORTEST_PREFIX[range.family]);
}
