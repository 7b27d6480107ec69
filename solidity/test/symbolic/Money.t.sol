// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AuctionTerms} from "../../src/libraries/AuctionTerms.sol";
import {Auction} from "../../src/types/Orders.sol";

/// @notice The arithmetic of money for every amount, proved by halmos; twins as in {Words}. What
/// divides by more than one unknown is beyond the solvers at hand: the fuzz tests have it.
contract Money_Symbolic_Test {
    uint256 private constant WHOLE_BPS = 10_000;

    /// @dev A royalty is never more than the price, for any price and any royalty that is allowed.
    function check_RoyaltyNeverExceedsAnyPrice(uint256 price, uint256 bps) external pure {
        if (bps > 2500) return;

        assert(_part(price, bps) <= price);
    }

    function check_False_RoyaltyIsAtMostAnEighth(uint256 price) external pure {
        assert(_part(price, 2500) <= price / 8);
    }

    /// @dev An end never falls, never passes the latest, and leaves the extension where it may.
    function check_TheEndOnlyRises(Auction calldata auction, uint32 end, uint32 timestamp)
        external
        pure
    {
        uint256 latest = AuctionTerms.latestEnd(auction);
        if (timestamp >= end || end > latest) return;

        uint256 extended = AuctionTerms.extended(auction, end, timestamp);

        assert(extended >= end && extended <= latest);
        assert(extended == latest || extended >= uint256(timestamp) + AuctionTerms.EXTENSION);
    }

    function check_False_TheEndStays(Auction calldata auction, uint32 end, uint32 timestamp)
        external
        pure
    {
        if (timestamp >= end || end > AuctionTerms.latestEnd(auction)) return;

        assert(AuctionTerms.extended(auction, end, timestamp) == end);
    }

    /// @dev `Works.royaltyInfo`.
    function _part(uint256 price, uint256 bps) private pure returns (uint256) {
        unchecked {
            return price / WHOLE_BPS * bps + price % WHOLE_BPS * bps / WHOLE_BPS;
        }
    }
}
