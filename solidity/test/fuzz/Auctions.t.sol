// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {AuctionTerms} from "../../src/libraries/AuctionTerms.sol";
import {AuctionWord} from "../../src/libraries/AuctionWord.sol";
import {Auction} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {PlainAuction} from "../reference/PlainAuction.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Auctions with random numbers against the plain ones: steps, ends, and who gets what.
contract Auctions_Fuzz_Test is AuctionsBase {
    struct Terms {
        uint64 gwei_;
        uint256 answer;
        uint16 maxRoyaltyBps;
        uint16 maxFeeBps;
        uint16 feeBps;
        uint16 laterFeeBps;
        bool valid;
    }

    function testFuzz_LeastNextBid(uint64 gwei_, uint16 stepBps) external pure {
        uint256 standing = uint256(gwei_) * 1 gwei;
        uint256 bps = bound(stepBps, 0, 10_000);

        uint256 least = AuctionTerms.leastNext(standing, uint16(bps));

        vm.assertEq(least, PlainAuction.least(standing, bps));
        vm.assertGt(least, standing);
        vm.assertEq(least % 1 gwei, 0);
    }

    function testFuzz_LeastFirstBid(uint256 reserve) external pure {
        reserve = bound(reserve, 1, AuctionWord.MAX_AMOUNT);

        uint256 least = AuctionTerms.leastFirst(reserve);

        vm.assertGe(least, reserve);
        vm.assertEq(least % 1 gwei, 0);
        vm.assertTrue(least - reserve < 1 gwei);
    }

    function testFuzz_EndAfterABid(uint32 duration, uint32 length, uint256 when) external {
        Auction memory auction = _scheduled();
        auction.openUntil = auction.end = uint64(NOW + bound(duration, 1, 40 days));
        _open(auction);
        uint256 latest = auctions.latestEnd(auction);
        uint256 amount = RESERVE;
        // Some bids near the end first, so that it has moved towards the latest.
        for (uint256 i = 0; i < length % 20; ++i) {
            vm.warp(_endOf(auction) - 1);
            amount *= 2;
            vm.deal(rival, amount);
            _bid(rival, auction, amount);
        }
        uint256 present = _endOf(auction);
        uint256 moment = bound(when, block.timestamp, present - 1);
        vm.warp(moment);
        vm.deal(rival, 2 * amount);

        _bid(rival, auction, 2 * amount);

        uint256 found = _endOf(auction);
        vm.assertEq(found, PlainAuction.end(present, latest, moment));
        vm.assertGe(found, present);
        vm.assertLe(found, latest);
    }

    function testFuzz_AuctionWord(address bidder, uint64 gwei_, uint32 end) external pure {
        end = uint32(bound(end, 0, type(uint32).max - 1));
        vm.assume(bidder != address(0));

        uint256 word = AuctionWord.pack(bidder, uint256(gwei_) * 1 gwei, end);

        vm.assertEq(AuctionWord.bidder(word), bidder);
        vm.assertEq(AuctionWord.amount(word), uint256(gwei_) * 1 gwei);
        vm.assertEq(AuctionWord.end(word), end);
        vm.assertTrue(AuctionWord.isStanding(word));
        // The same with products instead of shifts.
        vm.assertEq(
            word, uint256(uint160(bidder)) + uint256(gwei_) * 2 ** 160 + uint256(end) * 2 ** 224
        );
    }

    function testFuzz_AuctionSettlesAsThePlainOneDoes(Terms memory terms) external {
        terms.maxRoyaltyBps = uint16(bound(terms.maxRoyaltyBps, 0, 9000));
        terms.maxFeeBps = uint16(bound(terms.maxFeeBps, 0, 1000));
        terms.feeBps = uint16(bound(terms.feeBps, 0, terms.maxFeeBps < 500 ? terms.maxFeeBps : 500));
        terms.laterFeeBps = uint16(bound(terms.laterFeeBps, 0, 500));
        uint256 price = bound(terms.gwei_, 1, type(uint64).max) * 1 gwei;
        // Mostly near the cap, where it is paid in part.
        uint256 cap = price * terms.maxRoyaltyBps / 10_000;
        if (terms.answer % 4 != 0) terms.answer = bound(terms.answer, cap / 2, cap + 2);

        (RoyaltyToken token, Auction memory auction) = _opened(terms, price);
        PlainAuction.Split memory expected = PlainAuction.split(
            price,
            terms.laterFeeBps,
            terms.maxFeeBps,
            terms.maxRoyaltyBps,
            terms.valid,
            terms.answer
        );
        uint256 before = seller.balance;
        auctions.settle(auction);

        vm.assertEq(token.ownerOf(1), buyer);
        vm.assertEq(seller.balance - before, expected.seller, "seller");
        vm.assertEq(artist.balance, 1 + expected.royalty, "royalty");
        vm.assertEq(auctions.fees(address(0)), expected.fee, "fee");
        // INV-04.
        vm.assertEq(expected.seller + expected.royalty + expected.fee, price);
        vm.assertEq(auctions.escrowed(), 0);
    }

    /// @dev Past its end, with the fee and the royalty that hold at settlement.
    function _opened(Terms memory terms, uint256 price)
        private
        returns (RoyaltyToken token, Auction memory auction)
    {
        auctions = _deployAuctions(terms.feeBps);
        token = new RoyaltyToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        auction = _foreignAuction(address(token), 1);
        auction.reserve = price;
        auction.duration = 30 days;
        auction.maxRoyaltyBps = terms.maxRoyaltyBps;
        auction.maxFeeBps = terms.maxFeeBps;
        vm.deal(buyer, price);
        _open(auction, price);
        vm.prank(owner);
        auctions.setFee(terms.laterFeeBps);
        token.set(
            terms.valid ? RoyaltyToken.Answer.Given : RoyaltyToken.Answer.Reverts,
            artist,
            terms.answer
        );
        vm.warp(NOW + 30 days);
    }
}
