// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetMetadata_Unit_Test is Base {
    bytes32 private constant OTHER = bytes32(uint256(0xc0));

    function test_RevertWhen_CallerNotCreator() external {
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotCreator.selector, tokenId, seller)
        );
        collection.setMetadata(tokenId, OTHER);

        vm.assertEq(collection.metadataDigest(tokenId), DIGEST);
    }

    function test_RevertWhen_DigestZero() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_DigestZero.selector));
        collection.setMetadata(tokenId, 0);
    }

    function test_RevertGiven_NoSuchWork() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.setMetadata(tokenId + 1, OTHER);
    }

    function test_RevertGiven_Frozen() external {
        vm.startPrank(artist);
        collection.freeze(tokenId);

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_WorkFrozen.selector, tokenId));
        collection.setMetadata(tokenId, OTHER);

        vm.stopPrank();
        vm.assertEq(collection.metadataDigest(tokenId), DIGEST);
    }

    function test_RevertGiven_AllFrozen() external {
        vm.startPrank(artist);
        collection.freezeAll();

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_AllFrozen.selector, artist));
        collection.setMetadata(tokenId, bytes32(uint256(1)));
        vm.stopPrank();
    }

    function test_GivenDigestUnchanged() external {
        vm.recordLogs();

        vm.prank(artist);
        collection.setMetadata(tokenId, DIGEST);

        // It should emit nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_GivenDigestChanged() external {
        bytes32 word = collection.ownershipWord(tokenId);

        // It should emit {MetadataDigestChanged} and {MetadataUpdate}.
        vm.expectEmit(address(collection));
        emit ICollection.MetadataDigestChanged(tokenId, OTHER);
        vm.expectEmit(address(collection));
        emit ICollection.MetadataUpdate(tokenId);
        vm.prank(artist);
        collection.setMetadata(tokenId, OTHER);

        // It should keep the new digest.
        vm.assertEq(collection.metadataDigest(tokenId), OTHER);
        vm.assertEq(collection.ownershipWord(tokenId), word);
    }
}
