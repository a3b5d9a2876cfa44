import { shortUrn } from "../../base/resource";
import { type ComponentType, registeredAs } from "../../declared/component";
import { GATEWAY_EXIT, PERIMETER, type PerimeterInputs } from "../../declared/perimeter";
import { intersect } from "../kernel/intervals";
import { type Conditions } from "../reach/conditions";
import { type Exits } from "../reach/exits";
import { type Reach } from "../reach/reach";
import { type Resource } from "../resource";
import { type Witness } from "../verdict";
import { pathOf } from "../world/gateway";
import { gatewayOf, isOfStackOf } from "../world/gateways";
import { Inputs, NOT_KNOWN } from "../world/inputs";
import { Directory, parseReference } from "../world/references";
import { type Source } from "../world/source";
import { type Found, type NamedGateway } from "./claims";

const ADDRESS = "gcp:compute/address:Address";

type Reserving = Pick<PerimeterInputs, "reservedAddresses" | "drainingReservedAddresses">;

/** By which addresses the nodes of one gateway leave: by those of its own NAT, or not. */
export class Leaving {
    private readonly witnesses: Witness[] = [];
    private readonly reasons: string[] = [];
    private readonly directory: Directory;
    private readonly byUrn: ReadonlyMap<string, Resource>;
    private readonly nats = new Set<string>();

    constructor(
        private readonly reach: Reach,
        private readonly gateway: NamedGateway,
        private readonly conditions: Conditions,
    ) {
        const { resources } = reach.world;
        this.directory = new Directory(resources);
        this.byUrn = new Map(resources.map(resource => [resource.urn, resource]));
    }

    found(): Found {
        const { gateway, reach } = this;
        const sources = reach.world.sources.filter(source =>
            gateway.pools.some(({ pool }) => [`node:${pathOf(pool)}`, `pod:${pathOf(pool)}`].includes(source.id)),
        );
        if (sources.length === 0) {
            this.reasons.push(
                `no node pool of gateway ${gateway.name} is shown, so by which addresses it leaves is not`,
            );
        }
        if (gateway.inDoubt) {
            this.reasons.push(`which nodes are those of gateway ${gateway.name} is not known in full before up`);
        }
        for (const source of sources) {
            for (const exit of reach.exitsOf(source, this.conditions).list) {
                this.judge(source, exit);
            }
        }
        for (const urn of this.nats) {
            this.judgeAddresses(this.byUrn.get(urn)!);
        }
        return { witnesses: this.witnesses, reasons: this.reasons };
    }

    private judge(source: Source, exit: Exits["list"][number]): void {
        // Carries nothing that a partner would see.
        if (exit.kind === "Private Google Access") {
            return;
        }
        const { name } = this.gateway;
        const nat = exit.resource === undefined ? undefined : this.byUrn.get(exit.resource);
        const owner = nat === undefined ? undefined : this.makerOf(nat);
        if (exit.kind === "NAT" && owner === name) {
            this.nats.add(nat!.urn);
            return;
        }
        const leaving = this.reach.leaving(source, cells => intersect(cells, exit.cells), this.conditions);
        if (leaving.may.length === 0) {
            return;
        }
        const by = `${exit.kind}${exit.name === undefined ? "" : ` ${exit.name}`}${owner === undefined ? "" : `, which is gateway ${owner}'s`}`;
        if (leaving.must.length === 0 || exit.doubts.length > 0) {
            this.reasons.push(
                `${source.name} may leave by ${by}: ${exit.doubts.join("; ") || "that depends on what is not known"}`,
            );
            return;
        }
        this.witness(
            source.name,
            [
                { at: "gateway", decision: `its nodes are those of gateway ${name}`, ...resourceOf(source.resource) },
                {
                    at: exit.kind === "NAT" ? "NAT" : "route",
                    decision: `it leaves by ${by}`,
                    ...resourceOf(exit.resource ?? exit.route.resource),
                    decides: true,
                },
            ],
            nat === undefined
                ? `give the nodes of gateway ${name} no way out but its own NAT`
                : `let ${shortUrn(nat.urn)} serve the subnet of ${owner === undefined ? "no gateway's nodes" : `gateway ${owner}'s nodes`} alone`,
        );
    }

    /** A NAT gives what it was given: addresses of its own gateway, made by the stack or reserved before it. */
    private judgeAddresses(nat: Resource): void {
        const inputs = Inputs.of(nat, []);
        const { name } = this.gateway;
        const from = (decision: string, remedy: string): void =>
            this.witness(
                `what leaves by ${shortUrn(nat.urn)}`,
                [{ at: "NAT", decision, resource: nat.urn, decides: true }],
                remedy,
            );
        if (inputs.name("natIpAllocateOption") !== "MANUAL_ONLY") {
            from(
                "Google picks its addresses, and another one with every need",
                `name the addresses of gateway ${name} in natIps, with natIpAllocateOption MANUAL_ONLY`,
            );
            return;
        }
        for (const key of ["natIps", "drainNatIps"]) {
            const given = inputs.texts(key);
            if (given === NOT_KNOWN || given?.includes(NOT_KNOWN) === true) {
                this.reasons.push(
                    `${nat.urn}: ${key} is not known before up, so whose addresses they are is not either`,
                );
                continue;
            }
            for (const link of (given ?? []) as readonly string[]) {
                const owner = this.ownerOf(nat, link);
                if (owner !== name) {
                    from(
                        `has address ${parseReference(link).name}, which is ${owner === undefined ? "no gateway's" : `gateway ${owner}'s`}`,
                        `give each gateway's NAT its own addresses alone`,
                    );
                }
            }
        }
    }

    /** Name of the gateway that an address is of: whose component made it, or registers it by name. */
    private ownerOf(nat: Resource, link: string): string | undefined {
        const address = this.directory.resolve(nat, link, ADDRESS);
        if (address.kind === "one") {
            return this.makerOf(address.target);
        }
        const wanted = parseReference(link).name;
        const { resources } = this.reach.world;
        const claims = <T extends Reserving>(type: ComponentType<T>): string[] =>
            registeredAs(type, resources)
                .filter(component =>
                    [component.read("reservedAddresses"), component.read("drainingReservedAddresses")].some(
                        fact => fact.known && fact.value?.includes(wanted) === true,
                    ),
                )
                .map(({ resource }) => this.ofStack(resource)!);
        const claimed = [...claims(PERIMETER), ...claims(GATEWAY_EXIT)];
        // Two gateways that register one address have it both.
        return claimed.length === 1 ? claimed[0] : claimed.find(name => name !== this.gateway.name);
    }

    private makerOf({ parent }: Resource): string | undefined {
        const maker = this.byUrn.get(parent ?? "");
        return maker && this.ofStack(maker);
    }

    /** The gateway that a component is of. */
    private ofStack(component: Resource): string | undefined {
        const gateway = gatewayOf(component);
        return gateway === undefined || isOfStackOf(gateway, component, this.reach.world.resources)
            ? gateway
            : `${gateway} of another stack`;
    }

    private witness(source: string, hops: Witness["hops"], remedy: string): void {
        this.witnesses.push({ source, hops, remedy });
    }
}

function resourceOf(urn: string | undefined): { readonly resource?: string } {
    return urn === undefined ? {} : { resource: urn };
}
