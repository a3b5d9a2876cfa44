import { rangeProblems } from "../contract/platformRanges";
import { sharedPerimeterSchema } from "../contract/sharedPerimeter";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import {
    type GooglePlatform,
    googlePlatformSchema,
    kubernetesPlatformSchema,
    type PlatformFacts,
} from "../contract/platform";
import {
    capacityProblems,
    idleProblems,
    monitoringProblems,
    namespaceProblems,
    perimeterProblems,
    privateDestinationProblems,
} from "./consistency";
import { dnsProblems } from "./dns";
import { byDate, expiryProblems } from "./expiry";
import { catalogueProblems, destinationProblems } from "./destinations";
import { inClusterProblems, ofAddresses, placeProblems } from "./addresses";
import { type Destination, destinationSchema, sections, type Sections } from "./schema";
import { googleProblems } from "./googleRules";
import { sharingProblems } from "./sharing";
import { retiringProblems } from "./retiring";
import { atGateway, destinationGatewayProblems, furtherGateways, platformSeenBy, separationProblems } from "./gateways";
import { type FurtherGateway, type GatewaySettings, type Settings } from "./settings";
import { projectIdCheck, regionCheck } from "../base/names";
import { text } from "../base/field";
import { InputError, type Problem } from "../base/problem";
import { checked, unknownKey } from "../base/schemaProblems";

/** What was written, before anything is checked. */
export interface RawSettings {
    /** Everything under `egress-gateway:`, without the prefix. */
    readonly values: Readonly<Record<string, unknown>>;
    /** `gcp:project` and `gcp:region`. */
    readonly google: { readonly project?: unknown; readonly region?: unknown };
    /** The platform: what stands in the settings, or the outputs of the stack that they name. */
    readonly platform: { readonly path: string; readonly value: unknown };
    /** The outputs of the stack whose perimeter this one joins. */
    readonly joined?: { readonly path: string; readonly value: unknown };
    /** Full name of this stack. */
    readonly stack?: string;
    /** Contents of `destinationFiles`. */
    readonly files: readonly {
        readonly path: string;
        readonly content: unknown;
        /** Who is asked about what has no `owner`. */
        readonly owner?: string;
    }[];
}

const KEYS = [...Object.keys(sections), "platform", "destinations", "destinationFiles"];

/**
 * Checks everything and fills in the defaults.
 *
 * @param further Checks on settings whose parts are all readable, reported together with everything else.
 * @throws InputError with every problem at once.
 */
