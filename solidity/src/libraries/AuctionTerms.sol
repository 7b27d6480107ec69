// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, UNBOUND} from "../types/Orders.sol";
import {AuctionWord} from "./AuctionWord.sol";

/// @title AuctionTerms
/// @notice The arithmetic of an English auction: its times, and the least next bid.
library AuctionTerms {
    uint256 internal constant WHOLE_BPS = 10_000;
    uint256 internal constant MAX_DURATION = 30 days;
    uint256 internal constant MAX_UNBOUND_DURATION = 60 days;

    /// @notice A bid this close to the end moves it to this long after the bid.
    uint256 internal constant EXTENSION = 10 minutes;
    uint256 internal constant MAX_EXTENSION = 1 days;

    /// @notice Whether the terms fit together, whatever happens.
    function areValid(Auction calldata auction) internal pure returns (bool) {
        bool scheduled = auction.end != 0;
        bool timesFit = scheduled
            ? auction.duration == 0 && auction.end >= auction.openUntil
            : auction.duration != 0 && auction.duration <= MAX_DURATION;
        return timesFit && auction.openUntil >= auction.start
            && latestEnd(auction) < AuctionWord.ENDS_BELOW && auction.reserve != 0
            && auction.minStepBps <= WHOLE_BPS
            && uint256(auction.maxRoyaltyBps) + auction.maxFeeBps <= WHOLE_BPS;
    }

    /// @notice How long the first bid may be made, if that is too long for an unbound auction.
    function unboundTooLong(Auction calldata auction) internal pure returns (uint256 duration) {
        if (auction.transferCount != UNBOUND) return 0;
        duration = auction.openUntil - auction.start;
        if (duration <= MAX_UNBOUND_DURATION) return 0;
    }

    /// @notice The second that no extension passes.
    function latestEnd(Auction calldata auction) internal pure returns (uint256) {
        uint256 latest = auction.end;
        if (latest == 0) latest = uint256(auction.openUntil) + auction.duration;
        return latest + MAX_EXTENSION;
    }

    /// @notice When the auction ends if its first bid is made at `timestamp` and nobody extends it.
    function firstEnd(Auction calldata auction, uint256 timestamp) internal pure returns (uint256) {
        return auction.end != 0 ? auction.end : timestamp + auction.duration;
    }

    /// @notice The end after a bid at `timestamp`, which is before `end`. It never falls.
    function extended(Auction calldata auction, uint256 end, uint256 timestamp)
        internal
        pure
        returns (uint256)
    {
        // A block's timestamp is nowhere near the greatest number.
        unchecked {
            uint256 least = timestamp + EXTENSION;
            if (least <= end) return end;
            uint256 latest = latestEnd(auction);
            return least < latest ? least : latest;
        }
    }

    /// @notice The least first bid: the reserve, rounded up to whole gwei.
    function leastFirst(uint256 reserve) internal pure returns (uint256) {
        uint256 rest = reserve % AuctionWord.UNIT;
        return rest == 0 ? reserve : reserve - rest + AuctionWord.UNIT;
    }

    /// @notice The least bid over a standing one, which is whole gwei and at most
    /// {AuctionWord-MAX_AMOUNT}: its step is rounded up to whole gwei and is at least one.
    function leastNext(uint256 standing, uint16 stepBps) internal pure returns (uint256) {
        // Below 2^64 gwei and 2^16 bps nothing comes near an overflow.
        unchecked {
            uint256 part = standing / AuctionWord.UNIT * stepBps;
            uint256 step = part == 0 ? 1 : (part - 1) / WHOLE_BPS + 1;
            return standing + step * AuctionWord.UNIT;
        }
    }

    /// @notice The most royalty that is paid of a price, rounded up.
    function royaltyCap(uint256 price, uint256 maxRoyaltyBps) internal pure returns (uint256) {
        return (price * maxRoyaltyBps + WHOLE_BPS - 1) / WHOLE_BPS;
    }
}
