import { type Settings } from "./settings";

/**
 * What `perimeter.mode: observe` means beyond the firewall: whatever would deny traffic that works today is held back. The
 * guard warns and audits by itself; sidecars let undeclared traffic through; network policies, which cannot log without
 * denying, are left out.
 */
export function asObserved(settings: Settings): Settings {
    if (settings.perimeter.mode === "enforce") {
        return settings;
    }
    return {
        ...settings,
        clients: { ...settings.clients, outboundTraffic: "allow-any" },
        disabledComponents: new Set([...settings.disabledComponents, "network-policies"]),
    };
}
