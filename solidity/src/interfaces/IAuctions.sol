// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction} from "../types/Orders.sol";
import {ICredits} from "./ICredits.sol";
import {IGoverned} from "./IGoverned.sol";

/// @title IAuctions
/// @notice English auctions in the chain's own coin, opened by the seller's signature and the first
/// bid. From then on the work lies here, and nothing that the seller does can call it back.
///
/// @dev One word per auction, keyed by the auction's EIP-712 digest:
/// bidder 160 | amount in gwei 64 | end 32. All ones: over. All ones but the last bit: unwound, the
/// work waits for its seller. `balance = standing bids + totalCredit + fees` after every call.
/// Fees are counted, not derived: nothing but a settlement makes one, and in coin only.
interface IAuctions is ICredits, IGoverned {
    /// @notice Emitted for every bid; the first opens the auction.
    /// @param end The second in which the auction ends, as things stand now: the first in which no
    /// bid is taken and the auction can be settled.
    event BidPlaced(
        bytes32 indexed auctionHash, address indexed bidder, uint256 amount, uint256 end
    );

    /// @notice Emitted with the first bid, before its {BidPlaced}.
    event AuctionOpened(
        bytes32 indexed auctionHash,
        address indexed seller,
        address indexed collection,
        uint256 tokenId
    );

    /// @notice Emitted when the work and the money have changed hands, as in {IExchange-OrderFilled}.
    /// @param flags Bit 0: the token gave no valid royalty answer. Bit 2: the answer was above the
    /// signed maximum, which was paid.
    event AuctionSettled(
        bytes32 indexed auctionHash,
        address indexed seller,
        address indexed winner,
        address collection,
        uint256 tokenId,
        uint256 price,
        address royaltyReceiver,
        uint256 royalty,
        uint256 fee,
        uint8 flags
    );

    /// @notice Emitted when the collection would not deliver: the bid became credit of the bidder.
    event AuctionUnwound(bytes32 indexed auctionHash, address indexed bidder, uint256 amount);

    /// @notice Emitted when the seller's work has left after an unwinding.
    event WorkReclaimed(bytes32 indexed auctionHash, address indexed seller);

    error Auctions_SellerZero();
    error Auctions_SellerIsBidder(address seller);
    error Auctions_TermsInvalid();
    error Auctions_UnboundTooLong(uint256 duration, uint256 maxDuration);
    error Auctions_NotStarted(uint256 start, uint256 timestamp);
    error Auctions_NoLongerOpen(uint256 openUntil, uint256 timestamp);
    error Auctions_Ended(uint256 end, uint256 timestamp);
    error Auctions_NotEnded(uint256 end, uint256 timestamp);
    error Auctions_AlreadyOpened(bytes32 auctionHash);
    error Auctions_Over(bytes32 auctionHash);
    error Auctions_NotOpened(bytes32 auctionHash);
    error Auctions_NotUnwound(bytes32 auctionHash);
    error Auctions_BidNotInGwei(uint256 amount);
    error Auctions_BidTooLow(uint256 amount, uint256 needed);
    error Auctions_BidTooHigh(uint256 amount);
    error Auctions_SignatureInvalid(bytes32 auctionHash, address seller);
    error Auctions_NonceUsed(address seller, uint256 nonce);
    error Auctions_CounterMoved(uint256 expected, uint256 counter);
    error Auctions_FeeAboveMaximum(uint256 feeBps, uint256 maxFeeBps);
    error Auctions_RoyaltyAboveMaximum(uint256 royalty, uint256 maxRoyalty);
    error Auctions_SellerNotOwner(address seller, address owner);
    error Auctions_TransferCountMoved(uint256 expected, uint256 count);
    error Auctions_NotDelivered(address collection, uint256 tokenId);
    error Auctions_MayNotUnwindYet(uint256 from, uint256 timestamp);
    error Auctions_NotSelf(address caller);

