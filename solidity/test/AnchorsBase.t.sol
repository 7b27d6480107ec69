// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAnchors} from "../src/interfaces/IAnchors.sol";
import {vm} from "./support/Vm.sol";

/// @notice The anchors as they are deployed, at noon of a day.
abstract contract AnchorsBase {
    uint256 internal constant NOW = 1_800_014_400;
    uint256 internal constant TODAY = NOW / 1 days;
    uint256 internal constant HEIGHT = 240;
    bytes32 internal constant ROOT = bytes32(uint256(0x600d));
    bytes32 internal constant KEY = bytes32(uint256(0xed25519));

    address internal issuer = address(0x1550e7);
    address internal other = address(0x07e7);

    IAnchors internal anchors;

    function setUp() public virtual {
        vm.warp(NOW);
        vm.roll(HEIGHT);
        anchors = IAnchors(vm.deployCode("Anchors.sol:Anchors", bytes("")));
        vm.label(issuer, "issuer");
        vm.label(other, "other");
    }

    function _anchor(address who, uint256 day, bytes32 root) internal {
        vm.prank(who);
        anchors.anchor(day, root);
    }
}
