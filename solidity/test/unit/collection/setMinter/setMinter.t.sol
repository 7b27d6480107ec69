// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetMinter_Unit_Test is CollectionBase {
    function test_RevertGiven_CollectionOfAnotherArtist() external {
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
        );
        own.setMinter(forger, true);

        vm.assertFalse(own.isMinter(forger, forger));
    }

    function test_WhenNothingChanges() external {
        vm.recordLogs();

        vm.startPrank(artist);
        collection.setMinter(minter, false);
        vm.stopPrank();

        // It should emit nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_WhenMinterNamed() external {
        // It should emit {MinterChanged}.
        vm.expectEmit(address(collection));
        emit ICollection.MinterChanged(artist, minter, true);
        vm.prank(artist);
        collection.setMinter(minter, true);

        // It should let the minter mint in the name of the caller.
        vm.assertTrue(collection.isMinter(artist, minter));
        uint256 id = _idOf(artist, 2);
        vm.startPrank(minter);
        collection.mint(buyer, id, DIGEST, ROYALTY_BPS, address(0));
        vm.assertEq(works.ownerOf(id), buyer);
        (address receiver,) = collection.royaltyInfo(id, PRICE);
        vm.assertEq(receiver, artist);
        // It should let the minter do nothing else.
        bytes memory reason =
            abi.encodeWithSelector(ICollection.Collection_NotCreator.selector, id, minter);
        vm.expectRevert(reason);
        collection.setMetadata(id, bytes32(uint256(1)));
        vm.expectRevert(reason);
        collection.setRoyalty(id, 0);
        vm.expectRevert(reason);
        collection.freeze(id);
        vm.stopPrank();
        vm.assertFalse(collection.isMinter(seller, minter));
    }

    function test_WhenMinterTakenBack() external {
        vm.prank(artist);
        collection.setMinter(minter, true);

        // It should emit {MinterChanged} again.
        vm.expectEmit(address(collection));
        emit ICollection.MinterChanged(artist, minter, false);
        vm.prank(artist);
        collection.setMinter(minter, false);

        // It should let the minter mint no more.
        vm.prank(minter);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, minter)
        );
        collection.mint(buyer, _idOf(artist, 2), DIGEST, ROYALTY_BPS, address(0));
    }
}
