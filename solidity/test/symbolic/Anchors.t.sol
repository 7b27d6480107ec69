// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Anchors} from "../../src/Anchors.sol";
import {Anchor} from "../../src/interfaces/IAnchors.sol";
import {vm} from "../support/Vm.sol";

/// @notice What holds of the anchors for every account, day, root and moment, proved by halmos. Each
/// property has a false twin, `check_False_…`, as in {Words_Symbolic_Test}.
contract Anchors_Symbolic_Test {
    Anchors private _anchors;

    function setUp() external {
        _anchors = new Anchors();
    }

    /// @dev ANC-02, ANC-03: what is written is what was said, it was said of a day that had begun,
    /// and a second word of that day changes nothing.
    function check_ANC03_WrittenOnce(
        address who,
        uint256 day,
        bytes32 root,
        bytes32 other,
        uint64 first,
        uint64 later
    ) external {
        vm.warp(first);
        bool written = _anchor(who, day, root);
        assert(written == (root != bytes32(0) && day <= uint256(first) / 1 days));

        vm.warp(later);
        vm.roll(block.number + 1);
        bool again = _anchor(who, day, other);

        Anchor memory kept = _anchors.anchorOf(who, day);
        assert(!(written && again));
        if (written) assert(kept.root == root && kept.timestamp == first);
        else if (again) assert(kept.root == other && kept.timestamp == later);
        else assert(kept.root == bytes32(0));
    }

    function check_False_AnotherRootTakesItsPlace(
        address who,
        uint256 day,
        bytes32 root,
        bytes32 other,
        uint64 first
    ) external {
        vm.warp(first);
        _anchor(who, day, root);
        _anchor(who, day, other);

        assert(_anchors.anchorOf(who, day).root == other || other == bytes32(0));
    }

    /// @dev ADM-01: nobody writes in another's name, nor on another day of the own.
    function check_ADM01_AnAnchorTouchesItsOwnPlaceAlone(
        address who,
        uint256 day,
        bytes32 root,
        address another,
        uint256 otherDay,
        bytes32 otherRoot,
        uint64 moment
    ) external {
        if (who == another && day == otherDay) return;
        vm.warp(moment);
        _anchor(another, otherDay, otherRoot);
        Anchor memory before = _anchors.anchorOf(another, otherDay);

        _anchor(who, day, root);

        Anchor memory kept = _anchors.anchorOf(another, otherDay);
        assert(kept.root == before.root && kept.timestamp == before.timestamp);
        assert(kept.blockNumber == before.blockNumber);
    }

    function check_False_AnAnchorIsNobodys(address who, address another, bytes32 root) external {
        vm.warp(0);
        _anchor(who, 0, root);

        assert(_anchors.anchorOf(another, 0).root == bytes32(0) || root == bytes32(0));
    }

    /// @dev ANC-01, ADM-01: keys are added behind those that are there, and change no others.
    function check_ADM01_AKeyStandsBehindTheOwnOnes(
        address who,
        bytes32 first,
        bytes32 second,
        address another,
        bytes32 theirs
    ) external {
        if (who == another || first == bytes32(0)) return;
        _publish(who, first);
        _publish(another, theirs);
        uint256 others = _anchors.keyCountOf(another);

        bool added = _publish(who, second);

        assert(added == (second != bytes32(0)));
        assert(_anchors.keyCountOf(who) == (added ? 2 : 1));
        assert(_anchors.keyOf(who, 0).key == first);
        if (added) assert(_anchors.keyOf(who, 1).key == second);
        assert(_anchors.keyCountOf(another) == others);
    }

    function check_False_AKeyTakesThePlaceOfTheLast(address who, bytes32 first, bytes32 second)
        external
    {
        if (first == bytes32(0) || second == bytes32(0)) return;
        _publish(who, first);
        _publish(who, second);

        assert(_anchors.keyOf(who, 0).key == second);
    }

    function _anchor(address who, uint256 day, bytes32 root) private returns (bool done) {
        vm.prank(who);
        (done,) = address(_anchors).call(abi.encodeCall(Anchors.anchor, (day, root)));
    }

    function _publish(address who, bytes32 key) private returns (bool done) {
        vm.prank(who);
        (done,) = address(_anchors).call(abi.encodeCall(Anchors.publishKey, (key)));
    }
}
