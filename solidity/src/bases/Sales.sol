// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IExchange} from "../interfaces/IExchange.sol";
import {BoundedCalls} from "../libraries/BoundedCalls.sol";
import {OrderHash} from "../libraries/OrderHash.sol";
import {OrderWords} from "../libraries/OrderWords.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {TokenCalls} from "../libraries/TokenCalls.sol";
import {Bulk, LISTING, Order, UNBOUND} from "../types/Orders.sol";
import {Makers} from "./Makers.sol";
import {Till, Tills} from "./Tills.sol";

/// @title Sales
/// @notice What all sales share: whether an order is good, and the work for the money.
abstract contract Sales is Tills, Makers, EIP712 {
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MAX_UNBOUND_DURATION = 60 days;
    uint256 private constant MAX_PRICE = type(uint128).max;
    uint256 private constant MAX_BULK_HEIGHT = 10;
    uint8 private constant FLAG_NO_ROYALTY_ANSWER = 1;
    uint8 private constant FLAG_OFFER = 2;

    mapping(address currency => bool allowed) private _currencies;

    /// @inheritdoc IExchange
    function setCurrency(address currency, bool allowed) external onlyOwner {
        // An account without code would take every payment and move nothing.
        if (allowed && currency.code.length == 0) revert Exchange_CurrencyUnsupported(currency);
        _currencies[currency] = allowed;
        emit CurrencyAllowed(currency, allowed);
    }

    /// @inheritdoc IExchange
    function isCurrencyAllowed(address currency) external view returns (bool) {
        return _currencies[currency];
    }

    /// @inheritdoc IExchange
    function hashOrder(Order calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(OrderHash.hash(order));
    }

    /// @inheritdoc IExchange
    function hashBulk(Order calldata order, Bulk calldata bulk) external view returns (bytes32) {
        return _bulkDigest(OrderHash.hash(order), bulk.index, bulk.proof);
    }

    /// @dev Checks all that does not depend on what the order is an order for, and uses it up.
    /// @return orderHash The name of the order, whatever was signed.
    function _take(
        OrderWords order,
        bytes calldata signature,
        uint256 index,
        bytes32[] calldata proof,
        Till memory till
    ) internal returns (bytes32 orderHash) {
        address maker = order.maker();
        address taker = till.taker;

        // Check: the order is for this caller, now.
        if (maker == address(0)) revert Exchange_MakerZero();
        if (maker == taker) revert Exchange_MakerIsTaker(maker);
        address named = order.taker();
        if (named != address(0) && named != taker) revert Exchange_TakerMismatch(named, taker);
        if (order.price() == 0) revert Exchange_PriceZero();
        if (order.price() > MAX_PRICE) revert Exchange_PriceTooHigh(order.price(), MAX_PRICE);
        if (block.timestamp < order.start()) {
            revert Exchange_OrderNotStarted(order.start(), block.timestamp);
        }
        if (block.timestamp > order.end()) {
            revert Exchange_OrderExpired(order.end(), block.timestamp);
        }
        if (order.transferCount() == UNBOUND) _checkDuration(order);
        if (till.feeBps > order.maxFeeBps()) {
            revert Exchange_FeeAboveMaximum(till.feeBps, order.maxFeeBps());
        }

        // Check: the maker signed it.
        bytes32 structHash = OrderHash.hash(order);
        orderHash = _hashTypedDataV4(structHash);
        bytes32 digest =
            proof.length == 0 && index == 0 ? orderHash : _bulkDigest(structHash, index, proof);
        if (!Signatures.isValid(maker, digest, signature)) {
            revert Exchange_SignatureInvalid(orderHash, maker);
        }

        // Check and effect: it is used once.
        _spend(maker, order.nonce(), order.counter());
    }

    /// @dev The digest that is signed for a tree of orders.
    function _bulkDigest(bytes32 structHash, uint256 index, bytes32[] calldata proof)
        private
        view
        returns (bytes32)
    {
        uint256 height = proof.length;
        if (height == 0 || height > MAX_BULK_HEIGHT || index >> height != 0) {
            revert Exchange_BulkInvalid(index, height);
        }
        return _hashTypedDataV4(OrderHash.hashTree(structHash, index, proof));
    }

    function _checkCurrency(address currency) internal view {
        if (!_currencies[currency]) revert Exchange_CurrencyUnsupported(currency);
    }

    /// @dev An order that is not bound to a work's movements is good for a limited time.
    function _checkDuration(OrderWords order) internal pure {
        uint256 duration = order.end() - order.start();
        if (duration > MAX_UNBOUND_DURATION) {
            revert Exchange_UnboundOrderTooLong(duration, MAX_UNBOUND_DURATION);
        }
    }

    /// @dev One work of the till's seller for its part of the price. What is due for it is added
    /// to the till.
    /// @return proceeds What the seller is due.
    function _sell(
        Till memory till,
        bytes32 orderHash,
        address collection,
        uint256 tokenId,
        uint256 transferCount,
        uint256 price,
        uint256 maxRoyaltyBps
    ) internal returns (uint256 proceeds) {
        // Check: what is to be paid stays within the maker's limits.
        (address receiver, uint256 royalty, uint8 flags) =
            _royaltyOf(collection, tokenId, price, maxRoyaltyBps);
        uint256 fee;
        // A price is below 2^128, a royalty within its cap: nothing overflows.
        unchecked {
            fee = price * till.feeBps / WHOLE_BPS;
            if (royalty + fee > price) revert Exchange_PriceExceeded(royalty, fee, price);
            proceeds = price - fee - royalty;
        }

        // Interaction: the work, then (from the till) the money.
        address seller = till.seller;
        address buyer = till.buyer;
        _deliver(collection, tokenId, transferCount, seller, buyer);

        bool listing = buyer == till.taker;
        emit OrderFilled(
            orderHash,
            listing ? seller : buyer,
            listing ? buyer : seller,
            collection,
            tokenId,
            till.currency,
            price,
            receiver,
            royalty,
            fee,
            listing ? flags : flags | FLAG_OFFER
        );

        till.fee += fee;
        if (receiver == seller) {
            // A seller who is also the royalty receiver is paid once.
            till.proceeds += proceeds + royalty;
        } else {
            till.proceeds += proceeds;
            if (royalty != 0) _addRoyalty(till, receiver, royalty);
        }
    }

    /// @dev Asks the token for its royalty, once, and holds the answer to the maker's limit.
    function _royaltyOf(address collection, uint256 tokenId, uint256 price, uint256 maxRoyaltyBps)
        private
        view
        returns (address receiver, uint256 royalty, uint8 flags)
    {
        // A look-up starved of gas could pass for a token without royalties.
        _checkGas(gasleft(), BoundedCalls.needed(BoundedCalls.LOOKUP_OVERHEAD));
        bool valid;
        (valid, receiver, royalty) = BoundedCalls.royaltyInfo(collection, tokenId, price);
        // The exchange itself has nobody who could draw what it is paid.
        if (!valid || receiver == address(this)) return (address(0), 0, FLAG_NO_ROYALTY_ANSWER);

        uint256 cap;
        unchecked {
            cap = (price * maxRoyaltyBps + WHOLE_BPS - 1) / WHOLE_BPS;
        }
        if (royalty > cap) revert Exchange_RoyaltyAboveMaximum(royalty, cap);
        if (royalty == 0) receiver = address(0);
    }

    /// @dev Hands the work over and looks whether it arrived.
    ///
    /// A bound order needs one look, afterwards: a collection that counts and says (buyer, count +
    /// 1) has said what the count was, and moved the work from the one owner it would take it from.
    /// Of one that lies, no look before would be worth more. (An offer's leaf is looked at before:
    /// there the maker does not act, and may have the work by now.)
    function _deliver(
        address collection,
        uint256 tokenId,
        uint256 transferCount,
        address seller,
        address buyer
    ) private {
        if (transferCount == UNBOUND) {
            address owner = TokenCalls.ownerOf(collection, tokenId);
            if (owner != seller) revert Exchange_MakerNotOwner(seller, owner);
            TokenCalls.move(collection, seller, buyer, tokenId);
            if (TokenCalls.ownerOf(collection, tokenId) != buyer) {
                revert Exchange_NotDelivered(collection, tokenId);
            }
        } else {
            TokenCalls.move(collection, seller, buyer, tokenId);
            (address owner, uint256 count) = TokenCalls.ownerAndCount(collection, tokenId);
            if (owner != buyer || count == 0) revert Exchange_NotDelivered(collection, tokenId);
            if (count - 1 != transferCount) {
                revert Exchange_TransferCountMoved(transferCount, count - 1);
            }
        }
    }
}
