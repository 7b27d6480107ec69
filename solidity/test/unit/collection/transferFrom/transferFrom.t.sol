// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {PlainWord} from "../../../reference/PlainSettlement.sol";
import {vm} from "../../../support/Vm.sol";

contract TransferFrom_Unit_Test is Base {
    function test_RevertWhen_ReceiverZero() external {
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSignature("TransferToZeroAddress()"));
        works.transferFrom(seller, address(0), tokenId);

        vm.assertEq(collection.transferCount(tokenId), 0);
    }

    function test_RevertWhen_CoinSentAlong() external {
        bytes memory transfer =
            abi.encodeWithSelector(works.transferFrom.selector, seller, buyer, tokenId);
        bytes memory approval = abi.encodeWithSelector(works.approve.selector, buyer, tokenId);
        bytes memory reason =
            abi.encodeWithSelector(ICollection.Collection_CoinNotAccepted.selector);

        vm.prank(seller);
        (bool moved, bytes memory first) = address(collection).call{value: 1}(transfer);
        vm.prank(seller);
        (bool approved, bytes memory second) = address(collection).call{value: 1}(approval);

        vm.assertFalse(moved || approved);
        vm.assertEq(first, reason);
        vm.assertEq(second, reason);
    }

    function test_RevertWhen_CallerNotApproved() external {
        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.transferFrom(seller, forger, tokenId);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertWhen_CallerZero() external {
        // What a node simulates without a sender comes from there.
        vm.prank(address(0));
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.transferFrom(seller, buyer, tokenId);
    }

    function test_RevertGiven_ApprovalTakenBack() external {
        vm.startPrank(seller);
        works.approve(studio, tokenId);
        works.approve(address(0), tokenId);
        vm.stopPrank();

        vm.prank(studio);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.transferFrom(seller, buyer, tokenId);

        vm.assertFalse(PlainWord.unpack(uint256(collection.ownershipWord(tokenId))).approved);
    }

    function test_RevertGiven_AnotherOwner() external {
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSignature("TransferFromIncorrectOwner()"));
        works.transferFrom(buyer, seller, tokenId);
    }

    function test_RevertGiven_NoSuchWork() external {
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        works.transferFrom(seller, buyer, tokenId + 1);
    }

    function test_RevertGiven_ReceiverHoldsAsManyAsThereMayBe() external {
        bytes32 slot = keccak256(abi.encodePacked(buyer, uint64(0x0a5a2e7a00000000)));
        vm.store(address(collection), slot, bytes32(uint256(type(uint32).max)));

        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSignature("AccountBalanceOverflow()"));
        works.transferFrom(seller, buyer, tokenId);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_CountAtItsEnd() external {
        uint256 last = uint160(seller) | (uint256(type(uint48).max) << 208);
        vm.store(address(collection), bytes32(PlainWord.slot(tokenId)), bytes32(last));

        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_TransferCountExhausted.selector, tokenId)
        );
        works.transferFrom(seller, buyer, tokenId);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_WhenSentToOneself() external {
        vm.startPrank(seller);
        works.approve(studio, tokenId);
        works.transferFrom(seller, seller, tokenId);
        vm.stopPrank();

        // It should count.
        vm.assertEq(collection.transferCount(tokenId), 1);
        vm.assertEq(works.ownerOf(tokenId), seller);
        vm.assertEq(works.balanceOf(seller), 1);
        // It should clear the approval.
        vm.assertEq(works.getApproved(tokenId), address(0));
        vm.assertFalse(PlainWord.unpack(uint256(collection.ownershipWord(tokenId))).approved);
    }

    function test_WhenMovedByAnOperator() external {
        vm.startPrank(seller);
        works.setApprovalForAll(platform, true);
        works.approve(studio, tokenId);
        vm.stopPrank();

        // It should emit {Transfer}.
        vm.expectEmit(address(collection));
        emit IERC721.Transfer(seller, buyer, tokenId);
        vm.prank(platform);
        works.transferFrom(seller, buyer, tokenId);

        // It should move the work.
        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(works.balanceOf(seller), 0);
        vm.assertEq(works.balanceOf(buyer), 1);
        // It should clear the approval of another.
        vm.assertEq(works.getApproved(tokenId), address(0));
    }

    function test_WhenSentToAnother() external {
        vm.prank(seller);
        works.approve(studio, tokenId);

        vm.prank(studio);
        works.safeTransferFrom(seller, buyer, tokenId);

        // It should count.
        (address owner, uint256 count) = collection.ownerAndCount(tokenId);
        vm.assertEq(owner, buyer);
        vm.assertEq(count, 1);
        // It should clear the approval.
        vm.assertEq(works.getApproved(tokenId), address(0));
        vm.assertFalse(PlainWord.unpack(uint256(collection.ownershipWord(tokenId))).approved);
        // It should leave the terms.
        vm.assertEq(collection.metadataDigest(tokenId), DIGEST);
        (address receiver, uint256 amount) = collection.royaltyInfo(tokenId, 10_000);
        vm.assertEq(receiver, artist);
        vm.assertEq(amount, ROYALTY_BPS);
    }
}
