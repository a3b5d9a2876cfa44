import assert from "node:assert/strict";
import fc from "fast-check";
import { natCapacity, PORTS_PER_ADDRESS } from "../../settings/natCapacity";

describe("natCapacity", () => {
    it("counts the node that an upgrade adds", () => {
        // 6 nodes and one more, 2,048 ports each: 14,336 of the 64,512 of one address.
        const capacity = natCapacity({ addresses: 2, maxNodes: 6, minPortsPerNode: 2048, maxPortsPerNode: 32768 });
        assert.equal(capacity.nodes, 7);
        assert.equal(capacity.addressesNeeded, 1);
        // 7 times 32,768 is 229,376: three addresses have 193,536, four have 258,048.
        assert.equal(capacity.addressesForMaximum, 4);
        // 2,048 ports, each of them free again after 120 s.
        assert.equal(capacity.connectionRatePerNodeAndDestination.guaranteed, 17);
    });

    it("asks for the fewest addresses that are enough", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 5, max: 15 }), (maxNodes, exponent) => {
                const minPortsPerNode = 2 ** exponent;
                const { addressesNeeded, nodes } = natCapacity({
                    addresses: 1,
                    maxNodes,
                    minPortsPerNode,
                    maxPortsPerNode: 65536,
                });
                const demand = nodes * minPortsPerNode;
                assert.ok(addressesNeeded * PORTS_PER_ADDRESS >= demand);
                assert.ok((addressesNeeded - 1) * PORTS_PER_ADDRESS < demand);
            }),
        );
    });
});
