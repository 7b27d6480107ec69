// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../../../src/interfaces/IAuctions.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {IdleToken} from "../../../doubles/Tokens.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsReclaim_Unit_Test is AuctionsBase {
    IdleToken private token;
    Auction private auction;

    modifier givenUnwound() {
        (token, auction) = _openIdle();
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 8 days);
        auctions.unwind(auction);
        _;
        _checkBooks();
    }

    function test_RevertGiven_NotUnwound() external {
        (token, auction) = _openIdle();
        vm.warp(NOW + 8 days);

        _refuseUnwound();

        vm.assertEq(token.ownerOf(1), address(auctions));
    }

    function test_RevertGiven_WorkStillBlocked() external givenUnwound {
        vm.expectRevert("operator not allowed");
        auctions.reclaim(auction);

        vm.assertEq(_stateOf(auction), 3);
    }

    function test_GivenWorkMovesAgain() external givenUnwound {
        token.become(IdleToken.Manner.TakesFromBuyerToo, address(0));

        // It should emit {WorkReclaimed}.
        vm.expectEmit(address(auctions));
        emit IAuctions.WorkReclaimed(auctions.hashAuction(auction), seller);
        vm.prank(forger);
        auctions.reclaim(auction);

        // It should send the work to the seller.
        vm.assertEq(token.ownerOf(1), seller);
        // It should be over.
        vm.assertEq(_stateOf(auction), 2);
    }

    function test_RevertGiven_ReclaimedBefore() external givenUnwound {
        token.become(IdleToken.Manner.TakesFromBuyerToo, address(0));
        auctions.reclaim(auction);
        vm.prank(seller);
        token.transferFrom(seller, studio, 1);

        _refuseUnwound();

        vm.assertEq(token.ownerOf(1), studio);
    }

    function _refuseUnwound() private {
        bytes32 auctionHash = auctions.hashAuction(auction);
        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_NotUnwound.selector, auctionHash));
        auctions.reclaim(auction);
    }
}