export function readSettings(
    raw: RawSettings,
    further: (settings: Settings) => readonly Problem[] = () => [],
    now = new Date(),
): Settings {
    const problems: Problem[] = [];
    const keep = <T>(result: { value: T | undefined; problems: readonly Problem[] }): T | undefined => {
        problems.push(...result.problems);
        return result.value;
    };

    for (const [key, given] of Object.entries(raw.values)) {
        if (!KEYS.includes(key)) {
            problems.push(unknownKey(`egress-gateway:${key}`, key, given, KEYS));
        }
    }
    const section = <K extends keyof Sections>(key: K): Sections[K] | undefined =>
        keep(checked(sections[key], raw.values[key] ?? emptyOf(key), `egress-gateway:${key}`)) as
            Sections[K] | undefined;

    const mesh = section("mesh");
    const gateway = section("gateway");
    const nat = section("nat");
    const joined = raw.joined && keep(checked(sharedPerimeterSchema, raw.joined.value, raw.joined.path));
    const ownPerimeter = section("perimeter");
    const perimeter = ownPerimeter && joined ? { ...ownPerimeter, mode: joined.mode } : ownPerimeter;
    const googleApis = section("googleApis");
    const clients = section("clients");
    const guard = section("guard");
    const monitoring = section("monitoring");
    const dns = section("dns");
    const kubernetes = section("kubernetes");
    const disabled = section("disabledComponents");
    const written = section("gateways");
    const gateways = written && furtherGateways(written);

    const platform = readPlatform(raw.platform, keep);
    const google = readGoogle(raw.google, raw.platform, keep);
    const expiry = section("expiry");
    const listed = readDestinations(raw, problems);
    const dated = byDate(listed, now);
    const [destinations, expired] = expiry === "remove" ? [dated.standing, dated.expired] : [listed, []];
    const clientNamespaces = [
        ...new Set(destinations.flatMap(({ allow }) => allow.map(({ namespace }) => namespace))),
    ].sort();
    const googlePlatform = platform?.kind === "gke" ? platform : undefined;

    problems.push(
        ...(expiry === undefined ? [] : expiryProblems(dated.expired, expiry)),
        ...(expired.length > 0 && destinations.length === 0 ? [nothingLeft(expired)] : []),
        ...firstOfEachSource(destinations).flatMap(destinationProblems),
        ...catalogueProblems(destinations, mesh),
        ...(gateways === undefined ? [] : destinationGatewayProblems(destinations, gateways)),
        ...(gateway === undefined || gateways === undefined
            ? []
            : separationProblems({ ...gateway, ...(nat === undefined ? {} : { nat }) }, gateways, googlePlatform)),
        ...(platform === undefined
            ? []
            : [...rangeProblems(platform, raw.platform.path), ...inClusterProblems(destinations, platform)]),
        ...eachGateway({ gateway, nat, gateways, platform: googlePlatform }, one => [
            ...namespaceProblems(destinations, mesh, one.gateway),
            ...capacityProblems(one),
            ...(one.gateway === undefined ? [] : retiringProblems(one.gateway, one.platform)),
            ...(mesh === undefined || one.nat === undefined ? [] : idleProblems(mesh, one.nat)),
            ...(platform === undefined || dns === undefined || one.gateway === undefined || mesh === undefined
                ? []
                : dnsProblems(dns, platform, { gateway: one.gateway, mesh, clientNamespaces })),
            ...googleProblems({ google, ...one, destinations }),
            ...(perimeter !== undefined &&
            one.gateway !== undefined &&
            google !== undefined &&
            one.platform !== undefined
                ? perimeterProblems(perimeter, one.gateway, google, one.platform)
                : []),
        ]),
        ...(clients === undefined ? [] : privateDestinationProblems(clients, clientNamespaces)),
        ...(perimeter === undefined
            ? []
            : sharingProblems({
                  perimeter,
                  written: raw.values["perimeter"],
                  joined,
                  clients,
                  platform,
                  google,
                  self: raw.stack,
                  gateways: [...(gateway === undefined ? [] : [gateway]), ...Object.values(gateways ?? {})],
              })),
        ...(platform === undefined || monitoring === undefined ? [] : monitoringProblems(monitoring, platform)),
        ...(platform?.kind === "kubernetes" && kubernetes !== undefined && kubernetes.context === undefined
            ? [
                  {
                      path: "egress-gateway:kubernetes.context",
                      given: undefined,
                      expected: "the context of the cluster, because nothing else says which one is meant",
                      remedy: "`kubectl config get-contexts` lists them; kind names them `kind-<cluster>`.",
                  },
              ]
            : []),
    );
    const settings =
        platform &&
        mesh &&
        gateway &&
        gateways &&
        nat &&
        perimeter &&
        googleApis &&
        clients &&
        guard &&
        monitoring &&
        dns &&
        kubernetes &&
        expiry &&
        disabled
            ? {
                  ...(google === undefined ? {} : { google }),
                  ...(joined === undefined ? {} : { joined }),
                  ...{ platform, mesh, gateway, gateways, nat, perimeter, googleApis, clients, guard },
                  ...{ monitoring, dns, kubernetes },
                  ...{ expiry, destinations, expired },
                  clientNamespaces,
                  disabledComponents: new Set(disabled),
              }
            : undefined;
    if (settings !== undefined && (google !== undefined || platform?.kind === "kubernetes")) {
        problems.push(...further(settings));
    }
    if (settings === undefined || problems.length > 0) {
        throw new InputError("the settings cannot be used", problems);
    }
    return settings;
}

interface OneGateway {
    readonly gateway?: GatewaySettings | undefined;
    readonly nat?: Sections["nat"] | undefined;
    readonly platform?: GooglePlatform | undefined;
}

/** The problems of every gateway with its own sizes, addresses and subnet, each once and where it is written. */
function eachGateway(
    {
        gateways = {},
        ...first
    }: OneGateway & { readonly gateways?: Readonly<Record<string, FurtherGateway>> | undefined },
    problemsOf: (one: OneGateway) => readonly Problem[],
): Problem[] {
    const found = [
        ...problemsOf(first),
        ...Object.values(gateways).flatMap(({ nat, ...gateway }) => {
            const platform = first.platform === undefined ? undefined : platformSeenBy(first.platform, gateway.name);
            return problemsOf({ gateway, nat, platform }).map(problem => atGateway(gateway.name, problem));
        }),
    ];
    return found.filter((problem, index) => found.findIndex(other => isDeepStrictEqual(other, problem)) === index);
}

