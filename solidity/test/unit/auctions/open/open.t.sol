// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../../../src/interfaces/IAuctions.sol";
import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {IdleToken} from "../../../doubles/Tokens.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsOpen_Unit_Test is AuctionsBase {
    modifier whenTermsInOrder() {
        _;
    }

    function test_RevertWhen_SellerZero() external {
        Auction memory auction = _auction();
        auction.seller = address(0);
        _refuseOpen(auction, abi.encodeWithSelector(IAuctions.Auctions_SellerZero.selector));
    }

    function test_RevertWhen_TermsInvalid() external {
        // Each by itself, and nothing else.
        Auction memory auction = _auction();
        auction.duration = 0;
        _refuseTerms(auction);
        (auction.duration, auction.end) = (1 days, auction.openUntil + 1 days);
        _refuseTerms(auction);
        (auction.duration, auction.end) = (30 days + 1, 0);
        _refuseTerms(auction);
        auction = _auction();
        auction.openUntil = auction.start - 1;
        _refuseTerms(auction);
        auction = _scheduled();
        auction.end = auction.openUntil - 1;
        _refuseTerms(auction);
        auction.end = type(uint32).max - 1 days;
        _refuseTerms(auction);
        auction = _auction();
        auction.openUntil = type(uint64).max;
        _refuseTerms(auction);
        auction = _auction();
        auction.reserve = 0;
        _refuseTerms(auction);
        auction = _auction();
        auction.minStepBps = 10_001;
        _refuseTerms(auction);
        auction = _auction();
        auction.maxRoyaltyBps = 10_001 - FEE_BPS;
        _refuseTerms(auction);
    }

    function test_RevertWhen_UnboundForTooLong() external {
        foreign.mint(seller, 1);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        auction.openUntil = auction.start + 60 days + 1;
        _refuseOpen(
            auction,
            abi.encodeWithSelector(IAuctions.Auctions_UnboundTooLong.selector, 60 days + 1, 60 days)
        );
    }

    function test_RevertGiven_AlreadyOpened() external {
        Auction memory auction = _auction();
        _open(auction);

        _refuseOpen(
            auction,
            abi.encodeWithSelector(
                IAuctions.Auctions_AlreadyOpened.selector, auctions.hashAuction(auction)
            )
        );
    }

    function test_RevertGiven_Over() external {
        Auction memory auction = _auction();
        _open(auction);
        _settle(auction);

        _refuseOpen(
            auction,
            abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctions.hashAuction(auction))
        );
    }

    function test_RevertWhen_NotStarted() external {
        Auction memory auction = _auction();
        auction.start = uint64(NOW + 1);
        _refuseOpen(
            auction, abi.encodeWithSelector(IAuctions.Auctions_NotStarted.selector, NOW + 1, NOW)
        );
    }

    function test_RevertWhen_NoLongerOpen() external {
        Auction memory auction = _auction();
        auction.openUntil = uint64(NOW - 1);
        _refuseOpen(
            auction, abi.encodeWithSelector(IAuctions.Auctions_NoLongerOpen.selector, NOW - 1, NOW)
        );
    }

    function test_RevertWhen_ScheduledEndReached() external {
        Auction memory auction = _scheduled();
        auction.openUntil = auction.end = uint64(NOW);
        _refuseOpen(auction, abi.encodeWithSelector(IAuctions.Auctions_Ended.selector, NOW, NOW));
    }

    function test_RevertWhen_CallerIsSeller() external {
        Auction memory auction = _auction();
        bytes memory signature = _sign(SELLER_KEY, auction);

        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_SellerIsBidder.selector, seller));
        auctions.open{value: RESERVE}(auction, signature);

        vm.assertEq(_stateOf(auction), 0);
    }

    function test_RevertWhen_BidNotInGwei() external {
        Auction memory auction = _auction();
        _refuseOpen(
            auction,
            RESERVE + 1,
            _sign(SELLER_KEY, auction),
            abi.encodeWithSelector(IAuctions.Auctions_BidNotInGwei.selector, RESERVE + 1)
        );
    }

    function test_RevertWhen_BidBelowReserve() external {
        Auction memory auction = _auction();
        _refuseOpen(
            auction,
            RESERVE - 1 gwei,
            _sign(SELLER_KEY, auction),
            abi.encodeWithSelector(IAuctions.Auctions_BidTooLow.selector, RESERVE - 1 gwei, RESERVE)
        );
    }

    function test_RevertWhen_BidTooHigh() external {
        Auction memory auction = _auction();
        uint256 amount = 2 ** 64 * 1 gwei;
        vm.deal(buyer, amount);
        _refuseOpen(
            auction,
            amount,
            _sign(SELLER_KEY, auction),
            abi.encodeWithSelector(IAuctions.Auctions_BidTooHigh.selector, amount)
        );
    }

    function test_RevertGiven_SignatureOfAnother() external whenTermsInOrder {
        Auction memory auction = _auction();
        _refuseOpen(
            auction,
            RESERVE,
            _sign(FORGER_KEY, auction),
            abi.encodeWithSelector(
                IAuctions.Auctions_SignatureInvalid.selector, auctions.hashAuction(auction), seller
            )
        );
    }

    function test_RevertGiven_NonceCancelled() external whenTermsInOrder {
        Auction memory auction = _auction();
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = auction.nonce;
        vm.prank(seller);
        exchange.cancel(nonces);

        _refuseOpen(
            auction,
            abi.encodeWithSelector(IAuctions.Auctions_NonceUsed.selector, seller, auction.nonce)
        );
    }

    function test_RevertGiven_CounterMoved() external whenTermsInOrder {
        Auction memory auction = _auction();
        vm.prank(seller);
        exchange.cancelAll();

        _refuseOpen(
            auction,
            abi.encodeWithSelector(
                IAuctions.Auctions_CounterMoved.selector, 0, exchange.counterOf(seller)
            )
        );
    }

    function test_RevertGiven_Paused() external whenTermsInOrder {
        vm.prank(guardian);
        auctions.pause();

        _refuseOpen(
            _auction(), abi.encodeWithSelector(IGoverned.Governed_Paused.selector, NOW + 7 days)
        );
    }

    function test_RevertGiven_Retired() external whenTermsInOrder {
        vm.prank(owner);
        auctions.retire();

        _refuseOpen(_auction(), abi.encodeWithSelector(IGoverned.Governed_Retired.selector));
    }

    function test_RevertGiven_FeeAboveMaximum() external whenTermsInOrder {
        Auction memory auction = _auction();
        auction.maxFeeBps = FEE_BPS - 1;
        _refuseOpen(
            auction,
            abi.encodeWithSelector(
                IAuctions.Auctions_FeeAboveMaximum.selector, FEE_BPS, FEE_BPS - 1
            )
        );
    }

    function test_RevertGiven_GasTooLowForTheRoyalty() external whenTermsInOrder {
        Auction memory auction = _auction();
        bytes memory data = abi.encodeCall(IAuctions.open, (auction, _sign(SELLER_KEY, auction)));

        vm.prank(buyer);
        (bool success, bytes memory reason) =
            address(auctions).call{value: RESERVE, gas: 110_000}(data);

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_RoyaltyAboveMaximum() external whenTermsInOrder {
        Auction memory auction = _auction();
        auction.maxRoyaltyBps = ROYALTY_BPS - 1;
        _refuseOpen(
            auction,
            abi.encodeWithSelector(
                IAuctions.Auctions_RoyaltyAboveMaximum.selector,
                ROYALTY,
                RESERVE * (ROYALTY_BPS - 1) / 10_000
            )
        );
    }

    function test_RevertGiven_TransferCountMoved() external whenTermsInOrder {
        Auction memory auction = _auction();
        vm.prank(seller);
        works.transferFrom(seller, studio, tokenId);
        vm.prank(studio);
        works.transferFrom(studio, seller, tokenId);

        _refuseOpen(
            auction, abi.encodeWithSelector(IAuctions.Auctions_TransferCountMoved.selector, 0, 2)
        );
    }

    function test_RevertGiven_SellerNotOwner() external whenTermsInOrder {
        foreign.mint(studio, 1);
        vm.prank(studio);
        foreign.setApprovalForAll(address(auctions), true);

        _refuseOpen(
            _foreignAuction(address(foreign), 1),
            abi.encodeWithSelector(IAuctions.Auctions_SellerNotOwner.selector, seller, studio)
        );
        vm.assertEq(foreign.ownerOf(1), studio);
    }

    function test_RevertGiven_ApprovalRevoked() external whenTermsInOrder {
        vm.prank(seller);
        works.setApprovalForAll(address(auctions), false);

        _refuseOpen(_auction(), abi.encodeWithSignature("NotOwnerNorApproved()"));
    }

    function test_RevertGiven_WorkDoesNotArrive() external whenTermsInOrder {
        IdleToken token = new IdleToken();
        token.mint(seller, 1);

        _refuseOpen(
            _foreignAuction(address(token), 1),
            abi.encodeWithSelector(IAuctions.Auctions_NotDelivered.selector, address(token), 1)
        );
        vm.assertEq(token.ownerOf(1), seller);
    }

    function test_GivenUnboundAuction() external whenTermsInOrder {
        foreign.mint(seller, 1);

        _open(_foreignAuction(address(foreign), 1));

        // It should take the work.
        vm.assertEq(foreign.ownerOf(1), address(auctions));
    }

    function test_GivenScheduledAuction() external whenTermsInOrder {
        Auction memory auction = _scheduled();

        _open(auction);

        // It should end when it was said.
        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
    }

    function test_WhenMadeInTheLastTenMinutes() external whenTermsInOrder {
        Auction memory auction = _scheduled();
        vm.warp(NOW + 1 days - 1);

        _open(auction);

        // It should extend the end.
        _checkStanding(auction, buyer, RESERVE, NOW + 1 days - 1 + 10 minutes);
    }

    function test_GivenBoundReserveAuction() external whenTermsInOrder {
        Auction memory auction = _auction();
        bytes32 auctionHash = auctions.hashAuction(auction);
        bytes memory signature = _sign(SELLER_KEY, auction);

        // It should emit {AuctionOpened}.
        vm.expectEmit(address(auctions));
        emit IAuctions.AuctionOpened(auctionHash, seller, address(collection), tokenId);
        // It should emit {BidPlaced}.
        vm.expectEmit(address(auctions));
        emit IAuctions.BidPlaced(auctionHash, buyer, RESERVE, NOW + 1 days);
        vm.prank(buyer);
        auctions.open{value: RESERVE}(auction, signature);

        // It should take the work.
        (address holder, uint256 count) = collection.ownerAndCount(tokenId);
        vm.assertEq(holder, address(auctions));
        vm.assertEq(count, 1);
        // It should record the bid and start the clock.
        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
        // It should keep the coin as escrow.
        vm.assertEq(auctions.escrowed(), RESERVE);
        vm.assertEq(auctions.fees(address(0)), 0);
        // It should leave the nonce unused.
        vm.assertFalse(exchange.isNonceUsed(seller, auction.nonce));
    }

    function _refuseTerms(Auction memory auction) private {
        _refuseOpen(auction, abi.encodeWithSelector(IAuctions.Auctions_TermsInvalid.selector));
    }
}
