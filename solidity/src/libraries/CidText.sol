// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title CidText
/// @notice The text of the IPFS address of one raw block: `bafkrei…`.
library CidText {
    bytes32 private constant ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    /// @dev CID version 1, raw codec, SHA-256, 32 bytes: what stands before the digest.
    uint32 private constant PREFIX = 0x01551220;

    /// @notice The CIDv1 of the raw block with this SHA-256 digest, in base 32.
    ///
    /// @dev 36 bytes are 288 bits: 57 digits of 5 bits and a last one of 3, padded to the right.
    function ofRawBlock(bytes32 digest) internal pure returns (string memory) {
        bytes memory text = new bytes(59);
        text[0] = "b";
        // The first 32 bits stand alone, as the whole does not fit one word: 30 of them are six
        // digits, and two are left to go before the digest.
        uint256 head = uint256(PREFIX) >> 2;
        for (uint256 i = 0; i < 6; ++i) {
            text[6 - i] = ALPHABET[(head >> (5 * i)) & 31];
        }
        uint256 body = uint256(digest);
        uint256 carried = uint256(PREFIX) & 3;
        // Digit 7 takes the two bits left and three of the digest.
        text[7] = ALPHABET[(carried << 3) | (body >> 253)];
        for (uint256 i = 0; i < 50; ++i) {
            text[8 + i] = ALPHABET[(body >> (248 - 5 * i)) & 31];
        }
        // The last three bits, padded with two zeros.
        text[58] = ALPHABET[(body << 2) & 31];
        return string(text);
    }
}