/** A section that is not written takes its defaults. */
function emptyOf(key: keyof Sections): unknown {
    return sections[key] instanceof z.ZodObject ? {} : undefined;
}

type Keep = <T>(result: { value: T | undefined; problems: readonly Problem[] }) => T | undefined;

function readPlatform({ path, value }: RawSettings["platform"], keep: Keep): PlatformFacts | undefined {
    if (value === undefined) {
        return keep({
            value: undefined,
            problems: [
                {
                    path,
                    given: undefined,
                    expected: "what exists before this stack: the network, the cluster and the egress subnet",
                    remedy: "Write it, or `{stack: organization/platform/dev}` to take it from the stack that owns it.",
                },
            ],
        });
    }
    const schema = isKubernetes(value) ? kubernetesPlatformSchema : googlePlatformSchema;
    return keep(checked<z.ZodType<PlatformFacts>>(schema, value, path));
}

function isKubernetes(value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "kubernetes";
}

function readGoogle(google: RawSettings["google"], platform: RawSettings["platform"], keep: Keep): Settings["google"] {
    if (isKubernetes(platform.value)) {
        return undefined;
    }
    const project = keep(checked(text(projectIdCheck), google.project, "gcp:project"));
    const region = keep(checked(text(regionCheck), google.region, "gcp:region"));
    return project === undefined || region === undefined ? undefined : { project, region };
}

/** A date that stands in YAML without quotes reaches the program as a moment in time, written as Go does. */
function withPlainDate(destination: unknown): unknown {
    const { expires } = (destination ?? {}) as { expires?: unknown };
    const date =
        typeof expires === "string" ? /^(\d{4}-\d{2}-\d{2}) 00:00:00 \+0000 UTC$/.exec(expires)?.[1] : undefined;
    return date === undefined ? destination : { ...(destination as object), expires: date };
}

/** Whoever is asked about the file is asked about what names nobody. */
function withOwner(destination: unknown, { owner }: { readonly owner?: string }): unknown {
    return owner === undefined ||
        typeof destination !== "object" ||
        destination === null ||
        Array.isArray(destination) ||
        "owner" in destination
        ? destination
        : { ...destination, owner };
}

function readDestinations(raw: RawSettings, problems: Problem[]): Destination[] {
    const lists = [
        ...(raw.values["destinations"] === undefined
            ? []
            : [{ path: "egress-gateway:destinations", content: raw.values["destinations"] }]),
        ...raw.files,
    ] satisfies RawSettings["files"];
    const destinations = lists.flatMap(({ path, content, ...file }) => {
        if (!Array.isArray(content)) {
            problems.push({
                path,
                given: content ?? undefined,
                expected: "a list of destinations, each beginning with `- host:` or `- addresses:`",
                remedy: "See docs/settings.md for an example.",
            });
            return [];
        }
        return content.flatMap((item, index) => {
            const source = `${path}[${index}]`;
            const result = checked(destinationSchema, withOwner(withPlainDate(item), file), source);
            const missing = placeProblems(item, source);
            problems.push(...missing, ...result.problems);
            return result.value === undefined || missing.length > 0 ? [] : ofAddresses(result.value, source);
        });
    });
    if (lists.every(({ content }) => Array.isArray(content) && content.length === 0)) {
        problems.push({
            path: "egress-gateway:destinations",
            given: raw.values["destinations"],
            expected: "at least one destination, here or in `destinationFiles`",
            remedy: "List what applications may reach; without destinations no gateway is needed.",
        });
    }
    return destinations.sort(byHost);
}

/** What is written once, for several addresses, is refused once. */
function firstOfEachSource(destinations: readonly Destination[]): Destination[] {
    const first = new Map<string, Destination>();
    for (const destination of destinations) {
        if (!first.has(destination.source)) {
            first.set(destination.source, destination);
        }
    }
    return [...first.values()];
}

function byHost(a: Destination, b: Destination): number {
    return a.host < b.host ? -1 : a.host > b.host ? 1 : 0;
}

function nothingLeft(expired: readonly Destination[]): Problem {
    return {
        path: "egress-gateway:destinations",
        given: expired.map(({ host }) => host),
        expected: "at least one destination whose date is not over",
        remedy: "Set new dates, or destroy the stack: without destinations no gateway is needed.",
    };
}
