import assert from "node:assert/strict";
import { compileMesh } from "../../../components/mesh/compile";
import { meshDeclaration } from "../../../components/mesh/declaration";
import { type IstioObject } from "../../../components/mesh/istioObject";
import { meshClaims, meshFindings } from "../../../containment/mesh/claims";
import { explainMesh } from "../../../containment/mesh/explain";
import { type World, readWorld } from "../../../containment/world/world";
import { type Destination } from "../../../settings/schema";
import { meshSettings } from "../../components/mesh/generators";
import { declaration, type KubernetesManifest, resourceOf, SURROUNDINGS } from "./fixture";
import { meshGuard } from "./guardFixture";

const API = { namespace: "payments", serviceAccount: "api" };
const WILDCARD: Destination = {
    host: "*.my.salesforce.com",
    ports: [
        { number: 443, protocol: "tls" },
        { number: 8443, protocol: "tls" },
    ],
    allow: [API],
    source: "wildcard",
};
const EXACT: Destination = {
    host: "istio.io",
    ports: [
        { number: 443, protocol: "tls" },
        { number: 8443, protocol: "tls", innerName: "checked" },
    ],
    allow: [{ namespace: "payments", serviceAccount: "web" }],
    source: "exact",
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every value inside, as a place to write to. */
function leaves(value: Json): { readonly path: string; readonly set: (to: Json) => void }[] {
    return typeof value !== "object" || value === null
        ? []
        : Object.entries(value).flatMap(([key, inner]) => {
              const deeper = leaves(inner as Json).map(({ path, set }) => ({ path: `${key}.${path}`, set }));
              const set = (to: Json): void => void ((value as Record<string, Json>)[key] = to);
              return deeper.length > 0 ? deeper : [{ path: key, set }];
          });
}

function worldOf(declared: readonly Destination[], objects: readonly object[]): World {
    const inputs = { ...meshDeclaration(meshSettings(declared)) };
    return readWorld([
        { ...declaration("mutual-tls"), inputs },
        ...SURROUNDINGS.map(resourceOf),
        ...meshGuard(),
        ...objects.map(object => resourceOf(object as KubernetesManifest)),
    ]);
}

describe("a wildcard destination", () => {
    const catalogue = [WILDCARD, EXACT];
    const objects = (): IstioObject[] => structuredClone(compileMesh(meshSettings(catalogue)));
    const ownFilter = (all: readonly IstioObject[], name = "any---my-salesforce-com-443") =>
        all.find(({ kind, metadata }) => kind === "EnvoyFilter" && metadata.name === name)!;

    it("holds, and is one of its callers' alone", () => {
        const { result, reasons, witnesses } = meshFindings(worldOf(catalogue, objects()));
        assert.deepEqual({ result, reasons, witnesses }, { result: "holds", reasons: [], witnesses: [] });
        assert.equal(meshFindings(worldOf([EXACT], objects())).result, "violated", "nobody declares it");
    });

    for (const name of ["any---my-salesforce-com-443", "istio-io-8443"]) {
        it(`rests on the filter as it is: no field of it may differ but the time of its keep-alive (${name})`, () => {
            const places = leaves(ownFilter(objects(), name).spec as unknown as Json).map(({ path }) => path);
            assert.ok(places.length > 40, String(places.length));
            for (const [index, path] of places.entries()) {
                const changed = objects();
                leaves(ownFilter(changed, name).spec as unknown as Json)[index]!.set("*");
                assert.notEqual(meshFindings(worldOf(catalogue, changed)).result, "holds", path);
            }
        });
    }

    it("is not known with a field more, a filter more, or a filter for another control plane", () => {
        const more = (change: (all: IstioObject[]) => void) => {
            const changed = objects();
            change(changed);
            return meshFindings(worldOf(catalogue, changed)).result;
        };
        const added = (filter: object) => more(all => all.push(filter as IstioObject));
        const own = ownFilter(objects());
        assert.notEqual(
            more(all => ((ownFilter(all).spec as { priority?: number }).priority = 1)),
            "holds",
        );
        assert.notEqual(added({ ...own, metadata: { ...own.metadata, name: "again" } }), "holds");
        assert.equal(
            added({ ...own, metadata: { ...own.metadata, name: "another" }, spec: { configPatches: [] } }),
            "unknown",
        );
        assert.notEqual(
            more(all => Object.assign(ownFilter(all).metadata, { labels: { "istio.io/rev": "other" } })),
            "holds",
        );
        assert.notEqual(
            more(all => all.splice(all.indexOf(ownFilter(all)), 1)),
            "holds",
        );
    });

    it("is explained for the name that is asked for, and not for the domain itself", () => {
        const world = worldOf(catalogue, objects());
        const fate = (host: string, from = API) => explainMesh(world, from, { host, port: 443 }).fate;
        assert.equal(fate("acme.my.salesforce.com"), "leaves by the gateway");
        assert.equal(fate("x.y.my.salesforce.com"), "leaves by the gateway");
        assert.equal(fate("my.salesforce.com"), "refused");
        assert.equal(fate("acme.my.salesforce.com", { namespace: "payments", serviceAccount: "web" }), "refused");
    });
});

describe("an exact host whose inner name is checked", () => {
    const checked = (innerName?: "checked"): Destination => ({
        ...EXACT,
        ports: [{ number: 443, protocol: "tls", ...(innerName === undefined ? {} : { innerName }) }],
    });
    const rendered = (destination: Destination): IstioObject[] => compileMesh(meshSettings([destination]));
    const risks = (destination: Destination): string =>
        meshClaims(worldOf([destination], rendered(destination))).residualRisks.join("\n");

    it("holds, and is not taken for one whose name nobody reads, nor the other way round", () => {
        assert.equal(meshFindings(worldOf([checked("checked")], rendered(checked("checked")))).result, "holds");
        const lost = meshFindings(worldOf([checked("checked")], rendered(checked())));
        assert.equal(lost.result, "violated");
        assert.match(JSON.stringify(lost.witnesses), /does not read the server name inside, and it is declared to/);
        assert.equal(meshFindings(worldOf([checked()], rendered(checked("checked")))).result, "violated");
    });

    it("leaves no route to the host without its filter: everything is closed", () => {
        const objects = rendered(checked("checked")).filter(
            ({ kind, metadata }) => kind !== "EnvoyFilter" || metadata.namespace !== "istio-egress",
        );
        const world = worldOf([checked("checked")], objects);
        const { hops } = explainMesh(world, EXACT.allow[0]!, { host: "istio.io", port: 443 });
        assert.match(JSON.stringify(hops), /resolution STATIC and no endpoint: 503/);
    });

    it("takes the risk of another server name inside out of the verdict, for that port", () => {
        assert.match(risks(checked()), /not seen at istio\.io:443/);
        assert.doesNotMatch(risks(checked("checked")), /not seen at/);
        assert.match(
            risks(checked("checked")),
            /R3: at istio\.io:443 the gateway reads the server name and closes every other/,
        );
        assert.match(risks(EXACT), /not seen at istio\.io:443;/);
    });

    it("is explained", () => {
        const world = worldOf([checked("checked")], rendered(checked("checked")));
        const { hops, fate } = explainMesh(world, EXACT.allow[0]!, { host: "istio.io", port: 443 });
        assert.equal(fate, "leaves by the gateway");
        assert.match(
            JSON.stringify(hops),
            /reads the server name inside, closes what is not istio\.io, resolves it itself/,
        );
    });
});
