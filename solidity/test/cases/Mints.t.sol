// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {IERC7572} from "../../src/interfaces/IERC7572.sol";
import {ITransferCount} from "../../src/interfaces/ITransferCount.sol";
import {Order} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {Reenterer} from "../doubles/Receivers.sol";
import {vm} from "../support/Vm.sol";

/// @notice The collection: cases MNT-02, MNT-04 to MNT-06 and MNT-09.
contract Mints_Cases is Base {
    function test_MNT02_ReceiverIsNotCalled() external {
        Reenterer greedy = new Reenterer();
        greedy.arm(
            address(collection),
            abi.encodeCall(
                ICollection.mint,
                (address(greedy), _idOf(address(greedy), 9), DIGEST, 0, address(0))
            )
        );

        uint256 id = _mint(address(greedy), 2);

        vm.assertEq(greedy.calls(), 0);
        vm.assertEq(works.ownerOf(id), address(greedy));
        vm.assertEq(works.balanceOf(address(greedy)), 1);
    }

    function test_MNT04_NothingSignedBeforeABurningComesToLife() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(seller);
        collection.burn(tokenId);

        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, tokenId)
        );
        collection.mint(seller, tokenId, DIGEST, ROYALTY_BPS, address(0));
        _refuse(order, signature, PRICE, abi.encodeWithSignature("TokenDoesNotExist()"));
    }

    function test_MNT04_BurnedWorkCannotBeChanged() external {
        vm.prank(seller);
        collection.burn(tokenId);

        vm.startPrank(artist);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.setMetadata(tokenId, DIGEST);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.setRoyalty(tokenId, 0);
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        collection.freeze(tokenId);
        vm.stopPrank();

        vm.assertEq(uint256(collection.ownershipWord(tokenId)), 1 << 208);
    }

    function test_MNT05_SelfTransferPaysNothingOut() external {
        vm.startPrank(seller);
        works.transferFrom(seller, seller, tokenId);
        works.transferFrom(seller, seller, tokenId);
        vm.stopPrank();

        vm.assertEq(works.balanceOf(seller), 1);
        vm.assertEq(collection.transferCount(tokenId), 2);
    }

    function test_MNT05_ApprovalDoesNotSurvive() external {
        vm.startPrank(seller);
        works.approve(forger, tokenId);
        works.transferFrom(seller, seller, tokenId);
        vm.stopPrank();

        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.transferFrom(seller, forger, tokenId);
    }

    function test_MNT06_OwnerHasNoSayInTheWork() external {
        // The owner, an approved operator and the exchange are not the creator.
        address[3] memory others = [seller, address(exchange), platform];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(
                ICollection.Collection_NotCreator.selector, tokenId, others[i]
            );
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            collection.setMetadata(tokenId, bytes32(uint256(1)));
            vm.expectRevert(reason);
            collection.setRoyalty(tokenId, 0);
            vm.expectRevert(reason);
            collection.freeze(tokenId);
            vm.stopPrank();
        }
        vm.assertEq(collection.metadataDigest(tokenId), DIGEST);
    }

    function test_MNT06_NobodyMintsInAnothersName() external {
        uint256 id = _idOf(artist, 2);
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, forger)
        );
        collection.mint(forger, id, DIGEST, 0, artist);

        vm.assertEq(uint256(collection.ownershipWord(id)), 0);
    }

    function test_MNT09_InterfaceIds() external view {
        IERC165 found = IERC165(address(collection));
        bytes4[7] memory spoken = [
            bytes4(0x01ffc9a7), // ERC-165
            0x80ac58cd, // ERC-721
            0x5b5e139f, // ERC-721 metadata
            0x2a55205a, // ERC-2981
            0x49064906, // ERC-4906
            0xe8a3d485, // ERC-7572
            0xcaf1690e // transfer count
        ];
        for (uint256 i = 0; i < spoken.length; ++i) {
            vm.assertTrue(found.supportsInterface(spoken[i]));
        }
        vm.assertFalse(found.supportsInterface(0xffffffff));
        vm.assertFalse(found.supportsInterface(0xd9b67a26));
        vm.assertEq(bytes32(type(IERC7572).interfaceId), bytes32(bytes4(0xe8a3d485)));
        vm.assertEq(bytes32(type(ITransferCount).interfaceId), bytes32(bytes4(0xcaf1690e)));
    }
}
