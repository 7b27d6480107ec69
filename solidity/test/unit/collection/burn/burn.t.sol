// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {PlainWord} from "../../../reference/PlainSettlement.sol";
import {vm} from "../../../support/Vm.sol";

contract Burn_Unit_Test is Base {
    function test_RevertWhen_CallerNeitherOwnerNorApproved() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        collection.burn(tokenId);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_NoSuchWork() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.burn(tokenId + 1);
    }

    function test_RevertGiven_CountAtItsEnd() external {
        uint256 last = uint160(seller) | (uint256(type(uint48).max) << 208);
        vm.store(address(collection), bytes32(PlainWord.slot(tokenId)), bytes32(last));

        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_TransferCountExhausted.selector, tokenId)
        );
        collection.burn(tokenId);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_WhenCallerApproved() external {
        vm.prank(seller);
        works.approve(studio, tokenId);

        vm.prank(studio);
        collection.burn(tokenId);

        // It should burn the work.
        vm.assertEq(works.balanceOf(seller), 0);
        vm.assertEq(collection.transferCount(tokenId), 1);
    }

    function test_WhenCallerOwner() external {
        uint256 id = _idOf(artist, 2);
        vm.startPrank(artist);
        collection.mint(seller, id, DIGEST, ROYALTY_BPS, studio);
        collection.freeze(id);
        vm.stopPrank();
        vm.prank(seller);
        works.approve(studio, id);

        // It should emit {Transfer} to zero.
        vm.expectEmit(address(collection));
        emit IERC721.Transfer(seller, address(0), id);
        vm.prank(seller);
        collection.burn(id);

        // It should clear approval, digest, royalty, payee and freeze.
        bytes32 approval = bytes32(PlainWord.slot(id) + 1);
        vm.assertEq(vm.load(address(collection), approval), 0);
        vm.assertEq(collection.metadataDigest(id), 0);
        // It should raise the transfer count and keep it.
        vm.assertEq(uint256(collection.ownershipWord(id)), 1 << 208);
        vm.assertEq(collection.transferCount(id), 1);
    }
}
