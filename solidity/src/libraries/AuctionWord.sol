// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title AuctionWord
/// @notice The one word that an auction is after its first bid, from the low bits up:
/// bidder 160 | amount in gwei 64 | end 32.
///
/// @dev Zero: not opened. The two highest words say what no bid can, as their end would lie in the
/// last second that 32 bits can name.
library AuctionWord {
    uint256 internal constant OVER = type(uint256).max;
    uint256 internal constant UNWOUND = type(uint256).max - 1;
    uint256 internal constant UNIT = 1 gwei;
    uint256 internal constant MAX_AMOUNT = uint256(type(uint64).max) * UNIT;

    /// @dev Ends lie below, so that no word of a bid is one of the two above.
    uint256 internal constant ENDS_BELOW = type(uint32).max;

    /// @param bid Whole gwei, at most {MAX_AMOUNT}.
    /// @param until Below {ENDS_BELOW}.
    function pack(address who, uint256 bid, uint256 until) internal pure returns (uint256) {
        return uint256(uint160(who)) | (bid / UNIT) << 160 | until << 224;
    }

    function bidder(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    /// @notice The standing bid, in wei.
    function amount(uint256 word) internal pure returns (uint256) {
        unchecked {
            return uint256(uint64(word >> 160)) * UNIT;
        }
    }

    function end(uint256 word) internal pure returns (uint256) {
        return word >> 224;
    }

    /// @notice Whether there is a bid that waits for its end or its settlement.
    function isStanding(uint256 word) internal pure returns (bool) {
        return word != 0 && word < UNWOUND;
    }
}
