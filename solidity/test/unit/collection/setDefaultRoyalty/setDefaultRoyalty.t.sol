// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetDefaultRoyalty_Unit_Test is CollectionBase {
    uint16 private constant DEFAULT = type(uint16).max;

    function test_RevertGiven_CollectionOfAnotherArtist() external {
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
        );
        own.setDefaultRoyalty(500, forger);
    }

    function test_RevertWhen_RoyaltyAbove2500Bps() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_RoyaltyTooHigh.selector, 2501, 2500)
        );
        collection.setDefaultRoyalty(2501, studio);
    }

    function test_GivenNoneSet() external {
        vm.prank(artist);
        collection.mint(buyer, _idOf(artist, 2), DIGEST, DEFAULT, address(0));

        // It should answer nothing for the creator.
        _checkDefault(artist, 0, artist);
        _checkRoyalty(2, 0, artist);
    }

    function test_WhenReceiverZero() external {
        vm.prank(artist);
        collection.setDefaultRoyalty(500, address(0));

        // It should name the caller.
        _checkDefault(artist, 500, artist);
        vm.assertEq(collection.payees(1), address(0));
    }

    function test_WhenReceiverNamed() external {
        // It should emit {DefaultRoyaltyChanged}.
        vm.expectEmit(address(collection));
        emit ICollection.DefaultRoyaltyChanged(artist, 750, studio);
        vm.startPrank(artist);
        collection.setDefaultRoyalty(750, studio);
        collection.mint(buyer, _idOf(artist, 2), DIGEST, DEFAULT, address(0));
        vm.stopPrank();

        // It should give works minted afterwards that royalty.
        _checkRoyalty(2, 750, studio);
        vm.assertEq(
            uint256(collection.ownershipWord(_idOf(artist, 2))),
            uint160(buyer) | (uint256(750) << 160) | (1 << 176)
        );
        // It should leave earlier works and other creators alone.
        _checkRoyalty(1, ROYALTY_BPS, artist);
        _checkDefault(seller, 0, seller);
    }

    function test_WhenChangedLater() external {
        vm.startPrank(artist);
        collection.setDefaultRoyalty(750, studio);
        collection.mint(buyer, _idOf(artist, 2), DIGEST, DEFAULT, address(0));
        collection.setDefaultRoyalty(1000, address(0));
        collection.mint(buyer, _idOf(artist, 3), DIGEST, DEFAULT, address(0));
        vm.stopPrank();

        // It should leave works minted with the former.
        _checkRoyalty(2, 750, studio);
        _checkRoyalty(3, 1000, artist);
    }

    function _checkDefault(address creator, uint16 bps, address receiver) private view {
        (uint16 share, address named) = collection.defaultRoyalty(creator);
        vm.assertEq(share, bps);
        vm.assertEq(named, receiver);
    }

    function _checkRoyalty(uint96 n, uint256 bps, address receiver) private view {
        (address named, uint256 amount) = collection.royaltyInfo(_idOf(artist, n), 10_000);
        vm.assertEq(named, receiver);
        vm.assertEq(amount, bps);
    }
}
