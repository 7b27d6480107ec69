// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {Auction} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {Receiver, Reenterer} from "../doubles/Receivers.sol";
import {CountingToken, RoyaltyToken} from "../doubles/Tokens.sol";
import {RefusingDelegate} from "../doubles/Wallets.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Looks, while it is refunded, whose bid stands.
contract Watcher {
    IAuctions private immutable _auctions;
    bytes32 private immutable _auctionHash;

    address public seen;

    constructor(IAuctions auctions, bytes32 auctionHash) {
        (_auctions, _auctionHash) = (auctions, auctionHash);
    }

    function bid(Auction calldata auction) external payable {
        _auctions.bid{value: msg.value}(auction);
    }

    receive() external payable {
        (, seen,,) = _auctions.standingBid(_auctionHash);
    }
}

/// @notice Royalties, payouts and callbacks of auctions: cases ROY, PAY, REE and the 63/64 of a call.
contract AuctionMoney_Cases is AuctionsBase {
    bytes private constant REENTRANT = abi.encodeWithSignature("ReentrancyGuardReentrantCall()");

    function testFuzz_ROY01_AuctionSettlesWhateverTheAnswer(uint8 which) external {
        RoyaltyToken.Answer answer = RoyaltyToken.Answer(bound(which, 1, 5));
        RoyaltyToken token = _royaltyToken(ROYALTY);
        Auction memory auction = _foreignAuction(address(token), 1);
        _open(auction);
        token.set(answer, artist, ROYALTY);
        uint256 before = seller.balance;
        vm.warp(NOW + 1 days);

        auctions.settle{gas: 600_000}(auction);

        vm.assertEq(token.ownerOf(1), buyer);
        vm.assertEq(seller.balance - before, RESERVE - FEE);
        vm.assertEq(artist.balance, 1);
    }

    function test_ROY02_CapOfAFirstBidIsRoundedUp() external {
        RoyaltyToken token = _royaltyToken(1);
        Auction memory auction = _foreignAuction(address(token), 1);
        auction.maxRoyaltyBps = 0;
        _refuseOpen(
            auction, abi.encodeWithSelector(IAuctions.Auctions_RoyaltyAboveMaximum.selector, 1, 0)
        );

        auction.maxRoyaltyBps = 1;
        token.set(RoyaltyToken.Answer.Given, artist, RESERVE / 10_000);
        _open(auction);
    }

    function testFuzz_ROY05_SettlementAtEveryGasLimit(uint256 limit) external {
        // A registry that needs gas answers nothing when it is starved; the royalty is paid in full
        // or the settlement is refused.
        RoyaltyToken token = _royaltyToken(ROYALTY);
        Auction memory auction = _foreignAuction(address(token), 1);
        _open(auction);
        token.set(RoyaltyToken.Answer.AsksRegistry, artist, ROYALTY);
        vm.warp(NOW + 1 days);

        (bool success,) = address(auctions).call{gas: bound(limit, 20_000, 600_000)}(
            abi.encodeCall(IAuctions.settle, (auction))
        );

        vm.assertEq(artist.balance, success ? 1 + ROYALTY : 1);
        vm.assertEq(token.ownerOf(1), success ? buyer : address(auctions));
    }

    function testFuzz_GAS6364_NoStarvedRefundBecomesCredit(uint256 limit) external {
        Auction memory auction = _auction();
        _open(auction);
        Receiver careful = new Receiver(Receiver.Manner.CountsGas);
        careful.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));

        vm.prank(rival);
        (bool success,) = address(auctions)
        .call{value: 3 * RESERVE, gas: bound(limit, 20_000, 300_000)}(
            abi.encodeCall(IAuctions.bid, (auction))
        );

        vm.assertEq(auctions.totalCredit(address(0)), 0);
        vm.assertEq(address(careful).balance, success ? 2 * RESERVE : 0);
    }

    function testFuzz_GAS6364_NoStarvedDeliveryUnwinds(uint256 limit) external {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 8 days);

        (bool success,) = address(auctions).call{gas: bound(limit, 20_000, 1_300_000)}(
            abi.encodeCall(IAuctions.unwind, (auction))
        );

        vm.assertEq(_stateOf(auction), success ? 2 : 1);
        vm.assertEq(works.ownerOf(tokenId), success ? buyer : address(auctions));
    }

    function testFuzz_PAY01_AuctionSellerRefuses(uint8 manner) external {
        Receiver refuser = new Receiver(Receiver.Manner(bound(manner, 1, 3)));
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        vm.signAndAttachDelegation(address(new RefusingDelegate()), SELLER_KEY);
        vm.warp(NOW + 1 days);

        auctions.settle{gas: 700_000}(auction);

        vm.assertEq(foreign.ownerOf(1), buyer);
        vm.assertEq(auctions.credit(address(refuser), address(0)), ROYALTY);
        vm.assertEq(auctions.credit(seller, address(0)), RESERVE - ROYALTY - FEE);
        _checkBooks();
    }

    function test_PAY02_RefundCreditIsDrawnOnce() external {
        Receiver refuser = _creditedBidder();

        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, forger, address(0))
        );
        auctions.withdraw(address(0), forger);
        refuser.become(Receiver.Manner.Accepts);
        vm.prank(forger);
        auctions.withdrawFor(address(refuser), address(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NothingToWithdraw.selector, address(refuser), address(0)
            )
        );
        auctions.withdrawFor(address(refuser), address(0));

        vm.assertEq(address(refuser).balance, 2 * RESERVE);
        vm.assertEq(auctions.escrowed(), 3 * RESERVE);
    }

    function test_PAY04_RefundThatNeedsGas() external {
        Auction memory auction = _auction();
        _open(auction);
        Receiver safe = new Receiver(Receiver.Manner.NeedsGas);
        safe.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));

        _bid(rival, auction, 3 * RESERVE);

        vm.assertEq(safe.received(), 2 * RESERVE);
        vm.assertEq(auctions.totalCredit(address(0)), 0);
    }

    function test_PAY08_ApprovalLeftOverGivesNobodyAnything() external {
        // The seller approved the auctions; only a signature of the seller moves a work.
        Auction memory auction = _auction();
        auction.seller = forger;
        _refuseOpen(
            auction,
            RESERVE,
            _sign(FORGER_KEY, auction),
            abi.encodeWithSelector(IAuctions.Auctions_SellerNotOwner.selector, forger, seller)
        );
    }

    function test_REE01_FromARefundIntoEveryEntry() external {
        Auction memory auction = _auction();
        _reenter(auction, abi.encodeCall(IAuctions.settle, (auction)));
        _reenter(auction, abi.encodeCall(IAuctions.unwind, (auction)));
        _reenter(auction, abi.encodeCall(IAuctions.reclaim, (auction)));
        _reenter(auction, abi.encodeCall(IAuctions.bid, (auction)));
        _reenter(auction, abi.encodeCall(IAuctions.open, (auction, "")));
        _reenter(auction, abi.encodeCall(IAuctions.escrowed, ()));
        _reenter(auction, abi.encodeCall(IGoverned.withdrawFees, (address(0))));
        _reenter(auction, abi.encodeCall(IGoverned.fees, (address(0))));
        _reenter(auction, abi.encodeCall(ICredits.withdraw, (address(0), rival)));
        _reenter(auction, abi.encodeCall(ICredits.withdrawFor, (rival, address(0))));
    }

    function test_REE01_FromARefundTheNewBidStands() external {
        Auction memory auction = _auction();
        _open(auction);
        Watcher watcher = new Watcher(auctions, auctions.hashAuction(auction));
        watcher.bid{value: 2 * RESERVE}(auction);

        _bid(rival, auction, 3 * RESERVE);

        vm.assertEq(watcher.seen(), rival);
        vm.assertEq(address(watcher).balance, 2 * RESERVE);
    }

    function test_REE01_FromARoyaltyPayout() external {
        Reenterer greedy = new Reenterer();
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(greedy), ROYALTY_BPS);
        Auction memory auction = _foreignAuction(address(foreign), 1);
        _open(auction);
        greedy.arm(address(auctions), abi.encodeCall(IAuctions.settle, (auction)));

        _settle(auction);

        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(greedy.answer(), REENTRANT);
        vm.assertEq(address(greedy).balance, ROYALTY);
    }

    function test_REE02_FromTheTransferIn() external {
        CountingToken token = _countingToken();
        Auction memory auction = _foreignAuction(address(token), 1);
        auction.transferCount = 0;
        token.arm(address(auctions), abi.encodeCall(IAuctions.settle, (auction)));

        _open(auction);

        vm.assertTrue(token.called());
        vm.assertFalse(token.succeeded());
        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
    }

    function test_REE02_FromTheTransferOut() external {
        CountingToken token = _countingToken();
        Auction memory auction = _foreignAuction(address(token), 1);
        auction.transferCount = 0;
        _open(auction);
        token.arm(address(auctions), abi.encodeCall(IAuctions.unwind, (auction)));
        vm.warp(NOW + 8 days);

        auctions.unwind(auction);

        vm.assertFalse(token.succeeded());
        vm.assertEq(token.ownerOf(1), buyer);
        vm.assertEq(auctions.totalCredit(address(0)), 0);
        vm.assertEq(auctions.fees(address(0)), FEE);
    }

    function test_REE04_AuctionGuardIsFreeAfterAFailure() external {
        Auction memory auction = _auction();
        _open(auction);
        (bool success,) = address(auctions).call(abi.encodeCall(IAuctions.settle, (auction)));
        vm.assertFalse(success);

        _bid(rival, auction, 2 * RESERVE);

        _checkStanding(auction, rival, 2 * RESERVE, NOW + 1 days);
    }

    /// @dev A bidder that was outbid tries this from within the refund, in an auction of its own.
    function _reenter(Auction memory auction, bytes memory data) private {
        uint256 state = vm.snapshotState();
        Reenterer greedy = _greedyLeads(auction);
        greedy.arm(address(auctions), data);

        _bid(rival, auction, 3 * RESERVE);

        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(greedy.answer(), REENTRANT);
        _checkStanding(auction, rival, 3 * RESERVE, NOW + 1 days);
        vm.assertEq(address(greedy).balance, 2 * RESERVE);
        _checkBooks();
        vm.revertToState(state);
    }

    function _greedyLeads(Auction memory auction) private returns (Reenterer greedy) {
        _open(auction);
        greedy = new Reenterer();
        greedy.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));
    }

    function _creditedBidder() private returns (Receiver refuser) {
        Auction memory auction = _auction();
        _open(auction);
        refuser = new Receiver(Receiver.Manner.Reverts);
        refuser.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));
        _bid(rival, auction, 3 * RESERVE);
    }

    function _royaltyToken(uint256 royalty) private returns (RoyaltyToken token) {
        token = new RoyaltyToken();
        token.mint(seller, 1);
        token.set(RoyaltyToken.Answer.Given, artist, royalty);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
    }

    function _countingToken() private returns (CountingToken token) {
        token = new CountingToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
    }
}
