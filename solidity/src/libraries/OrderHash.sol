// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OrderWords} from "./OrderWords.sol";
import {Auction, Item, Order, Voucher} from "../types/Orders.sol";

/// @title OrderHash
/// @notice EIP-712 struct hashes of what makers and artists sign.
library OrderHash {
    bytes32 internal constant ITEM_TYPEHASH =
        keccak256("Item(address collection,uint256 tokenId,uint256 transferCount)");

    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(uint8 kind,address maker,address taker,address collection,uint256 tokenId,"
        "uint256 transferCount,Item[] more,bytes32 criteria,bytes32 metadataDigest,"
        "address currency,uint256 price,uint256 endPrice,uint64 start,uint64 end,"
        "uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter)"
        "Item(address collection,uint256 tokenId,uint256 transferCount)"
    );

    /// @dev What `BulkOrder(Order[2]…[2] tree)` refers to, in the order of their names.
    string private constant BULK_REFERRED = "Item(address collection,uint256 tokenId,uint256 transferCount)"
        "Order(uint8 kind,address maker,address taker,address collection,uint256 tokenId,"
        "uint256 transferCount,Item[] more,bytes32 criteria,bytes32 metadataDigest,"
        "address currency,uint256 price,uint256 endPrice,uint64 start,uint64 end,"
        "uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter)";

    bytes32 internal constant AUCTION_TYPEHASH = keccak256(
        "Auction(address seller,address collection,uint256 tokenId,uint256 transferCount,"
        "uint256 reserve,uint64 start,uint64 openUntil,uint64 duration,uint64 end,"
        "uint16 minStepBps,uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter)"
    );

    bytes32 internal constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,"
        "uint16 royaltyBps,address royaltyReceiver,address recipient,address feeReceiver,"
        "uint16 maxFeeBps,uint32 editionSize,uint32 maxPerRecipient,uint64 start,uint64 end,"
        "uint256 nonce,uint256 counter)"
    );

    /// @notice The struct hash of an order.
    function hash(Order calldata order) internal pure returns (bytes32) {
        return hash(read(order, order.more));
    }

    /// @notice The words of an order as EIP-712 hashes them, in memory: cheaper to read there than
    /// in calldata, and hashed as they lie.
    ///
    /// @dev The 18 words of the order lie in calldata as they are hashed, but for the seventh
    /// (`more`), where calldata holds an offset and the hash takes that of the items. They are
    /// copied as they are: a word with dirty high bits changes the hash, so that no signature over
    /// the clean one fits it, and the compiler masks it wherever the field is read.
    function read(Order calldata order, Item[] calldata more)
        internal
        pure
        returns (OrderWords words)
    {
        bytes32 typeHash = ORDER_TYPEHASH;
        bytes32 moreHash = hash(more);
        assembly ("memory-safe") {
            words := mload(0x40)
            mstore(0x40, add(words, 0x260))
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), order, 0x240)
            mstore(add(words, 0xe0), moreHash)
        }
    }

    function hash(OrderWords words) internal pure returns (bytes32 structHash) {
        assembly ("memory-safe") {
            structHash := keccak256(words, 0x260)
        }
    }

    /// @notice The hash of the further works: of their struct hashes, one after the other.
    function hash(Item[] calldata items) internal pure returns (bytes32) {
        if (items.length == 0) return keccak256("");
        bytes32[] memory hashes = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            Item calldata item = items[i];
            hashes[i] = keccak256(
                abi.encode(ITEM_TYPEHASH, item.collection, item.tokenId, item.transferCount)
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }

    /// @notice The struct hash of the tree that an order is a leaf of. Each level of `[2]` is the
    /// hash of its two halves, so a Merkle root is what EIP-712 makes of the nested array.
    ///
    /// @param leaf The order's own struct hash: of 19 words, so that no node of two passes for it.
    /// @param index Where the leaf stands; bit i of it: 0 = on the left at level i from the leaf.
    function hashTree(bytes32 leaf, uint256 index, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32)
    {
        bytes32 node = leaf;
        uint256 height = proof.length;
        bytes memory brackets;
        for (uint256 i = 0; i < height; ++i) {
            bytes32 sibling = proof[i];
            node = (index >> i) & 1 == 0
                ? keccak256(abi.encode(node, sibling))
                : keccak256(abi.encode(sibling, node));
            brackets = abi.encodePacked(brackets, "[2]");
        }
        bytes32 typeHash =
            keccak256(abi.encodePacked("BulkOrder(Order", brackets, " tree)", BULK_REFERRED));
        return keccak256(abi.encode(typeHash, node));
    }

    /// @notice The struct hash of an auction, whose 14 words are copied as they are.
    function hash(Auction calldata auction) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = AUCTION_TYPEHASH;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), auction, 0x1c0)
            structHash := keccak256(start, 0x1e0)
        }
    }

    /// @notice The struct hash of a voucher, whose 15 words are copied as they are, like an order's.
    function hash(Voucher calldata voucher) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = VOUCHER_TYPEHASH;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), voucher, 0x1e0)
            structHash := keccak256(start, 0x200)
        }
    }
}
