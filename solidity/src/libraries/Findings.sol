// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What was found so far: one bit for each number, so that each is listed once.
struct Found {
    uint256 reasons;
    uint256 warnings;
}

/// @title Findings
/// @notice Collects the numbers of {Reasons} and lists them in ascending order, which puts the most
/// telling group first: the terms, the signature, the moment, the work, the money.
///
/// @dev A number is a group of hundreds and a place below 32 in it: `100 * group + place`. Groups 0
/// to 7 fit a word; warnings are group 10 alone.
library Findings {
    uint256 private constant GROUP_BITS = 32;
    uint256 private constant WARNINGS_FROM = 1000;

    function refuse(Found memory found, uint16 reason) internal pure {
        found.reasons |= 1 << (reason / 100 * GROUP_BITS + reason % 100);
    }

    function warn(Found memory found, uint16 warning) internal pure {
        found.warnings |= 1 << (warning - WARNINGS_FROM);
    }

    /// @notice Whether a reason was found.
    function has(Found memory found, uint16 reason) internal pure returns (bool) {
        return found.reasons >> (reason / 100 * GROUP_BITS + reason % 100) & 1 == 1;
    }

    function lists(Found memory found)
        internal
        pure
        returns (uint16[] memory reasons, uint16[] memory warnings)
    {
        reasons = new uint16[](_count(found.reasons));
        uint256 next;
        for (uint256 bit = 0; bit < 256; ++bit) {
            if (found.reasons >> bit & 1 == 0) continue;
            reasons[next++] = uint16(bit / GROUP_BITS * 100 + bit % GROUP_BITS);
        }
        warnings = new uint16[](_count(found.warnings));
        next = 0;
        for (uint256 bit = 0; bit < GROUP_BITS; ++bit) {
            if (found.warnings >> bit & 1 == 1) warnings[next++] = uint16(WARNINGS_FROM + bit);
        }
    }

    function _count(uint256 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) {
            ++count;
        }
    }
}
