// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title OwnershipWord
/// @notice The upper 96 bits of a work's ownership slot, from the low bits up:
/// royalty bps 14 | frozen 1 | spare 1 | payee 32 | transfer count 48.
library OwnershipWord {
    uint256 private constant ROYALTY_MASK = (1 << 14) - 1;
    uint256 private constant FROZEN = 1 << 14;
    uint256 private constant PAYEE_SHIFT = 16;
    uint256 private constant COUNT_SHIFT = 48;
    uint256 private constant MAX_COUNT = (1 << 48) - 1;

    /// @notice The word of a work just minted: not frozen, never moved.
    function fresh(uint256 bps, uint32 payeeNumber) internal pure returns (uint96) {
        return uint96((bps & ROYALTY_MASK) | (uint256(payeeNumber) << PAYEE_SHIFT));
    }

    function royaltyBps(uint96 extra) internal pure returns (uint256) {
        return extra & ROYALTY_MASK;
    }

    function isFrozen(uint96 extra) internal pure returns (bool) {
        return extra & FROZEN != 0;
    }

    function payee(uint96 extra) internal pure returns (uint256) {
        return uint32(extra >> PAYEE_SHIFT);
    }

    function transferCount(uint96 extra) internal pure returns (uint256) {
        return extra >> COUNT_SHIFT;
    }

    function isExhausted(uint96 extra) internal pure returns (bool) {
        return transferCount(extra) == MAX_COUNT;
    }

    function withRoyaltyBps(uint96 extra, uint256 bps) internal pure returns (uint96) {
        return uint96((extra & ~ROYALTY_MASK) | (bps & ROYALTY_MASK));
    }

    function withFrozen(uint96 extra) internal pure returns (uint96) {
        return uint96(extra | FROZEN);
    }

    /// @notice One more transfer; the caller has looked that the count is not exhausted.
    function plusOneTransfer(uint96 extra) internal pure returns (uint96) {
        return extra + uint96(1 << COUNT_SHIFT);
    }

    function onlyTransferCount(uint96 extra) internal pure returns (uint96) {
        return (extra >> COUNT_SHIFT) << uint96(COUNT_SHIFT);
    }
}
