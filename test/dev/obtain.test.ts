import assert from "node:assert/strict";
import { siblingModules } from "../../dev/tools/obtain";

describe("the modules that a go.mod replaces by its own folders", () => {
    it("are found in a block and on single lines, and nothing else is", () => {
        const goMod = `module k8s.io/kubernetes

go 1.26.0

require (
    k8s.io/api v0.0.0
    example.com/other v1.2.3
)

replace (
    k8s.io/api => ./staging/src/k8s.io/api
    k8s.io/client-go => ./staging/src/k8s.io/client-go
    example.com/fork => example.com/other v1.2.3
)

replace k8s.io/kubelet => ./staging/src/k8s.io/kubelet
`;
        assert.deepEqual(siblingModules(goMod), ["k8s.io/api", "k8s.io/client-go", "k8s.io/kubelet"]);
    });

    it("are none in a go.mod without replacements", () => {
        assert.deepEqual(siblingModules("module example.com/a\n\nrequire example.com/b v1.0.0\n"), []);
    });
});
