// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Anchor, IAnchors} from "../../../../src/interfaces/IAnchors.sol";
import {AnchorsBase} from "../../../AnchorsBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Anchor_Unit_Test is AnchorsBase {
    function test_RevertWhen_RootZero() external {
        vm.expectRevert(IAnchors.Anchors_RootZero.selector);
        _anchor(issuer, TODAY, bytes32(0));
    }

    function test_RevertWhen_DayTomorrow() external {
        vm.expectRevert(
            abi.encodeWithSelector(IAnchors.Anchors_DayInFuture.selector, TODAY + 1, TODAY)
        );
        _anchor(issuer, TODAY + 1, ROOT);
    }

    function test_RevertGiven_AnchoredBefore() external {
        _anchor(issuer, TODAY, ROOT);

        vm.expectRevert(
            abi.encodeWithSelector(IAnchors.Anchors_AlreadyAnchored.selector, issuer, TODAY, ROOT)
        );
        _anchor(issuer, TODAY, bytes32(uint256(ROOT) + 1));
    }

    function test_GivenAnchoredByAnother() external {
        _anchor(other, TODAY, bytes32(uint256(1)));

        _anchor(issuer, TODAY, ROOT);

        // It should keep the roots of both.
        vm.assertEq(anchors.anchorOf(other, TODAY).root, bytes32(uint256(1)));
        vm.assertEq(anchors.anchorOf(issuer, TODAY).root, ROOT);
    }

    function test_WhenDayLongAgo() external {
        // It should emit {Anchored} with that day.
        vm.expectEmit(address(anchors));
        emit IAnchors.Anchored(issuer, 0, ROOT);
        _anchor(issuer, 0, ROOT);

        // It should keep the root.
        vm.assertEq(anchors.anchorOf(issuer, 0).root, ROOT);
        vm.assertEq(anchors.anchorOf(issuer, 0).timestamp, NOW);
    }

    function test_WhenDayToday() external {
        // It should emit {Anchored}.
        vm.expectEmit(address(anchors));
        emit IAnchors.Anchored(issuer, TODAY, ROOT);
        _anchor(issuer, TODAY, ROOT);

        Anchor memory kept = anchors.anchorOf(issuer, TODAY);
        // It should keep the root.
        vm.assertEq(kept.root, ROOT);
        // It should keep block and time.
        vm.assertEq(kept.blockNumber, HEIGHT);
        vm.assertEq(kept.timestamp, NOW);
        vm.assertEq(anchors.anchorOf(issuer, TODAY - 1).root, bytes32(0));
    }
}
