// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AnchorsBase} from "../AnchorsBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice What a day's anchor and a key cost by themselves: case BLD-03.
contract AnchorsGas_Test is AnchorsBase {
    function test_BLD03_Anchors() external {
        vm.startPrank(issuer);
        anchors.anchor(TODAY, ROOT);
        vm.snapshotGasLastCall("Anchors", "anchor");
        anchors.publishKey(KEY);
        vm.snapshotGasLastCall("Anchors", "publishKey, first");
        anchors.publishKey(bytes32(uint256(KEY) + 1));
        vm.snapshotGasLastCall("Anchors", "publishKey");
        vm.stopPrank();
    }
}
