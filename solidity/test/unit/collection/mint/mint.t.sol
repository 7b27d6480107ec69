// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Mint_Unit_Test is Base {
    function test_RevertWhen_CallerNeitherCreatorNorMinter() external {
        uint256 id = _idOf(artist, 2);

        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, forger)
        );
        collection.mint(forger, id, DIGEST, ROYALTY_BPS, address(0));

        vm.assertEq(uint256(collection.ownershipWord(id)), 0);
    }

    function test_RevertWhen_DefaultAskedForAndReceiverNamed() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_DefaultNamesReceiver.selector, studio)
        );
        collection.mint(buyer, _idOf(artist, 2), DIGEST, type(uint16).max, studio);
    }

    function test_RevertWhen_ReceiverZero() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("TransferToZeroAddress()"));
        collection.mint(address(0), _idOf(artist, 2), DIGEST, ROYALTY_BPS, address(0));
    }

    function test_RevertWhen_DigestZero() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_DigestZero.selector));
        collection.mint(artist, _idOf(artist, 2), 0, ROYALTY_BPS, address(0));

        vm.assertEq(works.balanceOf(artist), 0);
    }

    function test_RevertWhen_RoyaltyAbove2500Bps() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_RoyaltyTooHigh.selector, 2501, 2500)
        );
        collection.mint(artist, _idOf(artist, 2), DIGEST, 2501, address(0));
    }

    function test_RevertGiven_MintedBefore() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, tokenId)
        );
        collection.mint(artist, _idOf(artist, 1), DIGEST, ROYALTY_BPS, address(0));

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_BurnedBefore() external {
        vm.prank(seller);
        collection.burn(tokenId);

        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, tokenId)
        );
        collection.mint(artist, _idOf(artist, 1), DIGEST, ROYALTY_BPS, address(0));
    }

    function test_RevertGiven_BalanceAtItsEnd() external {
        bytes32 slot = keccak256(abi.encodePacked(artist, uint64(0x0a5a2e7a00000000)));
        vm.store(address(collection), slot, bytes32(uint256(type(uint32).max)));

        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("AccountBalanceOverflow()"));
        collection.mint(artist, _idOf(artist, 2), DIGEST, ROYALTY_BPS, address(0));
    }

    function test_GivenBalanceOneBelowItsEnd() external {
        bytes32 slot = keccak256(abi.encodePacked(artist, uint64(0x0a5a2e7a00000000)));
        vm.store(address(collection), slot, bytes32(uint256(type(uint32).max - 1)));

        vm.prank(artist);
        collection.mint(artist, _idOf(artist, 2), DIGEST, 2500, address(0));

        // It should mint the last that fits.
        vm.assertEq(works.balanceOf(artist), type(uint32).max);
    }

    function test_WhenRoyaltyReceiverZero() external {
        uint256 id = _idOf(artist, 2);
        vm.prank(artist);
        collection.mint(buyer, id, DIGEST, ROYALTY_BPS, address(0));

        // It should name the creator.
        (address receiver, uint256 amount) = collection.royaltyInfo(id, 10_000);
        vm.assertEq(receiver, artist);
        vm.assertEq(amount, ROYALTY_BPS);
    }

    function test_WhenRoyaltyReceiverIsCaller() external {
        uint256 id = _idOf(artist, 2);
        vm.prank(artist);
        collection.mint(buyer, id, DIGEST, ROYALTY_BPS, artist);

        // It should name the creator.
        (address receiver,) = collection.royaltyInfo(id, 10_000);
        vm.assertEq(receiver, artist);
        vm.assertEq(collection.payees(1), address(0));
    }

    function test_WhenRoyaltyReceiverAnother() external {
        uint256 first = _idOf(artist, 2);
        uint256 second = _idOf(artist, 3);
        uint256 third = _idOf(artist, 4);
        vm.startPrank(artist);
        collection.mint(buyer, first, DIGEST, ROYALTY_BPS, studio);
        collection.mint(buyer, second, DIGEST, ROYALTY_BPS, studio);
        collection.mint(buyer, third, DIGEST, ROYALTY_BPS, platform);
        vm.stopPrank();

        // It should number the receiver once.
        vm.assertEq(collection.payees(0), address(0));
        vm.assertEq(collection.payees(1), studio);
        vm.assertEq(collection.payees(2), platform);
        vm.assertEq(uint32(uint256(collection.ownershipWord(first)) >> 176), 1);
        vm.assertEq(uint32(uint256(collection.ownershipWord(second)) >> 176), 1);
        vm.assertEq(uint32(uint256(collection.ownershipWord(third)) >> 176), 2);
        // It should name the receiver.
        (address receiver,) = collection.royaltyInfo(second, 10_000);
        vm.assertEq(receiver, studio);
    }

    function test_WhenTermsInOrder() external {
        uint256 id = _idOf(artist, 2);

        // It should emit {Transfer} then {Minted}.
        vm.expectEmit(address(collection));
        emit IERC721.Transfer(address(0), buyer, id);
        vm.expectEmit(address(collection));
        emit ICollection.Minted(id, DIGEST, ROYALTY_BPS, artist);
        vm.prank(artist);
        collection.mint(buyer, id, DIGEST, ROYALTY_BPS, address(0));

        // It should give the work to the receiver.
        vm.assertEq(works.ownerOf(id), buyer);
        vm.assertEq(works.balanceOf(buyer), 1);
        vm.assertEq(collection.creatorOf(id), artist);
        // It should write the whole word.
        vm.assertEq(
            uint256(collection.ownershipWord(id)), uint160(buyer) | (uint256(ROYALTY_BPS) << 160)
        );
        vm.assertEq(collection.transferCount(id), 0);
        // It should keep the digest.
        vm.assertEq(collection.metadataDigest(id), DIGEST);
    }
}
