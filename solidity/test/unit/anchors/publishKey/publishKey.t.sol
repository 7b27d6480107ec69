// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAnchors, PublishedKey} from "../../../../src/interfaces/IAnchors.sol";
import {AnchorsBase} from "../../../AnchorsBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract PublishKey_Unit_Test is AnchorsBase {
    function test_RevertWhen_KeyZero() external {
        vm.expectRevert(IAnchors.Anchors_KeyZero.selector);
        _publish(issuer, bytes32(0));
    }

    function test_GivenKeysOfAnother() external {
        _publish(other, bytes32(uint256(1)));

        // It should begin at zero.
        vm.assertEq(_publish(issuer, KEY), 0);
        vm.assertEq(anchors.keyCountOf(issuer), 1);
        vm.assertEq(anchors.keyOf(issuer, 0).key, KEY);
    }

    function test_GivenAKeyBefore() external {
        _publish(issuer, KEY);
        vm.warp(NOW + 1 days);
        vm.roll(HEIGHT + 1);

        // It should come behind it.
        vm.assertEq(_publish(issuer, bytes32(uint256(2))), 1);
        vm.assertEq(anchors.keyCountOf(issuer), 2);
        vm.assertEq(anchors.keyOf(issuer, 1).key, bytes32(uint256(2)));
        vm.assertEq(anchors.keyOf(issuer, 1).timestamp, NOW + 1 days);

        // It should leave it as it was.
        vm.assertEq(anchors.keyOf(issuer, 0).key, KEY);
        vm.assertEq(anchors.keyOf(issuer, 0).timestamp, NOW);
    }

    function test_WhenKeyFirst() external {
        // It should emit {KeyPublished}.
        vm.expectEmit(address(anchors));
        emit IAnchors.KeyPublished(issuer, 0, KEY);
        _publish(issuer, KEY);

        PublishedKey memory kept = anchors.keyOf(issuer, 0);
        // It should keep the key.
        vm.assertEq(kept.key, KEY);
        // It should keep block and time.
        vm.assertEq(kept.blockNumber, HEIGHT);
        vm.assertEq(kept.timestamp, NOW);
    }

    function _publish(address who, bytes32 key) private returns (uint256) {
        vm.prank(who);
        return anchors.publishKey(key);
    }
}
