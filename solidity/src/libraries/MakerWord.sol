// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title MakerWord
/// @notice What an exchange knows of its makers: a counter, and which nonces are used.
///
/// @dev One word holds the counter (low 64 bits) and the nonces 0 to 191 (the 192 bits above), so
/// that a sale reads and writes one slot. Later nonces lie in pages of 256.
library MakerWord {
    uint256 internal constant COUNTER_BITS = 64;
    uint256 internal constant COUNTER_MASK = (1 << COUNTER_BITS) - 1;
    uint256 internal constant FIRST_PAGE = 256 - COUNTER_BITS;
    uint256 internal constant FIRST_BIT = 1 << COUNTER_BITS;

    struct Word {
        uint256 value;
    }

    struct Makers {
        mapping(address maker => Word) words;
        mapping(address maker => mapping(uint256 page => Word)) pages;
    }

    function counterOf(Makers storage makers, address maker) internal view returns (uint256) {
        return makers.words[maker].value & COUNTER_MASK;
    }

    function isUsed(Makers storage makers, address maker, uint256 nonce)
        internal
        view
        returns (bool)
    {
        (Word storage bits, uint256 bit) = _place(makers, maker, nonce);
        return bits.value & bit != 0;
    }

    /// @notice Marks a nonce as used; answers whether it was unused before.
    function use(Makers storage makers, address maker, uint256 nonce)
        internal
        returns (bool fresh)
    {
        (Word storage bits, uint256 bit) = _place(makers, maker, nonce);
        uint256 value = bits.value;
        fresh = value & bit == 0;
        if (fresh) bits.value = value | bit;
    }

    /// @notice The same, with the maker's counter. A nonce below {FIRST_PAGE} shares the counter's
    /// slot: one read and one write.
    function spend(Makers storage makers, address maker, uint256 nonce)
        internal
        returns (bool fresh, uint256 counter)
    {
        Word storage word = makers.words[maker];
        uint256 value = word.value;
        counter = value & COUNTER_MASK;
        if (nonce >= FIRST_PAGE) return (use(makers, maker, nonce), counter);

        uint256 bit = FIRST_BIT << nonce;
        fresh = value & bit == 0;
        if (fresh) word.value = value | bit;
    }

    /// @notice Moves the counter forward; reverts rather than pass its end.
    function advance(Makers storage makers, address maker, uint256 jump)
        internal
        returns (uint256 counter)
    {
        Word storage word = makers.words[maker];
        uint256 value = word.value;
        uint256 present = value & COUNTER_MASK;
        unchecked {
            assert(jump <= COUNTER_MASK - present);
            counter = present + jump;
            word.value = value + jump;
        }
    }

    /// @dev Where the bit of a nonce is.
    function _place(Makers storage makers, address maker, uint256 nonce)
        private
        view
        returns (Word storage bits, uint256 bit)
    {
        if (nonce < FIRST_PAGE) {
            bits = makers.words[maker];
            bit = FIRST_BIT << nonce;
        } else {
            bits = makers.pages[maker][nonce >> 8];
            bit = 1 << (nonce & 0xff);
        }
    }
}
