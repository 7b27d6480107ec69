// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An order in memory as EIP-712 hashes it: the type hash and 18 words in a row. Cheaper to
/// read than calldata, where the compiler checks each word again. See {OrderHash.read}.
///
/// @dev The value is where the words lie. A field narrower than a word is masked when it is read.
type OrderWords is uint256;

using {
    kind,
    maker,
    taker,
    collection,
    tokenId,
    transferCount,
    criteria,
    metadataDigest,
    currency,
    price,
    endPrice,
    start,
    end,
    maxRoyaltyBps,
    maxFeeBps,
    nonce,
    counter
} for OrderWords global;

/// @dev The word numbered `i`; number 0 is the type hash.
function word(OrderWords order, uint256 i) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(add(order, mul(i, 0x20)))
    }
}

function kind(OrderWords order) pure returns (uint8) {
    return uint8(word(order, 1));
}

function maker(OrderWords order) pure returns (address) {
    return address(uint160(word(order, 2)));
}

function taker(OrderWords order) pure returns (address) {
    return address(uint160(word(order, 3)));
}

function collection(OrderWords order) pure returns (address) {
    return address(uint160(word(order, 4)));
}

function tokenId(OrderWords order) pure returns (uint256) {
    return word(order, 5);
}

function transferCount(OrderWords order) pure returns (uint256) {
    return word(order, 6);
}

// Number 7 is the hash of the further works.

function criteria(OrderWords order) pure returns (bytes32) {
    return bytes32(word(order, 8));
}

function metadataDigest(OrderWords order) pure returns (bytes32) {
    return bytes32(word(order, 9));
}

function currency(OrderWords order) pure returns (address) {
    return address(uint160(word(order, 10)));
}

function price(OrderWords order) pure returns (uint256) {
    return word(order, 11);
}

function endPrice(OrderWords order) pure returns (uint256) {
    return word(order, 12);
}

function start(OrderWords order) pure returns (uint256) {
    return uint64(word(order, 13));
}

function end(OrderWords order) pure returns (uint256) {
    return uint64(word(order, 14));
}

function maxRoyaltyBps(OrderWords order) pure returns (uint256) {
    return uint16(word(order, 15));
}

function maxFeeBps(OrderWords order) pure returns (uint256) {
    return uint16(word(order, 16));
}

function nonce(OrderWords order) pure returns (uint256) {
    return word(order, 17);
}

function counter(OrderWords order) pure returns (uint256) {
    return word(order, 18);
}
