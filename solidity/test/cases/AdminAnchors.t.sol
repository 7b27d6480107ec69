// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AnchorsBase} from "../AnchorsBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice Nobody has power over anchors, and a stranger writes in the own name only.
contract AdminAnchors_Cases is AnchorsBase {
    function test_ADM01_AnchorsOpenToAllTouchOnlyTheCaller() external {
        _anchor(issuer, TODAY, ROOT);
        vm.prank(issuer);
        anchors.publishKey(KEY);

        vm.startPrank(other);
        anchors.anchor(TODAY, bytes32(uint256(1)));
        anchors.publishKey(bytes32(uint256(1)));
        vm.stopPrank();

        vm.assertEq(anchors.anchorOf(issuer, TODAY).root, ROOT);
        vm.assertEq(anchors.keyCountOf(issuer), 1);
        vm.assertEq(anchors.keyOf(issuer, 0).key, KEY);
    }
}
