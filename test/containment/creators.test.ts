import assert from "node:assert/strict";
import { type Resource } from "../../containment/resource";
import { treatmentOf } from "../../containment/world/catalogue";

const resource = (type: string, provider?: string): Resource => ({
    urn: `urn:pulumi:dev::p::${type}::x`,
    type,
    name: "x",
    inputs: {},
    dependsOn: [],
    ...(provider === undefined ? {} : { provider }),
});

describe("who else can make resources", () => {
    for (const type of [
        "google:index/computeFirewall:ComputeFirewall",
        "google-beta:index/computeRoute:ComputeRoute",
        "google-native:compute/v1:Route",
        "command:local:Command",
        "command:remote:Command",
        "pulumi-nodejs:dynamic:Resource",
        "pulumi-nodejs:dynamic/module:Thing",
        "pulumi-python:dynamic:Resource",
        "terraform-module:index:Module",
        "kubernetes:compute.gcp.upbound.io/v1beta1:Route",
        "kubernetes:apiextensions.crossplane.io/v1:Composition",
        "kubernetes:compute.cnrm.cloud.google.com/v1beta1:ComputeFirewall",
        "kubernetes:argoproj.io/v1alpha1:Application",
        "kubernetes:argoproj.io/v1alpha1:ApplicationSet",
        "kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization",
        "kubernetes:helm.toolkit.fluxcd.io/v2:HelmRelease",
        "kubernetes:configsync.gke.io/v1beta1:RootSync",
        "kubernetes:infrastructure.cluster.x-k8s.io/v1beta1:GCPMachinePool",
        "kubernetes:pulumi.com/v1:Stack",
    ]) {
        it(`is not known to make nothing: ${type}`, () => {
            assert.equal(treatmentOf(resource(type)).kind, "unmodelled");
        });
    }

    it("is a provider that nobody placed, but not a component, whose children are judged by themselves", () => {
        const type = "spotinst:gke/oceanImport:OceanImport";
        assert.equal(treatmentOf(resource(type, "urn:pulumi:dev::p::pulumi:providers:spotinst::s")).kind, "unmodelled");
        assert.equal(treatmentOf(resource("acme:web:Site")).kind, "harmless");
    });

    for (const type of [
        "random:index/randomPassword:RandomPassword",
        "tls:index/privateKey:PrivateKey",
        "datadog:index/monitor:Monitor",
        "pulumi:providers:gcp",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:argoproj.io/v1alpha1:Rollout",
        "kubernetes:networking.istio.io/v1:ServiceEntry",
    ]) {
        it(`is not ${type}`, () => {
            assert.equal(treatmentOf(resource(type, "urn:pulumi:dev::p::pulumi:providers:x::y")).kind, "harmless");
        });
    }
});
