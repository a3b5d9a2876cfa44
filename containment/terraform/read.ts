import { createHash } from "node:crypto";
import { isAbandoned, isObject, type Json, ReaderError } from "../document";
import { type Resource, UNKNOWN } from "../resource";
import { Configuration, split } from "./configuration";
import { changed, type Instance, resourcesIn, stays } from "./instances";
import { linkTo } from "./links";
import { objectOf } from "./objects";
import { tokenOf } from "./types";
import { type Expression, inputsOf, type Within } from "./values";

/** What will be after a plan, by its own account: `terraform show -json PLAN`. */
export function terraformPlan(document: Json): Resource[] {
    if (document["errored"] === true) {
        throw new ReaderError("the Terraform plan ended with an error; expected a plan that ran to its end");
    }
    const deferred = document["deferred_changes"];
    if (Array.isArray(deferred) && deferred.length > 0) {
        throw new ReaderError(
            `the Terraform plan defers ${deferred.length} changes, so it does not tell what will be; apply what it can plan, and plan again`,
        );
    }
    const changes = document["resource_changes"] ?? [];
    if (!Array.isArray(changes)) {
        throw new ReaderError(
            'the Terraform plan has "resource_changes" that are no list; expected the whole output of `terraform show -json PLAN`',
        );
    }
    const instances = (changes as unknown[]).flatMap((change, index) => changed(change, `resource_changes[${index}]`));
    const changing = new Set(instances.map(({ address }) => address));
    const planned = isObject(document["planned_values"]) ? document["planned_values"] : {};
    const missing = resourcesIn(planned["root_module"], "planned_values.root_module").find(
        ({ address }) => !changing.has(address),
    );
    if (missing !== undefined) {
        throw new ReaderError(
            `the Terraform plan has ${missing.address} in "planned_values" and not in "resource_changes", so it does not tell what of it is not known; ` +
                "plan without -target, and give the whole output of `terraform show -json PLAN`",
        );
    }
    const configuration = isObject(document["configuration"]) ? document["configuration"] : {};
    const variables = isObject(document["variables"]) ? document["variables"] : {};
    return translated(document, instances, configuration, variables);
}

/** What there is by a state: `terraform show -json`. */
export function terraformState(document: Json): Resource[] {
    const values = document["values"] as Json;
    return translated(document, resourcesIn(values["root_module"], "values.root_module"), {}, {});
}

function translated(document: Json, instances: readonly Instance[], configuration: Json, variables: Json): Resource[] {
    // Two files may have the same addresses.
    const file = createHash("sha256").update(JSON.stringify(document)).digest("hex").slice(0, 8);
    return new Translation(file, instances, new Configuration(configuration, variables, addressesOf(instances))).all();
}

function addressesOf(instances: readonly Instance[]): string[] {
    return instances.filter(stays).map(({ address }) => address);
}

class Translation {
    private readonly byAddress: ReadonlyMap<string, Instance>;
    private readonly providers = new Map<string, Resource>();

    private readonly oneCluster: boolean;

    constructor(
        private readonly file: string,
        private readonly instances: readonly Instance[],
        private readonly configuration: Configuration,
    ) {
        this.byAddress = new Map(instances.filter(stays).map(instance => [instance.address, instance]));
        this.oneCluster = instances.filter(({ type }) => type === "google_container_cluster").length === 1;
    }

    all(): Resource[] {
        const resources = this.instances.flatMap(instance => this.resource(instance));
        return [...this.providers.values(), ...withoutPoolsTwice(resources)];
    }

    private resource(instance: Instance): Resource[] {
        const { address, type, doubt, leaves } = instance;
        const block = this.configuration.block(address);
        const provider = this.providerOf(instance, block);
        const expressions = block === undefined || !stays(instance) ? undefined : block["expressions"];
        const read = /^kubernetes_/.test(type)
            ? objectOf(type, instance)
            : this.cloudResource(instance, isObject(expressions) ? expressions : undefined);
        if (leaves === true && !isAbandoned(read.inputs)) {
            return [];
        }
        const { id } = instance.values;
        const program = runsPrograms(instance, block);
        return [
            {
                urn: `${this.urn(read.type, address)}${stays(instance) ? "" : " (left behind)"}`,
                type: read.type,
                name: address,
                inputs: read.inputs,
                dependsOn: [],
                provider: provider.urn,
                ...(typeof id === "string" ? { id, outputs: knownOf(read.inputs) } : {}),
                ...(doubt === undefined ? {} : { doubt }),
            },
            ...(program ? [this.program(address, provider)] : []),
        ];
    }

