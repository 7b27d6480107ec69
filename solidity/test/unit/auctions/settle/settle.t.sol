// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../../../src/interfaces/IAuctions.sol";
import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {SeizableToken} from "../../../doubles/AuctionTokens.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {IdleToken} from "../../../doubles/Tokens.sol";
import {PurselessWallet} from "../../../doubles/Wallets.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsSettle_Unit_Test is AuctionsBase {
    modifier whenEndReached() {
        _;
        _checkBooks();
    }

    function test_RevertGiven_NotOpened() external {
        Auction memory auction = _auction();
        bytes32 auctionHash = auctions.hashAuction(auction);

        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_NotOpened.selector, auctionHash));
        auctions.settle(auction);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_Over() external {
        Auction memory auction = _auction();
        _open(auction);
        _settle(auction);
        uint256 before = seller.balance;
        bytes32 auctionHash = auctions.hashAuction(auction);

        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctionHash));
        auctions.settle(auction);

        vm.assertEq(seller.balance, before);
    }

    function test_RevertGiven_Unwound() external {
        (IdleToken token, Auction memory auction) = _openIdle();
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 8 days);
        auctions.unwind(auction);
        token.become(IdleToken.Manner.TakesFromBuyerToo, address(0));
        bytes32 auctionHash = auctions.hashAuction(auction);

        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctionHash));
        auctions.settle(auction);

        vm.assertEq(token.ownerOf(1), address(auctions));
    }

    function test_RevertWhen_EndNotReached() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 1 days - 1);

        vm.expectRevert(
            abi.encodeWithSelector(
                IAuctions.Auctions_NotEnded.selector, NOW + 1 days, NOW + 1 days - 1
            )
        );
        auctions.settle(auction);

        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
    }

    function test_RevertGiven_GasTooLowForTheRoyalty() external whenEndReached {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 1 days);

        (bool success, bytes memory reason) =
            address(auctions).call{gas: 110_000}(abi.encodeCall(IAuctions.settle, (auction)));

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
    }

    function test_RevertGiven_GasTooLowForAPayout() external whenEndReached {
        Receiver careful = new Receiver(Receiver.Manner.CountsGas);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(careful), ROYALTY_BPS);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        vm.warp(NOW + 1 days);

        (bool success, bytes memory reason) =
            address(auctions).call{gas: 125_000}(abi.encodeCall(IAuctions.settle, (auction)));

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        vm.assertEq(foreign.ownerOf(1), address(auctions));
    }

    function test_RevertGiven_WorkBlocked() external whenEndReached {
        (IdleToken token, Auction memory auction) = _openIdle();
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 1 days);

        vm.expectRevert("operator not allowed");
        auctions.settle(auction);

        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
        vm.assertEq(auctions.escrowed(), RESERVE);
    }

    function test_RevertGiven_WorkDoesNotArrive() external whenEndReached {
        (IdleToken token, Auction memory auction) = _openIdle();
        token.become(IdleToken.Manner.Idle, address(0));
        vm.warp(NOW + 1 days);

        vm.expectRevert(
            abi.encodeWithSelector(IAuctions.Auctions_NotDelivered.selector, address(token), 1)
        );
        auctions.settle(auction);

        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
    }

    function test_RevertGiven_CountedWorkLeftAndCameBack() external whenEndReached {
        SeizableToken token = new SeizableToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        Auction memory auction = _foreignAuction(address(token), 1);
        auction.transferCount = 0;
        _open(auction);
        token.seize(studio, 1);
        token.seize(address(auctions), 1);
        vm.warp(NOW + 1 days);

        vm.expectRevert(
            abi.encodeWithSelector(IAuctions.Auctions_NotDelivered.selector, address(token), 1)
        );
        auctions.settle(auction);

        vm.assertEq(token.ownerOf(1), address(auctions));
    }

    function test_GivenNoRoyaltyAnswer() external whenEndReached {
        foreign.mint(seller, 1);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        uint256 before = seller.balance;
        // The contract itself could never draw what it is paid.
        foreign.setRoyalty(address(auctions), ROYALTY_BPS);

        // It should flag the event.
        _expectSettled(auction, address(0), 0, FEE, 1);
        _settle(auction);

        // It should pay the seller all but the fee.
        vm.assertEq(seller.balance - before, RESERVE - FEE);
    }

    function test_GivenRoyaltyRaisedAboveMaximum() external whenEndReached {
        foreign.mint(seller, 1);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        uint256 before = seller.balance;
        foreign.setRoyalty(studio, 10_000);

        // It should flag the event.
        _expectSettled(auction, studio, ROYALTY, FEE, 4);
        _settle(auction);

        // It should pay the maximum.
        vm.assertEq(studio.balance, ROYALTY);
        vm.assertEq(seller.balance - before, RESERVE - ROYALTY - FEE);
    }

    function test_GivenSellerIsRoyaltyReceiver() external whenEndReached {
        foreign.mint(seller, 1);
        foreign.setRoyalty(seller, ROYALTY_BPS);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        uint256 before = seller.balance;

        _expectSettled(auction, seller, ROYALTY, FEE, 0);
        _settle(auction);

        // It should pay the seller once.
        vm.assertEq(seller.balance - before, RESERVE - FEE);
    }

    function test_GivenFeeRaisedAboveMaximum() external whenEndReached {
        Auction memory auction = _scheduled();
        auction.end = auction.openUntil = uint64(NOW + 20 days);
        _open(auction);
        vm.prank(owner);
        auctions.setFee(500);
        vm.warp(NOW + 20 days);
        vm.assertEq(auctions.feeBps(), 500);

        auctions.settle(auction);

        // It should keep the maximum.
        vm.assertEq(auctions.fees(address(0)), FEE);
    }

    function test_GivenFeeLowered() external whenEndReached {
        Auction memory auction = _auction();
        _open(auction);
        vm.prank(owner);
        auctions.setFee(100);

        _settle(auction);

        // It should keep the lower fee.
        vm.assertEq(auctions.fees(address(0)), FEE / 2);
    }

    function test_GivenEverybodyRefusesCoin() external whenEndReached {
        PurselessWallet wallet = new PurselessWallet();
        Receiver refuser = new Receiver(Receiver.Manner.BurnsGas);
        wallet.approve(address(foreign), address(auctions));
        foreign.mint(address(wallet), 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        auction.seller = address(wallet);
        _open(auction);

        _settle(auction);

        // It should deliver the work.
        vm.assertEq(foreign.ownerOf(1), buyer);
        // It should credit artist and seller.
        vm.assertEq(auctions.credit(address(refuser), address(0)), ROYALTY);
        vm.assertEq(auctions.credit(address(wallet), address(0)), RESERVE - ROYALTY - FEE);
    }

    function test_GivenPausedAndRetired() external whenEndReached {
        Auction memory auction = _auction();
        _open(auction);
        vm.prank(guardian);
        auctions.pause();
        vm.prank(owner);
        auctions.retire();

        _settle(auction);

        // It should deliver the work.
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_GivenBoundAuction() external whenEndReached {
        Auction memory auction = _auction();
        _open(auction);
        uint256 sellerBefore = seller.balance;
        uint256 artistBefore = artist.balance;

        // It should emit {AuctionSettled}.
        _expectSettled(auction, artist, ROYALTY, FEE, 0);
        _settle(auction);

        // It should deliver the work to the winner.
        vm.assertEq(works.ownerOf(tokenId), buyer);
        // It should pay artist and seller.
        vm.assertEq(artist.balance - artistBefore, ROYALTY);
        vm.assertEq(seller.balance - sellerBefore, RESERVE - ROYALTY - FEE);
        // It should keep the fee.
        vm.assertEq(auctions.fees(address(0)), FEE);
        vm.assertEq(auctions.escrowed(), 0);
        // It should be over.
        vm.assertEq(_stateOf(auction), 2);
    }

    function _expectSettled(
        Auction memory auction,
        address receiver,
        uint256 royalty,
        uint256 fee,
        uint8 flags
    ) private {
        bytes32 auctionHash = auctions.hashAuction(auction);
        vm.expectEmit(address(auctions));
        emit IAuctions.AuctionSettled(
            auctionHash,
            auction.seller,
            buyer,
            auction.collection,
            auction.tokenId,
            RESERVE,
            receiver,
            royalty,
            fee,
            flags
        );
    }
}
