// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Auction, Order} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {HeavyToken, SeizableToken, SilentToken} from "../doubles/AuctionTokens.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {IdleToken, RoyaltyToken} from "../doubles/Tokens.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice The life of auctions: cases AUC-01 to AUC-10, but for AUC-08 (Dutch prices are the
/// exchange's).
contract Auctions_Cases is AuctionsBase {
    function test_AUC01_RefusingBidderIsOutbid() external {
        _outbidOne(Receiver.Manner.Reverts);
    }

    function test_AUC01_GasBurningBidderIsOutbid() external {
        _outbidOne(Receiver.Manner.BurnsGas);
    }

    function test_AUC01_BidderThatReturnsAMegabyteIsOutbid() external {
        _outbidOne(Receiver.Manner.RevertsWithMegabyte);
    }

    function test_AUC02_StepAtTinyPrices() external {
        Auction memory auction = _auction();
        auction.reserve = 1;
        vm.assertEq(auctions.leastBid(auction), 1 gwei);
        _open(auction, 1 gwei);

        // Five per cent of one gwei is a whole one.
        _refuseBid(
            rival,
            auction,
            1 gwei,
            abi.encodeWithSelector(IAuctions.Auctions_BidTooLow.selector, 1 gwei, 2 gwei)
        );
        _bid(rival, auction, 2 gwei);
        _bid(buyer, auction, 20 gwei);
        vm.assertEq(auctions.leastBid(auction), 21 gwei);
        _bid(rival, auction, 21 gwei);
        vm.assertEq(auctions.leastBid(auction), 23 gwei);
    }

    function test_AUC02_StepZeroIsOneGwei() external {
        Auction memory auction = _auction();
        auction.minStepBps = 0;
        _open(auction);

        _refuseBid(
            rival,
            auction,
            RESERVE,
            abi.encodeWithSelector(IAuctions.Auctions_BidTooLow.selector, RESERVE, RESERVE + 1 gwei)
        );
        _bid(rival, auction, RESERVE + 1 gwei);
    }

    function test_AUC02_SameBidderTwice() external {
        Auction memory auction = _auction();
        uint256 before = buyer.balance;
        _open(auction);

        _bid(buyer, auction, 2 * RESERVE);

        vm.assertEq(before - buyer.balance, 2 * RESERVE);
        _checkStanding(auction, buyer, 2 * RESERVE, NOW + 1 days);
    }

    function test_AUC03_BidInTheLastSecond() external {
        Auction memory auction = _auction();
        _open(auction);
        uint256 end = NOW + 1 days;

        vm.warp(end - 1);
        _bid(rival, auction, 2 * RESERVE);
        _checkStanding(auction, rival, 2 * RESERVE, end - 1 + 10 minutes);

        end = end - 1 + 10 minutes;
        vm.warp(end);
        _refuseBid(
            buyer,
            auction,
            3 * RESERVE,
            abi.encodeWithSelector(IAuctions.Auctions_Ended.selector, end, end)
        );
        vm.warp(end + 1);
        _refuseBid(
            buyer,
            auction,
            3 * RESERVE,
            abi.encodeWithSelector(IAuctions.Auctions_Ended.selector, end, end + 1)
        );
    }

    function test_AUC03_AnAuctionIsNeverShorterThanTheExtension() external {
        Auction memory auction = _auction();
        auction.duration = 1;

        _open(auction);

        _checkStanding(auction, buyer, RESERVE, NOW + 10 minutes);
    }

    function test_AUC03_LatestEnd() external view {
        Auction memory auction = _auction();
        vm.assertEq(auctions.latestEnd(auction), NOW + 30 days + 1 days + 1 days);
        auction = _scheduled();
        vm.assertEq(auctions.latestEnd(auction), NOW + 1 days + 1 days);
    }

    function test_AUC04_SettleTwice() external {
        Auction memory auction = _auction();
        _open(auction);
        _settle(auction);
        bytes32 auctionHash = auctions.hashAuction(auction);
        uint256 before = seller.balance;

        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctionHash));
        auctions.settle(auction);
        vm.warp(NOW + 30 days);
        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctionHash));
        auctions.unwind(auction);

        vm.assertEq(seller.balance, before);
    }

    function test_AUC04_SettleByAStranger() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 1 days);

        vm.prank(forger);
        auctions.settle(auction);

        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(forger.balance, 100 ether);
    }

    function test_AUC04_WinnerRefusesEverything() external {
        // A contract without any receiver hook: the work comes by `transferFrom`.
        Auction memory auction = _auction();
        _open(auction);
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        refuser.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));

        _settle(auction);

        vm.assertEq(works.ownerOf(tokenId), address(refuser));
    }

    function test_AUC05_OneWorkInTwoAuctions() external {
        Auction memory first = _auction();
        Auction memory second = _auction();
        second.nonce = 8;
        second.reserve = 2 * RESERVE;
        _open(first);

        // It lies here. The second bidder keeps the coin.
        _refuseOpen(
            second,
            2 * RESERVE,
            _sign(SELLER_KEY, second),
            abi.encodeWithSelector(
                IAuctions.Auctions_SellerNotOwner.selector, seller, address(auctions)
            )
        );

        _settle(first);
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_AUC05_OneForeignWorkInTwoAuctions() external {
        SilentToken token = new SilentToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        _open(_foreignAuction(address(token), 1));
        Auction memory second = _foreignAuction(address(token), 1);
        second.nonce = 8;

        // The collection would say nothing, and the work is here already.
        _refuseOpen(
            second,
            abi.encodeWithSelector(
                IAuctions.Auctions_SellerNotOwner.selector, seller, address(auctions)
            )
        );
    }

    function test_AUC05_AuctionAndListing() external {
        Auction memory auction = _auction();
        Order memory listing = _listing();
        listing.nonce = 9;
        _open(auction);

        _refuse(listing, abi.encodeWithSignature("TransferFromIncorrectOwner()"));

        _settle(auction);
        vm.assertEq(works.ownerOf(tokenId), buyer);
        // Nor when it is over: the work has moved twice.
        vm.prank(buyer);
        works.transferFrom(buyer, seller, tokenId);
        listing.taker = buyer;
        _refuse(
            listing, abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 3)
        );
    }

    function test_AUC05_ListingSoldFirst() external {
        Auction memory auction = _auction();
        Order memory listing = _listing();
        listing.nonce = 9;
        _buy(listing);

        _refuseOpen(
            auction,
            abi.encodeWithSelector(IAuctions.Auctions_SellerNotOwner.selector, seller, buyer)
        );
    }

    function test_AUC05_OneNonceForListingAndAuction() external {
        // "One of these": what is sold first at the exchange uses the nonce of both.
        foreign.mint(seller, 1);
        Auction memory auction = _auction();
        Order memory listing = _foreignListing(address(foreign), 1);
        _buy(listing);

        _refuseOpen(
            auction,
            abi.encodeWithSelector(IAuctions.Auctions_NonceUsed.selector, seller, auction.nonce)
        );
    }

    function test_AUC06_CancelAfterABidChangesNothing() external {
        Auction memory auction = _auction();
        _open(auction);
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = auction.nonce;

        vm.startPrank(seller);
        exchange.cancel(nonces);
        exchange.cancelAll();
        works.setApprovalForAll(address(auctions), false);
        vm.expectRevert(abi.encodeWithSignature("TransferFromIncorrectOwner()"));
        works.transferFrom(seller, studio, tokenId);
        vm.stopPrank();

        _bid(rival, auction, 2 * RESERVE);
        _settle(auction);
        vm.assertEq(works.ownerOf(tokenId), rival);
    }

    function test_AUC06_CancelAllReachesAuctions() external {
        Auction memory auction = _auction();
        Auction memory inAdvance = _auction();
        inAdvance.counter = 1;
        vm.prank(seller);
        exchange.cancelAll();
        uint256 counter = exchange.counterOf(seller);

        _refuseOpen(
            auction, abi.encodeWithSelector(IAuctions.Auctions_CounterMoved.selector, 0, counter)
        );
        // One that was signed in advance for the next counter stays dead as well.
        vm.assertGt(counter, 1);
        _refuseOpen(
            inAdvance, abi.encodeWithSelector(IAuctions.Auctions_CounterMoved.selector, 1, counter)
        );
    }

    function test_AUC06_WorkMovedBeforeTheFirstBid() external {
        foreign.mint(seller, 1);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        vm.prank(seller);
        foreign.transferFrom(seller, studio, 1);

        _refuseOpen(
            auction,
            abi.encodeWithSelector(IAuctions.Auctions_SellerNotOwner.selector, seller, studio)
        );
    }

    function test_AUC06_BoundAuctionDiesWithTheOwnership() external {
        Auction memory auction = _auction();
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);

        _refuseOpen(
            auction, abi.encodeWithSelector(IAuctions.Auctions_TransferCountMoved.selector, 0, 1)
        );
    }

    function test_AUC06_UnboundAuctionLivesOn() external {
        foreign.mint(seller, 1);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        vm.prank(seller);
        foreign.transferFrom(seller, studio, 1);
        vm.prank(studio);
        foreign.transferFrom(studio, seller, 1);

        _open(auction);

        vm.assertEq(foreign.ownerOf(1), address(auctions));
    }

    function test_AUC07_NothingReachesTheWorkBeforeSettlement() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 1 days + 1);

        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.transferFrom(address(auctions), buyer, tokenId);
        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_NotSelf.selector, buyer));
        auctions.deliver(auction, buyer);
        vm.stopPrank();
        vm.startPrank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuctions.Auctions_NotUnwound.selector, auctions.hashAuction(auction)
            )
        );
        auctions.reclaim(auction);
        vm.stopPrank();
        vm.assertEq(works.ownerOf(tokenId), address(auctions));

        auctions.settle(auction);
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function testFuzz_AUC09_TimeShifted(int256 shift) external {
        // A proposer moves time by 12 seconds either way.
        Auction memory auction = _auction();
        auction.duration = 1 hours;
        _open(auction);
        uint256 end = NOW + 1 hours;
        uint256 moment = bound(uint256(shift), end - 12, end + 12);
        vm.warp(moment);

        vm.prank(rival);
        (bool bid,) =
            address(auctions).call{value: 2 * RESERVE}(abi.encodeCall(IAuctions.bid, (auction)));
        (bool settled,) = address(auctions).call(abi.encodeCall(IAuctions.settle, (auction)));

        // Either there is still a bid to be made, or it is over; and never below the reserve.
        vm.assertEq(bid, moment < end);
        vm.assertEq(settled, moment >= end);
        if (settled) vm.assertEq(auctions.fees(address(0)), FEE);
    }

    function test_AUC10_RoyaltyReceiverChanged() external {
        foreign.mint(seller, 1);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        foreign.setRoyalty(studio, 250);
        uint256 before = seller.balance;

        _settle(auction);

        vm.assertEq(studio.balance, RESERVE * 250 / 10_000);
        vm.assertEq(seller.balance - before, RESERVE - RESERVE * 250 / 10_000 - FEE);
    }

    function test_AUC10_RoyaltyRaisedToTheSky() external {
        RoyaltyToken token = new RoyaltyToken();
        token.mint(seller, 1);
        token.set(RoyaltyToken.Answer.Given, artist, ROYALTY);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        Auction memory auction = _foreignAuction(address(token), 1);
        _open(auction);
        token.set(RoyaltyToken.Answer.Given, artist, type(uint256).max);
        uint256 before = seller.balance;

        _settle(auction);

        vm.assertEq(artist.balance, 1 + ROYALTY);
        vm.assertEq(seller.balance - before, RESERVE - ROYALTY - FEE);
    }

    function test_AUC10_MaximaOfAllThePrice() external {
        // Signed so, royalty and fee may take everything; the settlement goes on.
        foreign.mint(seller, 1);
        foreign.setRoyalty(studio, 9800);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        auction.maxRoyaltyBps = 9800;
        _open(auction);
        uint256 before = seller.balance;

        _settle(auction);

        vm.assertEq(studio.balance, RESERVE - FEE);
        vm.assertEq(seller.balance, before);
    }

    function test_UND_BlockedForEver() external {
        (IdleToken token, Auction memory auction) = _openIdle();
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 8 days);
        auctions.unwind(auction);

        vm.prank(buyer);
        auctions.withdraw(address(0), buyer);

        vm.assertEq(buyer.balance, 100 ether);
        vm.assertEq(address(auctions).balance, 0);
        vm.warp(NOW + 3650 days);
        vm.expectRevert("operator not allowed");
        auctions.reclaim(auction);
    }

    function test_UND_BlockedUntilLater() external {
        (IdleToken token, Auction memory auction) = _openIdle();
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 3 days);
        vm.expectRevert("operator not allowed");
        auctions.settle(auction);
        token.become(IdleToken.Manner.TakesFromBuyerToo, address(0));

        auctions.settle(auction);

        vm.assertEq(token.ownerOf(1), buyer);
        vm.assertEq(auctions.fees(address(0)), FEE);
    }

    function test_UND_WorkThatNeedsMoreGasThanATryIsSettled() external {
        HeavyToken token = new HeavyToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        Auction memory auction = _foreignAuction(address(token), 1);
        _open(auction);
        token.weigh(3000);
        vm.warp(NOW + 8 days);
        uint256 state = vm.snapshotState();

        auctions.settle(auction);
        vm.assertEq(token.ownerOf(1), buyer);

        // In seven days nobody did; then the try fails, and each has the own again.
        vm.revertToState(state);
        auctions.unwind(auction);
        vm.assertEq(auctions.credit(buyer, address(0)), RESERVE);
        auctions.reclaim(auction);
        vm.assertEq(token.ownerOf(1), seller);
    }

    function testFuzz_TOK05_AnyTokenId(uint256 id) external {
        foreign.mint(seller, id);
        Auction memory auction = _foreignAuction(address(foreign), id);
        _open(auction);

        _settle(auction);

        vm.assertEq(foreign.ownerOf(id), buyer);
    }

    function test_TOK05_LowestAndHighestIdAuctioned() external {
        this.testFuzz_TOK05_AnyTokenId(0);
        vm.warp(NOW);
        this.testFuzz_TOK05_AnyTokenId(type(uint256).max);
    }

    function test_UND_SeizedAndSoldOnWorkIsNotReclaimed() external {
        // The collection's authority takes the counted work out; it comes here again for another
        // seller. The first auction must not give that seller's work away.
        SeizableToken token = new SeizableToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        Auction memory first = _foreignAuction(address(token), 1);
        first.transferCount = 0;
        _open(first);
        token.seize(forger, 1);
        vm.warp(NOW + 8 days);
        auctions.unwind(first);

        vm.prank(forger);
        token.setApprovalForAll(address(auctions), true);
        Auction memory second = first;
        bytes memory data = abi.encode(first);
        second = abi.decode(data, (Auction));
        second.seller = forger;
        second.transferCount = 2;
        _open(second, RESERVE, _sign(FORGER_KEY, second));

        vm.expectRevert(
            abi.encodeWithSelector(IAuctions.Auctions_NotDelivered.selector, address(token), 1)
        );
        auctions.reclaim(first);
        vm.warp(NOW + 9 days);
        auctions.settle(second);
        vm.assertEq(token.ownerOf(1), buyer);
    }

    function _outbidOne(Receiver.Manner manner) private {
        Auction memory auction = _auction();
        _open(auction);
        Receiver refuser = new Receiver(manner);
        refuser.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));

        vm.prank(rival);
        auctions.bid{value: 3 * RESERVE, gas: 400_000}(auction);

        _checkStanding(auction, rival, 3 * RESERVE, NOW + 1 days);
        vm.assertEq(auctions.credit(address(refuser), address(0)), 2 * RESERVE);
        _checkBooks();
        // Anyone sends the credit on, or its owner takes it elsewhere.
        refuser.act(
            address(auctions),
            abi.encodeWithSignature("withdraw(address,address)", address(0), studio)
        );
        vm.assertEq(studio.balance, 2 * RESERVE);
    }
}