    /// @notice Makes the first bid: takes the work into custody and starts the clock.
    ///
    /// @dev Emits {AuctionOpened} and {BidPlaced}.
    ///
    /// Requirements:
    /// - Open for new sales; from `start` to `openUntil`; the caller is not the seller.
    /// - Either `duration` (at most 30 days) or `end` is set, not both; `openUntil` not before
    ///   `start`, `end` not before `openUntil`; the reserve above zero; the step at most 10,000 bps;
    ///   the maxima of royalty and fee together at most 10,000 bps; all before the year 2106.
    /// - The seller signed it, and has not cancelled nonce or counter at the exchange. The nonce is
    ///   not used up: an auction opens once because of its hash.
    /// - The bid is whole gwei and at least the reserve.
    /// - Fee and the royalty answer for this bid are within the signed maxima. Together they are
    ///   then within the price, at this bid and at every later one.
    /// - The work is the seller's and arrives here: owner and transfer count are checked, before
    ///   and after. An unbound auction must be open for at most 60 days.
    /// - As in {bid}, a first bid in the last 10 minutes extends: no auction is shorter than that.
    function open(Auction calldata auction, bytes calldata signature) external payable;

    /// @notice Bids more. The bid before it returns to its bidder, or becomes credit if refused.
    ///
    /// @dev Emits {BidPlaced}. Bids are taken before the end, not in its second. One in the last
    /// 10 minutes moves the end to 10 minutes after it, but never past {latestEnd}. The least bid is the standing one plus `minStepBps` of it,
    /// rounded up to whole gwei, and at least one gwei more. Never paused.
    function bid(Auction calldata auction) external payable;

    /// @notice After the end: the work to the winner, the price to seller, artist and platform.
    /// Anyone may call. Never paused.
    ///
    /// @dev Emits {AuctionSettled}. The royalty is the token's answer, at most the signed maximum;
    /// the fee the present one, at most the signed maximum; no payout can stop it. A work that
    /// left in the meantime, by its collection's power, and came for another seller is not
    /// delivered; nor is a counted one that only left and came back.
    function settle(Auction calldata auction) external;

    /// @notice From 7 days after the end: settles if the collection delivers; else the bid becomes
    /// credit of the bidder and the work can be reclaimed. Anyone may call.
    /// @dev Emits {AuctionSettled} or {AuctionUnwound}. The delivery is given 1,000,000 gas; with
    /// too little gas for that the call reverts.
    function unwind(Auction calldata auction) external;

    /// @notice Sends the work of an unwound auction to its seller, once. Anyone may call.
    /// @dev Emits {WorkReclaimed}. The work must not have left since it came for this auction; how
    /// a counted one counts this movement is not asked, so that one that miscounts comes back.
    function reclaim(Auction calldata auction) external;

    /// @notice Hands a work over and looks whether it arrived. Only this contract may call it: so
    /// that {unwind} can try.
    function deliver(Auction calldata auction, address to) external;

    /// @notice What is known of an auction: nobody's bid and 0 before the first.
    /// @return state 0 not opened, 1 running or to be settled, 2 over, 3 unwound.
    function standingBid(bytes32 auctionHash)
        external
        view
        returns (uint8 state, address bidder, uint256 amount, uint256 end);

    /// @notice The least that {bid} or {open} would take. Reverts when the auction is over.
    function leastBid(Auction calldata auction) external view returns (uint256 amount);

    /// @notice The second that no extension passes: one day after `end`, or after `openUntil` and
    /// `duration` together.
    function latestEnd(Auction calldata auction) external pure returns (uint256 timestamp);

    /// @notice The digest that the seller signs, and the auction's one name.
    function hashAuction(Auction calldata auction) external view returns (bytes32 auctionHash);

    /// @notice Money that belongs to standing bids: the balance less credit and fees. Coin that was
    /// forced in counts here too, and is nobody's.
    function escrowed() external view returns (uint256 amount);

    /// @notice Where cancels are kept.
    function exchange() external view returns (address exchangeAddress);
}
