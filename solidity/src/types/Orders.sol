// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What an order offers. The number is signed; this exchange settles listings.
uint8 constant LISTING = 0;
uint8 constant TOKEN_OFFER = 1;
uint8 constant SET_OFFER = 2;
uint8 constant COLLECTION_OFFER = 3;

/// @dev As an expected transfer count: the order is not bound to the work's movements.
uint256 constant UNBOUND = type(uint256).max;

/// @notice One further work of a bundle.
struct Item {
    address collection;
    uint256 tokenId;
    /// The transfer count that the work must have, or {UNBOUND}.
    uint256 transferCount;
}

/// @notice What a maker signs, for every kind of sale.
struct Order {
    uint8 kind;
    address maker;
    /// Who may take the order; zero means anyone.
    address taker;
    address collection;
    uint256 tokenId;
    /// The transfer count that the work must have, or {UNBOUND}.
    uint256 transferCount;
    /// Further works of a bundle; empty for a single work.
    Item[] more;
    /// The Merkle root of a set offer; otherwise zero.
    bytes32 criteria;
    /// The metadata an offer is for; zero means any.
    bytes32 metadataDigest;
    /// Zero is the chain's own coin.
    address currency;
    /// The price at `start` and at `end`, in the currency's smallest unit; equal means fixed.
    uint256 price;
    uint256 endPrice;
    /// The first and the last second in which the order may be filled.
    uint64 start;
    uint64 end;
    uint16 maxRoyaltyBps;
    uint16 maxFeeBps;
    uint256 nonce;
    uint256 counter;
}

/// @notice A lazy mint, signed by the artist for the collection's own domain.
struct Voucher {
    uint256 tokenId;
    bytes32 metadataDigest;
    uint256 price;
    address currency;
    uint16 royaltyBps;
    /// Zero is the creator named by the token id.
    address royaltyReceiver;
    /// Who may take the work; zero means anyone.
    address recipient;
    address feeReceiver;
    uint16 maxFeeBps;
    uint32 editionSize;
    uint32 maxPerRecipient;
    uint64 start;
    uint64 end;
    uint256 nonce;
    uint256 counter;
}