    private cloudResource(instance: Instance, expressions: Json | undefined): Pick<Resource, "type" | "inputs"> {
        const type = tokenOf(instance.type, instance.provider);
        const { module } = split(instance.address);
        return {
            type,
            inputs: inputsOf(type, instance, expressions, (name, expression, within) =>
                this.resolve(name, expression, within, module),
            ),
        };
    }

    /** A provisioner may change anything; it is no resource of its own in Terraform. */
    private program(address: string, provider: Resource): Resource {
        const type = "command:index/provisioner:Provisioner";
        const name = `${address} (provisioner)`;
        return { urn: this.urn(type, name), type, name, inputs: {}, dependsOn: [], provider: provider.urn };
    }

    private resolve(name: string, expression: Expression, within: Within, module: string): string | undefined {
        const planned = this.configuration.valueOf(expression, module);
        if (planned?.value === null) {
            return undefined;
        }
        const target = this.configuration.target(expression, module);
        const instance = target === undefined ? undefined : this.byAddress.get(target.address);
        return instance === undefined
            ? UNKNOWN
            : (linkTo(name, within, instance.type, target!.attribute, key => this.known(instance, key)) ?? UNKNOWN);
    }

    /** A value that a resource has for certain, or that its provider gives it. */
    private known(instance: Instance, key: string): string | undefined {
        const block = this.configuration.block(instance.address);
        const value = instance.values[key];
        if (typeof value === "string" && value !== "") {
            return isObject(instance.sensitive) && instance.sensitive[key] === true ? undefined : value;
        }
        const said = isObject(block?.["expressions"]) && key in block["expressions"];
        const default_ = this.providerOf(instance, block).inputs[key];
        return said || typeof default_ !== "string" || default_ === UNKNOWN ? undefined : default_;
    }

    /** The provider with the project and the places that it gives to resources which name none. */
    private providerOf({ address, provider, type }: Instance, block: Json | undefined): Resource {
        // A state does not say by which of a provider's configurations a resource is made, so in which cluster an object is.
        const unsaid = this.oneCluster || !/^(kubernetes|helm)_/.test(type) ? provider : `${provider} of ${address}`;
        const key = typeof block?.["provider_config_key"] === "string" ? block["provider_config_key"] : unsaid;
        let found = this.providers.get(key);
        if (found === undefined) {
            const given = this.configuration.provider(key);
            const expressions = isObject(given?.["expressions"]) ? given["expressions"] : {};
            const module = typeof given?.["module_address"] === "string" ? given["module_address"] : "";
            const token = `pulumi:providers:${/^google/.test(type) ? "gcp" : type.split("_")[0]!}`;
            found = {
                urn: this.urn(token, key),
                type: token,
                name: key,
                inputs: Object.fromEntries(
                    ["project", "region", "zone"]
                        .filter(name => expressions[name] !== undefined)
                        .map(name => [name, this.configuration.valueOf(expressions[name], module)?.value ?? UNKNOWN]),
                ),
                dependsOn: [],
            };
            this.providers.set(key, found);
        }
        return found;
    }

    private urn(type: string, name: string): string {
        return `urn:pulumi:terraform::${this.file}::${type}::${name}`;
    }
}

/** Without a configuration nothing shows whether such a resource, which does nothing by itself, has a provisioner. */
function runsPrograms({ type }: Instance, block: Json | undefined): boolean {
    const provisioners = block?.["provisioners"];
    return (
        (Array.isArray(provisioners) && provisioners.length > 0) ||
        (block === undefined && ["null_resource", "terraform_data"].includes(type))
    );
}

function knownOf(inputs: Json): Json {
    return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== UNKNOWN));
}

/** Google's provider shows the pools of a cluster in the cluster as well. */
function withoutPoolsTwice(resources: readonly Resource[]): Resource[] {
    const pools = resources
        .filter(({ type }) => type === "gcp:container/nodePool:NodePool")
        .map(({ inputs }) => inputs);
    return resources.map(resource => {
        const { nodePools, ...inputs } = resource.inputs;
        if (resource.type !== "gcp:container/cluster:Cluster" || !Array.isArray(nodePools)) {
            return resource;
        }
        const left = (nodePools as unknown[]).filter(
            inner =>
                !isObject(inner) ||
                !pools.some(
                    pool =>
                        pool["name"] === inner["name"] &&
                        typeof pool["cluster"] === "string" &&
                        pool["cluster"].split("/").at(-1) === inputs["name"] &&
                        pool["location"] === inputs["location"],
                ),
        );
        // All pools that there are stand here, so there is no default pool either.
        return left.length === 0
            ? {
                  ...resource,
                  inputs: { ...inputs, ...(resource.id === undefined ? {} : { removeDefaultNodePool: true }) },
              }
            : { ...resource, inputs: { ...inputs, nodePools: left } };
    });
}
