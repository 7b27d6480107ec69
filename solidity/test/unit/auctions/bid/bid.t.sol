// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../../../src/interfaces/IAuctions.sol";
import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsBid_Unit_Test is AuctionsBase {
    uint256 private constant NEXT = RESERVE * (10_000 + STEP_BPS) / 10_000;

    Auction private auction;

    function setUp() public override {
        super.setUp();
        auction = _auction();
        _open(auction);
    }

    modifier whenBidHighEnough() {
        _;
    }

    function test_RevertGiven_NotOpened() external {
        auction.nonce = 8;
        _refuseBid(
            rival,
            auction,
            NEXT,
            abi.encodeWithSelector(
                IAuctions.Auctions_NotOpened.selector, auctions.hashAuction(auction)
            )
        );
    }

    function test_RevertGiven_Over() external {
        _settle(auction);

        _refuseBid(
            rival,
            auction,
            NEXT,
            abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctions.hashAuction(auction))
        );
    }

    function test_RevertWhen_EndReached() external {
        vm.warp(NOW + 1 days);

        _refuseBid(
            rival,
            auction,
            NEXT,
            abi.encodeWithSelector(IAuctions.Auctions_Ended.selector, NOW + 1 days, NOW + 1 days)
        );
    }

    function test_RevertWhen_CallerIsSeller() external {
        vm.deal(seller, NEXT);
        _refuseBid(
            seller,
            auction,
            NEXT,
            abi.encodeWithSelector(IAuctions.Auctions_SellerIsBidder.selector, seller)
        );
    }

    function test_RevertWhen_BidNotInGwei() external {
        _refuseBid(
            rival,
            auction,
            NEXT + 1,
            abi.encodeWithSelector(IAuctions.Auctions_BidNotInGwei.selector, NEXT + 1)
        );
    }

    function test_RevertWhen_BidBelowStep() external {
        _refuseBid(
            rival,
            auction,
            NEXT - 1 gwei,
            abi.encodeWithSelector(IAuctions.Auctions_BidTooLow.selector, NEXT - 1 gwei, NEXT)
        );
    }

    function test_RevertWhen_BidTooHigh() external {
        uint256 amount = 2 ** 64 * 1 gwei;
        vm.deal(rival, amount);
        _refuseBid(
            rival,
            auction,
            amount,
            abi.encodeWithSelector(IAuctions.Auctions_BidTooHigh.selector, amount)
        );
    }

    function test_GivenFormerBidderRefuses() external whenBidHighEnough {
        Receiver refuser = _refuserLeads();

        _bid(rival, auction, 2 * NEXT);

        // It should credit the former bidder.
        vm.assertEq(auctions.credit(address(refuser), address(0)), NEXT);
        vm.assertEq(auctions.totalCredit(address(0)), NEXT);
        // It should record the bid.
        _checkStanding(auction, rival, 2 * NEXT, NOW + 1 days);
        vm.assertEq(auctions.escrowed(), 2 * NEXT);
    }

    function test_RevertGiven_GasTooLowForTheRefund() external whenBidHighEnough {
        Receiver refuser = _refuserLeads();
        refuser.become(Receiver.Manner.CountsGas);

        vm.prank(rival);
        (bool success, bytes memory reason) = address(auctions).call{value: 2 * NEXT, gas: 95_000}(
            abi.encodeCall(IAuctions.bid, (auction))
        );

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        _checkStanding(auction, address(refuser), NEXT, NOW + 1 days);
    }

    function test_GivenPausedAndRetired() external whenBidHighEnough {
        vm.prank(guardian);
        auctions.pause();
        vm.prank(owner);
        auctions.retire();

        _bid(rival, auction, NEXT);

        // It should record the bid.
        _checkStanding(auction, rival, NEXT, NOW + 1 days);
    }

    function test_WhenMadeInTheLastTenMinutes() external whenBidHighEnough {
        vm.warp(NOW + 1 days - 10 minutes + 1);

        _bid(rival, auction, NEXT);

        // It should extend the end.
        _checkStanding(auction, rival, NEXT, NOW + 1 days + 1);
    }

    function test_WhenExtensionIsExhausted() external whenBidHighEnough {
        Auction memory short = _scheduled();
        short.tokenId = _mint(seller, 2);
        short.transferCount = 0;
        short.minStepBps = 0;
        _open(short);
        uint256 latest = auctions.latestEnd(short);
        uint256 amount = RESERVE;
        while (_endOf(short) < latest) {
            vm.warp(_endOf(short) - 1);
            amount = auctions.leastBid(short);
            _bid(rival, short, amount);
        }

        vm.warp(latest - 1);
        _bid(buyer, short, auctions.leastBid(short));

        // It should keep the latest end.
        vm.assertEq(latest, NOW + 2 days);
        vm.assertEq(_endOf(short), latest);
    }

    function test_WhenCallerIsFormerBidder() external whenBidHighEnough {
        uint256 before = buyer.balance;

        _bid(buyer, auction, NEXT);

        // It should return the former bid.
        vm.assertEq(before - buyer.balance, NEXT - RESERVE);
        _checkStanding(auction, buyer, NEXT, NOW + 1 days);
    }

    function test_WhenMadeEarly() external whenBidHighEnough {
        uint256 before = buyer.balance;
        vm.warp(NOW + 1 days - 10 minutes);

        // It should emit {BidPlaced}.
        vm.expectEmit(address(auctions));
        emit IAuctions.BidPlaced(auctions.hashAuction(auction), rival, NEXT, NOW + 1 days);
        _bid(rival, auction, NEXT);

        // It should record the bid.
        // It should leave the end.
        _checkStanding(auction, rival, NEXT, NOW + 1 days);
        // It should return the former bid.
        vm.assertEq(buyer.balance - before, RESERVE);
        vm.assertEq(address(auctions).balance, NEXT);
    }

    /// @dev A bidder that takes no coin back has the standing bid.
    function _refuserLeads() private returns (Receiver refuser) {
        refuser = new Receiver(Receiver.Manner.Reverts);
        refuser.act{value: NEXT}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));
    }
}
