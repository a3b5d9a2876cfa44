import { type Resource } from "../resource";
import { Inputs, type Maybe, NOT_KNOWN, type WorldProblem } from "./inputs";

/** A Google resource as others refer to it: by self link, by id, or by name alone. What the text does not say is absent. */
export interface Reference {
    readonly project?: string;
    /** Region, zone or location. */
    readonly location?: string;
    readonly name: string;
}

/**
 * Reads `https://www.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s`, `projects/p/global/networks/n`, `p/r/s`-less
 * forms and plain names alike: the last segment is the name, and a project or place is what stands behind its keyword.
 */
export function parseReference(text: string): Reference {
    const segments = text.split("/").filter(segment => segment !== "");
    const behind = (...keywords: readonly string[]): string | undefined => {
        const index = segments.findIndex(
            (segment, position) => keywords.includes(segment) && position + 2 < segments.length,
        );
        return index < 0 ? undefined : segments[index + 1];
    };
    const project = behind("projects");
    const location = behind("regions", "zones", "locations");
    return {
        ...(project === undefined ? {} : { project }),
        ...(location === undefined ? {} : { location }),
        name: segments[segments.length - 1] ?? text,
    };
}

/** Whether both can be the same resource: what either leaves out is taken to agree. */
export function refersTo(reference: Reference, target: Reference): boolean {
    const agree = (a: string | undefined, b: string | undefined): boolean =>
        a === undefined || b === undefined || a === b;
    return (
        reference.name === target.name &&
        agree(reference.project, target.project) &&
        agree(reference.location, target.location)
    );
}

/** Resources by type and by URN, and what a reference among them stands for. */
export class Directory {
    private readonly byType = new Map<string, Resource[]>();
    private readonly byUrn = new Map<string, Resource>();
    private readonly identities = new Map<Resource, Reference>();

    constructor(readonly resources: readonly Resource[]) {
        for (const resource of resources) {
            this.byUrn.set(resource.urn, resource);
            const list = this.byType.get(resource.type);
            if (list === undefined) {
                this.byType.set(resource.type, [resource]);
            } else {
                list.push(resource);
            }
        }
    }

    /**
     * Names that others refer to have to be known: with one that is not, anything may be meant by anything.
     *
     * @param types the types whose resources are referred to
     */
    refuseUnknownNames(problems: WorldProblem[], ...types: readonly string[]): void {
        for (const resource of this.ofType(...types)) {
            const inputs = Inputs.of(resource, problems);
            for (const key of ["name", "shortName"]) {
                if (inputs.name(key) === NOT_KNOWN) {
                    inputs.refuse(key, "is not known before up, expected a name: others refer to this resource by it");
                }
            }
        }
    }

    ofType(...types: readonly string[]): Resource[] {
        return types.flatMap(type => this.byType.get(type) ?? []);
    }

    /**
     * The resource's own name, project and place. Without a `name` input Google's provider composes one from the logical name; in
     * an offline plan that is all there is.
     */
    identityOf(resource: Resource): Reference {
        const cached = this.identities.get(resource);
        if (cached !== undefined) {
            return cached;
        }
        const identity = this.readIdentity(resource);
        this.identities.set(resource, identity);
        return identity;
    }

    private readIdentity(resource: Resource): Reference {
        const inputs = Inputs.of(resource, []);
        const text = (key: string): string | undefined => {
            const value = inputs.name(key);
            return typeof value === "string" ? value : undefined;
        };
        const project = text("project");
        const location = text("region") ?? text("location") ?? text("zone");
        return {
            ...(project === undefined ? {} : { project }),
            ...(location === undefined ? {} : { location }),
            name: parseReference(text("name") ?? text("shortName") ?? resource.name).name,
        };
    }

    /**
     * What an input of `resource` refers to. A value that is not known yet can only come from a resource that this one depends on:
     * if that is a single one of the wanted types, it is the one.
     */
    resolve(resource: Resource, value: Maybe<string>, ...types: readonly string[]): Resource | undefined {
        if (value === undefined) {
            return undefined;
        }
        if (value === NOT_KNOWN) {
            const candidates = resource.dependsOn
                .map(urn => this.byUrn.get(urn))
                .filter((found): found is Resource => found !== undefined && types.includes(found.type));
            return candidates.length === 1 ? candidates[0] : undefined;
        }
        const { project } = this.identityOf(resource);
        const reference = { ...(project === undefined ? {} : { project }), ...parseReference(value) };
        return this.ofType(...types).find(
            candidate => refersTo(reference, this.identityOf(candidate)) || value === candidate.urn,
        );
    }
}
