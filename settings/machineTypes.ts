/** The number at the end of a machine type such as `e2-standard-4`; undefined where the name does not say it. */
export function processorCount(machineType: string): number | undefined {
    const found = /-(?:standard|highmem|highcpu)-(\d+)(?:-lssd)?$/.exec(machineType);
    return found === null ? undefined : Number(found[1]);
}
