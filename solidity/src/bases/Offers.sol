// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IExchange} from "../interfaces/IExchange.sol";
import {BoundedCalls} from "../libraries/BoundedCalls.sol";
import {OrderHash} from "../libraries/OrderHash.sol";
import {OrderWords} from "../libraries/OrderWords.sol";
import {TokenCalls} from "../libraries/TokenCalls.sol";
import {
    Acceptance,
    Bulk,
    COLLECTION_OFFER,
    Order,
    SET_OFFER,
    TOKEN_OFFER,
    UNBOUND
} from "../types/Orders.sol";
import {Sales} from "./Sales.sol";
import {Till} from "./Tills.sol";

/// @title Offers
/// @notice Sales that the seller calls for. See {IExchange}.
abstract contract Offers is Sales {
    uint256 private constant MAX_SET_HEIGHT = 32;
    uint256 private constant CREATOR_SHIFT = 96;

    /// @inheritdoc IExchange
    function accept(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        Acceptance calldata acceptance
    ) external nonReentrant {
        Till memory till = _openTill(msg.sender, 0);
        _meet(order, signature, bulk, acceptance, till);
        _payOut(till);
    }

    /// @inheritdoc IExchange
    function acceptMany(
        Order[] calldata orders,
        bytes[] calldata signatures,
        Bulk[] calldata bulks,
        Acceptance[] calldata acceptances
    ) external nonReentrant {
        uint256 length = orders.length;
        if (signatures.length != length) {
            revert Exchange_LengthMismatch(length, signatures.length);
        }
        if (bulks.length != length) revert Exchange_LengthMismatch(length, bulks.length);
        if (acceptances.length != length) {
            revert Exchange_LengthMismatch(length, acceptances.length);
        }
        Till memory till = _openTill(msg.sender, 0);
        for (uint256 i = 0; i < length; ++i) {
            _meet(orders[i], signatures[i], bulks[i], acceptances[i], till);
        }
        _payOut(till);
    }

    /// @dev One work of the caller for what an offer promises.
    function _meet(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        Acceptance calldata acceptance,
        Till memory till
    ) private {
        if (order.more.length != 0) revert Exchange_BundleUnsupported();
        OrderWords words = OrderHash.read(order, order.more);
        _checkOffer(words);
        _checkMember(words, acceptance);
        bytes32 orderHash = _take(words, signature, bulk.index, bulk.proof, till);
        if (acceptance.transferCount != UNBOUND) {
            _checkOwner(words.collection(), acceptance.tokenId, till.taker);
        }
        _setParties(till, till.taker, words.maker(), words.currency());
        uint256 proceeds = _sell(
            till,
            orderHash,
            words.collection(),
            acceptance.tokenId,
            acceptance.transferCount,
            words.price(),
            words.maxRoyaltyBps()
        );
        if (proceeds < acceptance.minProceeds) {
            revert Exchange_ProceedsTooLow(proceeds, acceptance.minProceeds);
        }
        _checkMetadata(words, acceptance.tokenId);
    }

    function _checkOffer(OrderWords order) private view {
        if (order.kind() < TOKEN_OFFER || order.kind() > COLLECTION_OFFER) {
            revert Exchange_KindMismatch(order.kind());
        }
        if (order.transferCount() != UNBOUND) revert Exchange_OfferBound(order.transferCount());
        if (order.endPrice() != order.price()) {
            revert Exchange_OfferPriceMoves(order.price(), order.endPrice());
        }
        if ((order.kind() == SET_OFFER) != (order.criteria() != 0)) {
            revert Exchange_CriteriaMismatch(order.criteria());
        }
        _checkCurrency(order.currency());
    }

    /// @dev Whether the work is one that the offer is for.
    function _checkMember(OrderWords order, Acceptance calldata acceptance) private pure {
        uint256 tokenId = acceptance.tokenId;
        if (order.kind() == SET_OFFER) {
            if (order.tokenId() != 0) revert Exchange_TokenMismatch(order.tokenId(), tokenId);
            // Hashed twice, so that no node of two passes for a leaf.
            bytes32 leaf =
                keccak256(abi.encode(keccak256(abi.encode(tokenId, acceptance.transferCount))));
            if (
                acceptance.proof.length > MAX_SET_HEIGHT
                    || !MerkleProof.verifyCalldata(acceptance.proof, order.criteria(), leaf)
            ) revert Exchange_NotInSet(tokenId);
            return;
        }

        // Only a leaf of a set names a count.
        if (acceptance.transferCount != UNBOUND) {
            revert Exchange_OfferBound(acceptance.transferCount);
        }
        if (acceptance.proof.length != 0) revert Exchange_NotInSet(tokenId);
        bool fits = order.tokenId() == tokenId;
        if (order.kind() == COLLECTION_OFFER) {
            fits = order.tokenId() == 0
                || tokenId >> CREATOR_SHIFT << CREATOR_SHIFT == order.tokenId();
        }
        if (!fits) revert Exchange_TokenMismatch(order.tokenId(), tokenId);
    }

    /// @dev Of a bound leaf; what is unbound is looked at when it is delivered. A collection that
    /// ignores what it cannot move would else sell the buyer, for a stranger, what the buyer has.
    function _checkOwner(address collection, uint256 tokenId, address seller) private view {
        address owner = TokenCalls.ownerOf(collection, tokenId);
        if (owner != seller) revert Exchange_MakerNotOwner(seller, owner);
    }

    /// @dev Of the work as the buyer has it now: a transfer could change it.
    function _checkMetadata(OrderWords order, uint256 tokenId) private view {
        bytes32 expected = order.metadataDigest();
        if (expected == 0) return;
        bytes32 digest = BoundedCalls.metadataDigest(order.collection(), tokenId);
        if (digest != expected) revert Exchange_MetadataMismatch(expected, digest);
    }
}
