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

    struct Makers {
        mapping(address maker => uint256 word) words;
        mapping(address maker => mapping(uint256 page => uint256 bits)) pages;
    }

    function counterOf(Makers storage makers, address maker) internal view returns (uint256) {
        return makers.words[maker] & COUNTER_MASK;
    }

    function isUsed(Makers storage makers, address maker, uint256 nonce)
        internal
        view
        returns (bool)
    {
        (uint256 bits, uint256 mask) = nonce < FIRST_PAGE
            ? (makers.words[maker], 1 << (COUNTER_BITS + nonce))
            : (makers.pages[maker][nonce >> 8], 1 << (nonce & 0xff));
        return bits & mask != 0;
    }

    /// @notice Marks a nonce as used; answers whether it was unused, and the maker's counter.
    function use(Makers storage makers, address maker, uint256 nonce)
        internal
        returns (bool fresh, uint256 counter)
    {
        uint256 word = makers.words[maker];
        counter = word & COUNTER_MASK;
        if (nonce < FIRST_PAGE) {
            uint256 bit = 1 << (COUNTER_BITS + nonce);
            fresh = word & bit == 0;
            if (fresh) makers.words[maker] = word | bit;
        } else {
            uint256 page = makers.pages[maker][nonce >> 8];
            uint256 bit = 1 << (nonce & 0xff);
            fresh = page & bit == 0;
            if (fresh) makers.pages[maker][nonce >> 8] = page | bit;
        }
    }

    /// @notice Moves the counter forward; reverts rather than pass its end.
    function advance(Makers storage makers, address maker, uint256 jump)
        internal
        returns (uint256 counter)
    {
        uint256 word = makers.words[maker];
        counter = (word & COUNTER_MASK) + jump;
        assert(counter <= COUNTER_MASK);
        makers.words[maker] = (word & ~COUNTER_MASK) | counter;
    }
}
