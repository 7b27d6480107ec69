// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Freeze_Unit_Test is Base {
    function test_RevertWhen_CallerNotCreator() external {
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotCreator.selector, tokenId, seller)
        );
        collection.freeze(tokenId);

        vm.assertFalse(collection.isFrozen(tokenId));
    }

    function test_RevertGiven_NoSuchWork() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.freeze(tokenId + 1);
    }

    function test_RevertGiven_Frozen() external {
        vm.startPrank(artist);
        collection.freeze(tokenId);

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_WorkFrozen.selector, tokenId));
        collection.freeze(tokenId);
        vm.stopPrank();
    }

    function test_RevertGiven_AllFrozen() external {
        vm.startPrank(artist);
        collection.freezeAll();

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_AllFrozen.selector, artist));
        collection.freeze(tokenId);
        vm.stopPrank();
    }

    function test_GivenNotFrozen() external {
        uint256 word = uint256(collection.ownershipWord(tokenId));

        // It should emit {Frozen}.
        vm.expectEmit(address(collection));
        emit ICollection.Frozen(tokenId);
        vm.prank(artist);
        collection.freeze(tokenId);

        // It should set the bit and nothing else.
        vm.assertTrue(collection.isFrozen(tokenId));
        vm.assertEq(uint256(collection.ownershipWord(tokenId)), word | (1 << 174));
    }
}
