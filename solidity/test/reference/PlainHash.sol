// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, Bulk, Item, Order, Voucher} from "../../src/types/Orders.sol";

/// @notice EIP-712 as its text says it, field by field, to hold the assembly against.
library PlainHash {
    string private constant ITEM = "Item(address collection,uint256 tokenId,uint256 transferCount)";

    function domain(string memory name, uint256 chainId, address verifying)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                chainId,
                verifying
            )
        );
    }

    function digest(bytes32 separator, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function hash(Item memory item) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256(bytes(ITEM)), item.collection, item.tokenId, item.transferCount)
        );
    }

    function hash(Order memory order) internal pure returns (bytes32) {
        bytes memory items;
        for (uint256 i = 0; i < order.more.length; ++i) {
            items = abi.encodePacked(items, hash(order.more[i]));
        }
        bytes memory first = abi.encode(
            _orderTypehash(),
            order.kind,
            order.maker,
            order.taker,
            order.collection,
            order.tokenId,
            order.transferCount,
            keccak256(items),
            order.criteria
        );
        bytes memory second = abi.encode(
            order.metadataDigest,
            order.currency,
            order.price,
            order.endPrice,
            order.start,
            order.end
        );
        bytes memory third =
            abi.encode(order.maxRoyaltyBps, order.maxFeeBps, order.nonce, order.counter);
        return keccak256(abi.encodePacked(first, second, third));
    }

    /// @dev A tree of orders as EIP-712 hashes an array of arrays: by halves, from an order's place.
    function hash(bytes32 leaf, Bulk memory bulk) internal pure returns (bytes32) {
        bytes32 node = leaf;
        string memory brackets = "";
        uint256 index = bulk.index;
        for (uint256 i = 0; i < bulk.proof.length; ++i) {
            (bytes32 left, bytes32 right) =
                index % 2 == 0 ? (node, bulk.proof[i]) : (bulk.proof[i], node);
            node = keccak256(bytes.concat(left, right));
            brackets = string.concat(brackets, "[2]");
            index /= 2;
        }
        string memory told = string.concat("BulkOrder(Order", brackets, " tree)", ITEM, _order());
        return keccak256(bytes.concat(keccak256(bytes(told)), node));
    }

    function hash(Auction memory auction) internal pure returns (bytes32) {
        bytes memory first = abi.encode(
            _auctionTypehash(),
            auction.seller,
            auction.collection,
            auction.tokenId,
            auction.transferCount,
            auction.reserve,
            auction.start,
            auction.openUntil
        );
        bytes memory second = abi.encode(
            auction.duration,
            auction.end,
            auction.minStepBps,
            auction.maxRoyaltyBps,
            auction.maxFeeBps,
            auction.nonce,
            auction.counter
        );
        return keccak256(abi.encodePacked(first, second));
    }

    function hash(Voucher memory voucher) internal pure returns (bytes32) {
        bytes memory first = abi.encode(
            _voucherTypehash(),
            voucher.tokenId,
            voucher.metadataDigest,
            voucher.price,
            voucher.currency,
            voucher.royaltyBps,
            voucher.royaltyReceiver,
            voucher.recipient
        );
        bytes memory second = abi.encode(
            voucher.feeReceiver,
            voucher.maxFeeBps,
            voucher.editionSize,
            voucher.maxPerRecipient,
            voucher.start,
            voucher.end,
            voucher.nonce,
            voucher.counter
        );
        return keccak256(abi.encodePacked(first, second));
    }

    function _orderTypehash() private pure returns (bytes32) {
        return keccak256(bytes(string.concat(_order(), ITEM)));
    }

    function _order() private pure returns (string memory) {
        return string.concat(
            "Order(uint8 kind,address maker,address taker,address collection,",
            "uint256 tokenId,uint256 transferCount,Item[] more,bytes32 criteria,",
            "bytes32 metadataDigest,address currency,uint256 price,uint256 endPrice,",
            "uint64 start,uint64 end,uint16 maxRoyaltyBps,uint16 maxFeeBps,",
            "uint256 nonce,uint256 counter)"
        );
    }

    function _auctionTypehash() private pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                "Auction(address seller,address collection,uint256 tokenId,uint256 transferCount,",
                "uint256 reserve,uint64 start,uint64 openUntil,uint64 duration,uint64 end,",
                "uint16 minStepBps,uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,",
                "uint256 counter)"
            )
        );
    }

    function _voucherTypehash() private pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                "Voucher(uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,",
                "uint16 royaltyBps,address royaltyReceiver,address recipient,address feeReceiver,",
                "uint16 maxFeeBps,uint32 editionSize,uint32 maxPerRecipient,uint64 start,",
                "uint64 end,uint256 nonce,uint256 counter)"
            )
        );
    }
}
