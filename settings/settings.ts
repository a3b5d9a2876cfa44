import { type PlatformFacts } from "../contract/platform";
import { type SharedPerimeter } from "../contract/sharedPerimeter";
import { type ComponentName, type Destination, type Sections } from "./schema";

export interface GatewaySettings extends ReadonlyOf<Sections["gateway"]> {
    /** Absent: `default`. */
    readonly name?: string;
}

export interface FurtherGateway extends GatewaySettings {
    readonly name: string;
    readonly nat: Sections["nat"];
}

type ReadonlyOf<T> = { readonly [K in keyof T]: T[K] };

/** Everything a person decided, checked and with every default filled in. Plain data: nothing here waits for `up`. */
export interface Settings extends Omit<Sections, "disabledComponents" | "gateway" | "gateways"> {
    readonly gateway: GatewaySettings;
    /** Those besides `default`, by name. */
    readonly gateways: Readonly<Record<string, FurtherGateway>>;
    /** In what one gateway sees (`gateways.ts`): the settings of the stack. */
    readonly whole?: Settings;
    /** Absent on a cluster without a Google network around it. */
    readonly google?: { readonly project: string; readonly region: string };
    readonly platform: PlatformFacts;
    /** The perimeter of another stack that this one joins; absent: it has its own. */
    readonly joined?: SharedPerimeter;
    /** Sorted by host; inline ones and those from files together. */
    readonly destinations: readonly Destination[];
    /** Past their date, and left out (`expiry: remove`). */
    readonly expired: readonly Destination[];
    /** Sorted: the namespaces that any `allow` names. */
    readonly clientNamespaces: readonly string[];
    readonly disabledComponents: ReadonlySet<ComponentName>;
}

/**
 * What `perimeter.mode: observe` means beyond the firewall: whatever would deny traffic that works today is held back. The
 * guard warns and audits by itself; sidecars let undeclared traffic through; the resolver answers and logs; network policies, which cannot log without
 * denying, are left out.
 */
export function asObserved(settings: Settings): Settings {
    if (settings.perimeter.mode === "enforce") {
        return settings;
    }
    return {
        ...settings,
        dns: { ...settings.dns, lock: settings.dns.lock === "enforce" ? "observe" : settings.dns.lock },
        clients: { ...settings.clients, outboundTraffic: "allow-any" },
        disabledComponents: new Set([...settings.disabledComponents, "network-policies"]),
    };
}
