// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Anchor, IAnchors, PublishedKey} from "../../src/interfaces/IAnchors.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Three people anchor days and publish keys while time goes on; everything that was ever
/// written is remembered. Every action must succeed.
contract AnchorsHandler {
    struct Written {
        address who;
        uint256 at;
        bytes32 value;
        uint64 blockNumber;
        uint64 timestamp;
    }

    IAnchors public immutable anchors;
    uint256 public refused;
    uint256 public total;

    Written[] private _days;
    Written[] private _keys;
    uint64 private _now;
    uint64 private _height;

    constructor(IAnchors anchors_, uint256 now_, uint256 height) {
        anchors = anchors_;
        (_now, _height) = (uint64(now_), uint64(height));
    }

    function anchor(uint256 seed, uint256 day, bytes32 root) external {
        _move(seed);
        address who = _who(seed);
        day = bound(day, _now / 1 days - 20, _now / 1 days);
        if (root == bytes32(0)) root = bytes32(uint256(1));
        bool isNew = anchors.anchorOf(who, day).root == bytes32(0);

        vm.prank(who);
        (bool success,) = address(anchors).call(abi.encodeCall(IAnchors.anchor, (day, root)));

        vm.assertEq(success, isNew);
        if (success) _days.push(Written(who, day, root, _height, _now));
        else ++refused;
    }

    function publish(uint256 seed, bytes32 key) external {
        _move(seed);
        address who = _who(seed);
        if (key == bytes32(0)) key = bytes32(uint256(1));
        uint256 count = anchors.keyCountOf(who);

        vm.prank(who);
        uint256 index = anchors.publishKey(key);

        vm.assertEq(index, count);
        _keys.push(Written(who, index, key, _height, _now));
    }

    function check() external view {
        for (uint256 i = 0; i < _days.length; ++i) {
            Written storage told = _days[i];
            Anchor memory kept = anchors.anchorOf(told.who, told.at);
            vm.assertEq(kept.root, told.value);
            vm.assertEq(kept.blockNumber, told.blockNumber);
            vm.assertEq(kept.timestamp, told.timestamp);
        }
        for (uint256 i = 0; i < _keys.length; ++i) {
            Written storage told = _keys[i];
            PublishedKey memory kept = anchors.keyOf(told.who, told.at);
            vm.assertEq(kept.key, told.value);
            vm.assertEq(kept.blockNumber, told.blockNumber);
            vm.assertEq(kept.timestamp, told.timestamp);
        }
    }

    function written() external view returns (uint256 anchored, uint256 published) {
        return (_days.length, _keys.length);
    }

    function _move(uint256 seed) private {
        ++total;
        _now += uint64(bound(seed >> 8, 0, 8 hours));
        _height += uint64(bound(seed >> 16, 0, 3));
        vm.warp(_now);
        vm.roll(_height);
    }

    function _who(uint256 seed) private pure returns (address) {
        return address(uint160(0xa11ce + seed % 3));
    }
}
