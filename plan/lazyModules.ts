/**
 * Modules that the SDK loads for what a plan does not do: packing functions up for dynamic providers takes a compiler and a package
 * manager, driving the CLI half of npm's command line. They are half of the time in which the SDK starts, so they are loaded by whoever
 * asks them for something.
 */
export function loadLazily(): void {
    for (const name of UNUSED) {
        const file = fileOf(name);
        if (file !== undefined) {
            require.cache[file] ??= { exports: lazy(file) } as NodeJS.Module;
        }
    }
}

const UNUSED = [
    "@pulumi/pulumi/automation",
    "@pulumi/pulumi/typescript-shim",
    "@npmcli/arborist",
    "normalize-package-data",
];

/** Not every release of the SDK has them. */
function fileOf(name: string): string | undefined {
    try {
        return require.resolve(name, { paths: [require.resolve("@pulumi/pulumi")] });
    } catch {
        return undefined;
    }
}

function lazy(file: string): object {
    let loaded: object | undefined;
    const load = (): object => {
        delete require.cache[file];
        return require(file) as object;
    };
    return new Proxy(
        {},
        // Importers copy a module that does not say that it is one.
        { get: (_, key): unknown => key === "__esModule" || Reflect.get((loaded ??= load()), key) },
    );
}
