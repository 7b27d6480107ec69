// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../src/interfaces/IAuctions.sol";
import {Auction, UNBOUND} from "../src/types/Orders.sol";
import {Base} from "./Base.t.sol";
import {IdleToken} from "./doubles/Tokens.sol";
import {vm} from "./support/Vm.sol";

/// @notice The auctions as they are deployed, and an auction with defaults.
abstract contract AuctionsBase is Base {
    uint256 internal constant RESERVE = 1 ether;
    uint16 internal constant STEP_BPS = 500;
    uint256 internal constant ROYALTY = RESERVE * ROYALTY_BPS / 10_000;
    uint256 internal constant FEE = RESERVE * FEE_BPS / 10_000;

    address internal rival = _person("rival");
    address internal guardian = _person("guardian");

    IAuctions internal auctions;

    function setUp() public virtual override {
        super.setUp();
        auctions = _deployAuctions(FEE_BPS);
        vm.label(address(auctions), "auctions");
        vm.deal(rival, 100 ether);
        vm.deal(artist, 1);
        vm.prank(owner);
        auctions.setGuardian(guardian);
        vm.startPrank(seller);
        works.setApprovalForAll(address(auctions), true);
        foreign.setApprovalForAll(address(auctions), true);
        vm.stopPrank();
    }

    function _deployAuctions(uint16 feeBps) internal returns (IAuctions) {
        return IAuctions(
            vm.deployCode(
                "Auctions.sol:Auctions", abi.encode(owner, platform, feeBps, address(exchange))
            )
        );
    }

    /// @dev A bound reserve auction of `tokenId` by the seller, of one day.
    function _auction() internal view returns (Auction memory auction) {
        auction.seller = seller;
        auction.collection = address(collection);
        auction.tokenId = tokenId;
        auction.transferCount = collection.transferCount(tokenId);
        auction.reserve = RESERVE;
        auction.start = uint64(NOW - 1 days);
        auction.openUntil = uint64(NOW + 30 days);
        auction.duration = 1 days;
        auction.minStepBps = STEP_BPS;
        auction.maxRoyaltyBps = ROYALTY_BPS;
        auction.maxFeeBps = FEE_BPS;
        auction.nonce = 7;
        auction.counter = exchange.counterOf(seller);
    }

    /// @dev The same with a fixed end, one day from now.
    function _scheduled() internal view returns (Auction memory auction) {
        auction = _auction();
        auction.duration = 0;
        auction.openUntil = auction.end = uint64(NOW + 1 days);
    }

    /// @dev An unbound auction of a token of another's collection.
    function _foreignAuction(address token, uint256 id)
        internal
        view
        returns (Auction memory auction)
    {
        auction = _auction();
        auction.collection = token;
        auction.tokenId = id;
        auction.transferCount = UNBOUND;
    }

    /// @dev An open auction of a token that moves works until it is told otherwise.
    function _openIdle() internal returns (IdleToken token, Auction memory auction) {
        token = new IdleToken();
        token.become(IdleToken.Manner.TakesFromBuyerToo, address(0));
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        auction = _foreignAuction(address(token), 1);
        _open(auction);
    }

    function _sign(uint256 key, Auction memory auction) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, auctions.hashAuction(auction));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The buyer bids the reserve, with the seller's signature.
    function _open(Auction memory auction) internal {
        _open(auction, RESERVE);
    }

    function _open(Auction memory auction, uint256 amount) internal {
        _open(auction, amount, _sign(SELLER_KEY, auction));
    }

    function _open(Auction memory auction, uint256 amount, bytes memory signature) internal {
        vm.prank(buyer);
        auctions.open{value: amount}(auction, signature);
    }

    function _bid(address who, Auction memory auction, uint256 amount) internal {
        vm.prank(who);
        auctions.bid{value: amount}(auction);
    }

    /// @dev Past the end of an auction of one day.
    function _settle(Auction memory auction) internal {
        vm.warp(NOW + 1 days);
        auctions.settle(auction);
    }

    /// @dev The first bid must be refused with exactly this error, and leave all as it was.
    function _refuseOpen(Auction memory auction, bytes memory reason) internal {
        _refuseOpen(auction, RESERVE, _sign(SELLER_KEY, auction), reason);
    }

    function _refuseOpen(
        Auction memory auction,
        uint256 amount,
        bytes memory signature,
        bytes memory reason
    ) internal {
        uint256 balance = buyer.balance;
        bytes32 auctionHash = auctions.hashAuction(auction);
        uint8 before = _stateOf(auction);
        address holder = works.ownerOf(tokenId);

        vm.prank(buyer);
        vm.expectRevert(reason);
        auctions.open{value: amount}(auction, signature);

        (uint8 state,,,) = auctions.standingBid(auctionHash);
        vm.assertEq(state, before, "the auction stays");
        vm.assertEq(buyer.balance, balance, "the bidder's coin stays");
        vm.assertEq(works.ownerOf(tokenId), holder, "the work stays");
        _checkBooks();
    }

    /// @dev The bid must be refused with exactly this error, and leave the standing one.
    function _refuseBid(address who, Auction memory auction, uint256 amount, bytes memory reason)
        internal
    {
        bytes32 before = _standing(auction);
        uint256 balance = who.balance;

        vm.prank(who);
        vm.expectRevert(reason);
        auctions.bid{value: amount}(auction);

        vm.assertEq(_standing(auction), before, "the standing bid stays");
        vm.assertEq(who.balance, balance, "the bidder's coin stays");
        _checkBooks();
    }

    function _checkStanding(Auction memory auction, address who, uint256 amount, uint256 end)
        internal
        view
    {
        (uint8 state, address bidder, uint256 standing, uint256 ends) =
            auctions.standingBid(auctions.hashAuction(auction));
        vm.assertEq(state, 1, "state");
        vm.assertEq(bidder, who, "bidder");
        vm.assertEq(standing, amount, "amount");
        vm.assertEq(ends, end, "end");
    }

    function _stateOf(Auction memory auction) internal view returns (uint8 state) {
        (state,,,) = auctions.standingBid(auctions.hashAuction(auction));
    }

    function _endOf(Auction memory auction) internal view returns (uint256 end) {
        (,,, end) = auctions.standingBid(auctions.hashAuction(auction));
    }

    /// @dev All that is known of an auction, in one word.
    function _standing(Auction memory auction) internal view returns (bytes32) {
        (uint8 state, address bidder, uint256 amount, uint256 end) =
            auctions.standingBid(auctions.hashAuction(auction));
        return keccak256(abi.encode(state, bidder, amount, end));
    }

    function _checkBooks() internal view {
        vm.assertEq(
            address(auctions).balance,
            auctions.escrowed() + auctions.totalCredit(address(0)) + auctions.fees(address(0))
        );
    }
}
