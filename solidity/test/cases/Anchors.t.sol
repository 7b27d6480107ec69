// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Anchor, IAnchors} from "../../src/interfaces/IAnchors.sol";
import {AnchorsBase} from "../AnchorsBase.t.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Where anchors and keys lie, for those who prove storage, and what the day may be.
contract Anchors_Cases is AnchorsBase {
    function testFuzz_ANC01_AnchorsLieWhereProofsLook(address who, uint256 day, bytes32 root)
        external
    {
        day = bound(day, 0, TODAY);
        if (root == bytes32(0)) root = ROOT;

        _anchor(who, day, root);

        bytes32 slot = keccak256(abi.encode(day, keccak256(abi.encode(who, uint256(0)))));
        vm.assertEq(vm.load(address(anchors), slot), root);
        vm.assertEq(uint256(vm.load(address(anchors), _next(slot))), (NOW << 64) | HEIGHT);
    }

    function testFuzz_ANC01_KeysLieWhereProofsLook(address who, bytes32 key) external {
        if (key == bytes32(0)) key = KEY;
        vm.startPrank(who);
        anchors.publishKey(KEY);
        anchors.publishKey(key);
        vm.stopPrank();

        bytes32 length = keccak256(abi.encode(who, uint256(1)));
        bytes32 second = bytes32(uint256(keccak256(abi.encode(length))) + 2);
        vm.assertEq(uint256(vm.load(address(anchors), length)), 2);
        vm.assertEq(vm.load(address(anchors), second), key);
        vm.assertEq(uint256(vm.load(address(anchors), _next(second))), (NOW << 64) | HEIGHT);
    }

    function testFuzz_ANC02_NoDayBeforeItBegins(uint256 time, uint256 day) external {
        time = bound(time, 0, type(uint64).max);
        vm.warp(time);
        vm.prank(issuer);
        (bool success,) = address(anchors).call(abi.encodeCall(IAnchors.anchor, (day, ROOT)));

        vm.assertEq(success, day <= time / 1 days);
    }

    function testFuzz_ANC03_WrittenOnce(bytes32 first, bytes32 second, uint256 later) external {
        if (first == bytes32(0)) first = ROOT;
        _anchor(issuer, TODAY, first);
        vm.warp(NOW + bound(later, 0, 36_500 days));

        vm.prank(issuer);
        (bool success,) = address(anchors).call(abi.encodeCall(IAnchors.anchor, (TODAY, second)));

        vm.assertFalse(success);
        Anchor memory kept = anchors.anchorOf(issuer, TODAY);
        vm.assertEq(kept.root, first);
        vm.assertEq(kept.timestamp, NOW);
    }

    function test_ANC04_TakesNoCoin() external {
        vm.deal(issuer, 1 ether);
        vm.prank(issuer);
        (bool success,) =
            address(anchors).call{value: 1}(abi.encodeCall(IAnchors.anchor, (TODAY, ROOT)));
        vm.assertFalse(success);
        vm.prank(issuer);
        (success,) = address(anchors).call{value: 1, gas: 100_000}("");
        vm.assertFalse(success);
    }

    function _next(bytes32 slot) private pure returns (bytes32) {
        return bytes32(uint256(slot) + 1);
    }
}
