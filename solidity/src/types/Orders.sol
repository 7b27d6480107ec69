// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What an order offers. The number is signed.
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
    /// The work. Of a set offer: zero. Of a collection offer: zero, or a creator's first id
    /// (`creator << 96`), which means any work whose id names that creator.
    uint256 tokenId;
    /// The transfer count that the work must have, or {UNBOUND}, as in every offer.
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

/// @notice Where an order stands among those that one signature covers. Without it the signature
/// is of the order alone.
struct Bulk {
    uint256 index;
    /// The siblings from the leaf up; its length is the height of the tree that was signed.
    bytes32[] proof;
}

/// @notice How a seller meets an offer.
struct Acceptance {
    uint256 tokenId;
    /// Of a set offer: the transfer count named by the leaf, or {UNBOUND}; else {UNBOUND}.
    uint256 transferCount;
    /// Of a set offer: the siblings of the leaf; else empty.
    bytes32[] proof;
    /// The seller's least share of the price, after royalty and fee.
    uint256 minProceeds;
}

/// @notice A spending permit (ERC-2612) by the caller for the exchange.
struct Permit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice What a seller signs for an English auction in the chain's own coin.
struct Auction {
    address seller;
    address collection;
    uint256 tokenId;
    /// The transfer count that the work must have at the first bid, or {UNBOUND}.
    uint256 transferCount;
    /// The least first bid.
    uint256 reserve;
    /// The first and the last second in which the first bid may be made.
    uint64 start;
    uint64 openUntil;
    /// How long a reserve auction runs from its first bid; zero for a scheduled one.
    uint64 duration;
    /// When a scheduled auction ends; zero for a reserve auction.
    uint64 end;
    /// The least step from bid to bid, in basis points of the standing bid.
    uint16 minStepBps;
    uint16 maxRoyaltyBps;
    uint16 maxFeeBps;
    uint256 nonce;
    uint256 counter;
}

/// @notice A lazy mint, signed by the artist or a minter for the collection's own domain.
struct Voucher {
    /// The first id; its upper 160 bits name the creator.
    uint256 tokenId;
    bytes32 metadataDigest;
    /// Of each work.
    uint256 price;
    address currency;
    uint16 royaltyBps;
    /// Zero is the creator named by the token id.
    address royaltyReceiver;
    /// Who may take the work; zero means anyone.
    address recipient;
    /// Who is paid `maxFeeBps` of the price; zero means nobody.
    address feeReceiver;
    uint16 maxFeeBps;
    /// How many works in a row the voucher is good for.
    uint32 editionSize;
    /// How many of them one account may take; zero means any number.
    uint32 maxPerRecipient;
    uint64 start;
    uint64 end;
    uint256 nonce;
    uint256 counter;
}
