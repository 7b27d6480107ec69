// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract FreezeAll_Unit_Test is CollectionBase {
    function test_RevertGiven_CollectionOfAnotherArtist() external {
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
        );
        own.freezeAll();

        vm.assertFalse(own.isAllFrozen(forger));
    }

    function test_RevertGiven_AllFrozen() external {
        vm.startPrank(artist);
        collection.freezeAll();

        vm.expectRevert(_frozen());
        collection.freezeAll();
        vm.stopPrank();
    }

    function test_WhenCalledByACreatorOfTheHouse() external {
        bytes32 word = collection.ownershipWord(tokenId);

        // It should emit {AllFrozen}.
        vm.expectEmit(address(collection));
        emit ICollection.AllFrozen(artist);
        vm.startPrank(artist);
        collection.freezeAll();

        // It should end every change of a work of the creator.
        vm.assertTrue(collection.isFrozen(tokenId) && collection.isAllFrozen(artist));
        vm.expectRevert(_frozen());
        collection.setMetadata(tokenId, bytes32(uint256(1)));
        vm.expectRevert(_frozen());
        collection.setRoyalty(tokenId, 0);
        vm.expectRevert(_frozen());
        collection.freeze(tokenId);
        vm.assertEq(collection.ownershipWord(tokenId), word);
        // It should freeze works minted afterwards too.
        vm.stopPrank();
        uint256 later = _mint(seller, 2);
        vm.assertTrue(collection.isFrozen(later));
        vm.prank(artist);
        vm.expectRevert(_frozen());
        collection.setMetadata(later, bytes32(uint256(1)));
        // It should leave other creators alone.
        vm.assertFalse(collection.isFrozen(_idOf(seller, 1)));
        vm.startPrank(seller);
        collection.mint(seller, _idOf(seller, 1), DIGEST, 0, address(0));
        collection.setMetadata(_idOf(seller, 1), bytes32(uint256(1)));
        vm.stopPrank();
    }

    function test_WhenCalledByTheArtist() external {
        vm.startPrank(artist);
        own.freezeAll();

        // It should end changes of the description.
        vm.expectRevert(_frozen());
        own.setContractMetadata(bytes32(uint256(1)));
        vm.stopPrank();
        vm.assertFalse(collection.isAllFrozen(artist));
    }

    function _frozen() private view returns (bytes memory) {
        return abi.encodeWithSelector(ICollection.Collection_AllFrozen.selector, artist);
    }
}
