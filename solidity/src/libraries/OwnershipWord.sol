// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title OwnershipWord
/// @notice The one storage word that says who owns a work, what royalty it bears and how often it
/// has moved, from the low bits up:
/// owner 160 | royalty bps 14 | frozen 1 | approved 1 | payee 32 | transfer count 48.
/// *Approved* says that an account is approved for this one work, and so whether the slot above,
/// where the account stands, needs to be looked at when the work moves.
///
/// @dev The word lies where Solady's ERC-721 keeps the owner, so that one proof of storage shows
/// all of it. Solady leaves the bits above the owner to its heirs and keeps them on a transfer.
library OwnershipWord {
    uint256 private constant OWNER_MASK = (1 << 160) - 1;
    uint256 private constant ROYALTY_SHIFT = 160;
    uint256 private constant ROYALTY_MASK = (1 << 14) - 1;
    uint256 private constant FROZEN = 1 << 174;
    uint256 private constant APPROVED = 1 << 175;
    uint256 private constant PAYEE_SHIFT = 176;
    uint256 private constant COUNT_SHIFT = 208;
    uint256 private constant MAX_COUNT = (1 << 48) - 1;

    /// @dev What Solady lays over the low 32 bits of an id before it hashes it.
    uint256 private constant SEED = 0x7d882553;

    /// @dev What Solady appends to an account before it hashes it to the slot of its balance.
    uint256 private constant BALANCE_SEED = 0x0a5a2e7a << 224;

    /// @notice The slot of a work's word: twice the id, plus the hash of the id with its low 32
    /// bits replaced. Works numbered in a row lie two slots apart, the approval between them.
    function slotOf(uint256 tokenId) internal pure returns (uint256 slot) {
        uint256 seeded = ((tokenId >> 32) << 32) | SEED;
        assembly ("memory-safe") {
            mstore(0x00, seeded)
            slot := add(add(tokenId, tokenId), keccak256(0x00, 0x20))
        }
    }

    /// @notice The slot of an account's balance: the low 32 bits, those above are not used.
    function balanceSlotOf(address account) internal pure returns (uint256 slot) {
        // The hash begins with the account's own 20 bytes, wherever it came from.
        assembly ("memory-safe") {
            mstore(0x20, BALANCE_SEED)
            mstore(0x00, account)
            slot := keccak256(0x0c, 0x1c)
        }
    }

    /// @notice Where the account approved for the work stands.
    function approvalOf(uint256 slot) internal pure returns (uint256) {
        unchecked {
            return slot + 1;
        }
    }

    function load(uint256 slot) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    function store(uint256 slot, uint256 word) internal {
        assembly ("memory-safe") {
            sstore(slot, word)
        }
    }

    /// @notice The terms of a new work: not frozen, never moved, and no owner yet.
    function terms(uint256 bps, uint256 payeeNumber) internal pure returns (uint256) {
        return (bps << ROYALTY_SHIFT) | (payeeNumber << PAYEE_SHIFT);
    }

    function owner(uint256 word) internal pure returns (address) {
        return address(uint160(word & OWNER_MASK));
    }

    function royaltyBps(uint256 word) internal pure returns (uint256) {
        return (word >> ROYALTY_SHIFT) & ROYALTY_MASK;
    }

    function isFrozen(uint256 word) internal pure returns (bool) {
        return word & FROZEN != 0;
    }

    function isApproved(uint256 word) internal pure returns (bool) {
        return word & APPROVED != 0;
    }

    function payee(uint256 word) internal pure returns (uint256) {
        return uint32(word >> PAYEE_SHIFT);
    }

    function transferCount(uint256 word) internal pure returns (uint256) {
        return word >> COUNT_SHIFT;
    }

    function isExhausted(uint256 word) internal pure returns (bool) {
        return transferCount(word) == MAX_COUNT;
    }

    function withRoyaltyBps(uint256 word, uint256 bps) internal pure returns (uint256) {
        return (word & ~(ROYALTY_MASK << ROYALTY_SHIFT)) | (bps << ROYALTY_SHIFT);
    }

    function withFrozen(uint256 word) internal pure returns (uint256) {
        return word | FROZEN;
    }

    function withApproved(uint256 word, bool approved) internal pure returns (uint256) {
        return approved ? word | APPROVED : word & ~APPROVED;
    }

    function withOwner(uint256 word, address account) internal pure returns (uint256) {
        return (word & ~OWNER_MASK) | uint160(account);
    }

    /// @notice One more transfer; the caller has looked that the count is not exhausted.
    function plusOneTransfer(uint256 word) internal pure returns (uint256) {
        unchecked {
            return word + (1 << COUNT_SHIFT);
        }
    }

    function onlyTransferCount(uint256 word) internal pure returns (uint256) {
        return (word >> COUNT_SHIFT) << COUNT_SHIFT;
    }
}
