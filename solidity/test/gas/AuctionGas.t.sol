// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {IdleToken} from "../doubles/Tokens.sol";
import {vm} from "../support/Vm.sol";

/// @notice What each call of an auction costs by itself: case BLD-03. See `Gas.t.sol`.
contract AuctionGas_Test is AuctionsBase {
    function test_BLD03_Auctions() external {
        Auction memory own = _auction();
        bytes memory signature = _sign(SELLER_KEY, own);
        vm.prank(buyer);
        auctions.open{value: RESERVE}(own, signature);
        vm.snapshotGasLastCall("Auctions", "open, own collection");
        vm.prank(rival);
        auctions.bid{value: 2 * RESERVE}(own);
        vm.snapshotGasLastCall("Auctions", "bid");
        vm.warp(NOW + 1 days);
        auctions.settle(own);
        vm.snapshotGasLastCall("Auctions", "settle, own collection");
        auctions.withdrawFees(address(0));
        vm.snapshotGasLastCall("Auctions", "withdrawFees");
    }

    function test_BLD03_AuctionsOfOthers() external {
        foreign.mint(seller, 1);
        Auction memory other = _foreignAuction(address(foreign), 1);
        bytes memory signature = _sign(SELLER_KEY, other);
        vm.prank(buyer);
        auctions.open{value: RESERVE}(other, signature);
        vm.snapshotGasLastCall("Auctions", "open, foreign collection");
        vm.warp(NOW + 1 days);
        auctions.settle(other);
        vm.snapshotGasLastCall("Auctions", "settle, foreign collection");
    }

    function test_BLD03_AuctionsUnwound() external {
        (IdleToken token, Auction memory auction) = _openIdle();
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 8 days);
        auctions.unwind(auction);
        vm.snapshotGasLastCall("Auctions", "unwind, blocked");
        token.become(IdleToken.Manner.TakesFromBuyerToo, address(0));
        auctions.reclaim(auction);
        vm.snapshotGasLastCall("Auctions", "reclaim");
        auctions.withdrawFor(buyer, address(0));
        vm.snapshotGasLastCall("Auctions", "withdrawFor");
    }
}
