// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetRoyalty_Unit_Test is Base {
    modifier givenMovedBefore() {
        vm.prank(seller);
        works.transferFrom(seller, buyer, tokenId);
        _;
    }

    function test_RevertWhen_CallerNotCreator() external {
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotCreator.selector, tokenId, seller)
        );
        collection.setRoyalty(tokenId, 0);

        vm.assertEq(_bps(), ROYALTY_BPS);
    }

    function test_RevertWhen_RoyaltyAbove2500Bps() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_RoyaltyTooHigh.selector, 2501, 2500)
        );
        collection.setRoyalty(tokenId, 2501);
    }

    function test_RevertGiven_NoSuchWork() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.setRoyalty(tokenId + 1, 100);
    }

    function test_RevertGiven_Frozen() external {
        vm.startPrank(artist);
        collection.freeze(tokenId);

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_WorkFrozen.selector, tokenId));
        collection.setRoyalty(tokenId, 100);

        vm.stopPrank();
        vm.assertEq(_bps(), ROYALTY_BPS);
    }

    function test_RevertGiven_AllFrozen() external {
        vm.startPrank(artist);
        collection.freezeAll();

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_AllFrozen.selector, artist));
        collection.setRoyalty(tokenId, 0);
        vm.stopPrank();
    }

    function test_GivenRoyaltyUnchanged() external {
        vm.recordLogs();

        vm.prank(artist);
        collection.setRoyalty(tokenId, ROYALTY_BPS);

        // It should emit nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_GivenNeverMoved() external {
        // It should raise or lower the royalty.
        vm.startPrank(artist);
        collection.setRoyalty(tokenId, 2500);
        vm.assertEq(_bps(), 2500);
        collection.setRoyalty(tokenId, 0);
        vm.assertEq(_bps(), 0);
        vm.stopPrank();
    }

    function test_RevertWhen_RoyaltyRises() external givenMovedBefore {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollection.Collection_RoyaltyMayOnlyFall.selector,
                tokenId,
                ROYALTY_BPS + 1,
                ROYALTY_BPS
            )
        );
        collection.setRoyalty(tokenId, ROYALTY_BPS + 1);

        vm.assertEq(_bps(), ROYALTY_BPS);
    }

    function test_WhenRoyaltyFalls() external givenMovedBefore {
        // It should emit {RoyaltyChanged}.
        vm.expectEmit(address(collection));
        emit ICollection.RoyaltyChanged(tokenId, 100, artist);
        vm.prank(artist);
        collection.setRoyalty(tokenId, 100);

        // It should lower the royalty.
        vm.assertEq(_bps(), 100);
        // It should leave the rest of the word.
        vm.assertEq(
            uint256(collection.ownershipWord(tokenId)),
            uint160(buyer) | (uint256(100) << 160) | (uint256(1) << 208)
        );
    }

    function _bps() private view returns (uint256 bps) {
        (, bps) = collection.royaltyInfo(tokenId, 10_000);
    }
}
