/** `1.30` of `1.30.3`; undefined when it is no version of Istio. */
export function istioMinor(version: string): { readonly major: number; readonly minor: number } | undefined {
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
    return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** Whether a version of Istio has what came with 1.`since`. */
export function isSince(version: string, since: number): boolean {
    const read = istioMinor(version);
    return read !== undefined && (read.major > 1 || (read.major === 1 && read.minor >= since));
}
