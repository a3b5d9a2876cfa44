/** Configuration by the namespaces that see it (`exportTo`). */
export class Exported<T> {
    private readonly everywhere: T[] = [];
    private readonly byNamespace = new Map<string, T[]>();

    add(value: T, exportTo: readonly string[], namespace: string): void {
        // Absent means everywhere (`meshConfig.defaultServiceExportTo` and its siblings, unless set).
        if (exportTo.length === 0 || exportTo.includes("*")) {
            this.everywhere.push(value);
            return;
        }
        for (const target of new Set(exportTo.map(entry => (entry === "." ? namespace : entry)))) {
            // `~` exports to nobody.
            if (target !== "~") {
                append(this.byNamespace, target, value);
            }
        }
    }

    visibleTo(namespace: string): readonly T[] {
        return [...(this.byNamespace.get(namespace) ?? []), ...this.everywhere];
    }
}

/** Files the value under the key, behind what is already there. */
export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
    const values = map.get(key);
    if (values === undefined) {
        map.set(key, [value]);
    } else {
        values.push(value);
    }
}
