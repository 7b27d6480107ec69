// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);

        // It should count.
        vm.assertEq(collection.transferCount(tokenId), 1);
        vm.assertEq(works.ownerOf(tokenId), seller);
        vm.assertEq(works.balanceOf(seller), 1);
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
        // It should leave the terms.
        vm.assertEq(collection.metadataDigest(tokenId), DIGEST);
        (address receiver, uint256 amount) = collection.royaltyInfo(tokenId, 10_000);
        vm.assertEq(receiver, artist);
        vm.assertEq(amount, ROYALTY_BPS);
    }
}
