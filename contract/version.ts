/**
 * Version of both edges of the egress stack: what it takes from a platform and what it gives to applications. Raised when
 * something is removed or changes its meaning; additions leave it. It is the major version of the packed contract.
 */
export const CONTRACT_VERSION = 1;

export type VersionSkew = "missing" | "newer" | "older";

/**
 * How another stack's version differs from this one's. A missing version is a finding of its own: whoever wrote those outputs
 * did not know the contract.
 */
export function versionSkew(given: unknown): VersionSkew | undefined {
    if (typeof given !== "number" || !Number.isInteger(given)) {
        return "missing";
    }
    return given === CONTRACT_VERSION ? undefined : given > CONTRACT_VERSION ? "newer" : "older";
}
