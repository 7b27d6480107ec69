// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IExchange} from "../interfaces/IExchange.sol";
import {ITransferCount} from "../interfaces/ITransferCount.sol";
import {BoundedCalls} from "../libraries/BoundedCalls.sol";
import {OrderHash} from "../libraries/OrderHash.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Bulk, LISTING, Order, UNBOUND} from "../types/Orders.sol";
import {Makers} from "./Makers.sol";
import {Till, Tills} from "./Tills.sol";

/// @title Sales
/// @notice What all sales share: whether an order is good, and the work for the money.
abstract contract Sales is Tills, Makers, EIP712 {
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MAX_UNBOUND_DURATION = 60 days;
    uint256 private constant MAX_BULK_HEIGHT = 10;
    uint8 private constant FLAG_NO_ROYALTY_ANSWER = 1;
    uint8 private constant FLAG_OFFER = 2;

    mapping(address currency => bool allowed) private _currencies;

    /// @dev An order once it is known to be good.
    struct Sale {
        bytes32 orderHash;
        address maker;
        address seller;
        address buyer;
        address currency;
        uint256 maxRoyaltyBps;
        uint256 feeBps;
    }

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
    /// @return sale Who is who. Its `orderHash` names the order, whatever was signed.
    function _take(
        Order calldata order,
        bytes calldata signature,
        uint256 index,
        bytes32[] calldata proof,
        Till memory till
    ) internal returns (Sale memory sale) {
        address maker = order.maker;
        address taker = till.taker;

        // Check: the order is for this caller, now.
        if (maker == address(0)) revert Exchange_MakerZero();
        if (maker == taker) revert Exchange_MakerIsTaker(maker);
        if (order.taker != address(0) && order.taker != taker) {
            revert Exchange_TakerMismatch(order.taker, taker);
        }
        if (order.price == 0) revert Exchange_PriceZero();
        _checkTime(order);
        if (till.feeBps > order.maxFeeBps) {
            revert Exchange_FeeAboveMaximum(till.feeBps, order.maxFeeBps);
        }

        // Check: the maker signed it.
        bytes32 structHash = OrderHash.hash(order);
        sale.orderHash = _hashTypedDataV4(structHash);
        bytes32 digest = proof.length == 0 && index == 0
            ? sale.orderHash
            : _bulkDigest(structHash, index, proof);
        if (!Signatures.isValid(maker, digest, signature)) {
            revert Exchange_SignatureInvalid(sale.orderHash, maker);
        }

        // Check and effect: it is used once.
        _spend(order, maker);

        bool listing = order.kind == LISTING;
        sale.maker = maker;
        sale.seller = listing ? maker : taker;
        sale.buyer = listing ? taker : maker;
        sale.currency = order.currency;
        sale.maxRoyaltyBps = order.maxRoyaltyBps;
        sale.feeBps = till.feeBps;
        _setPayer(till, sale.buyer, sale.currency);
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
    function _checkUnbound(Order calldata order, uint256 transferCount) internal pure {
        if (transferCount == UNBOUND && order.end - order.start > MAX_UNBOUND_DURATION) {
            revert Exchange_UnboundOrderTooLong(order.end - order.start, MAX_UNBOUND_DURATION);
        }
    }

    function _checkTime(Order calldata order) private view {
        if (block.timestamp < order.start) {
            revert Exchange_OrderNotStarted(order.start, block.timestamp);
        }
        if (block.timestamp > order.end) revert Exchange_OrderExpired(order.end, block.timestamp);
        _checkUnbound(order, order.transferCount);
    }

    /// @dev One work for its part of the price. What is due for it is added to the till.
    /// @return proceeds What the seller is due.
    function _sell(
        Sale memory sale,
        Till memory till,
        address collection,
        uint256 tokenId,
        uint256 transferCount,
        uint256 price
    ) internal returns (uint256 proceeds) {
        // Check: what is to be paid stays within the maker's limits.
        uint256 fee = price * sale.feeBps / WHOLE_BPS;
        (address receiver, uint256 royalty, uint8 flags) =
            _royaltyOf(collection, tokenId, price, sale.maxRoyaltyBps);
        if (royalty + fee > price) revert Exchange_PriceExceeded(royalty, fee, price);
        if (sale.buyer == sale.maker) flags |= FLAG_OFFER;

        // Interaction: the work, then (from the till) the money.
        _deliver(collection, tokenId, transferCount, sale.seller, sale.buyer);
        emit OrderFilled(
            sale.orderHash,
            sale.maker,
            till.taker,
            collection,
            tokenId,
            sale.currency,
            price,
            receiver,
            royalty,
            fee,
            flags
        );

        proceeds = price - fee - royalty;
        // A seller who is also the royalty receiver is paid once.
        if (receiver == sale.seller) {
            _addProceeds(till, sale.seller, proceeds + royalty, fee);
        } else {
            _addProceeds(till, sale.seller, proceeds, fee);
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

        uint256 cap = (price * maxRoyaltyBps + WHOLE_BPS - 1) / WHOLE_BPS;
        if (royalty > cap) revert Exchange_RoyaltyAboveMaximum(royalty, cap);
        if (royalty == 0) receiver = address(0);
    }

    /// @dev Hands the work over and looks whether it arrived.
    ///
    /// A bound order needs one look, afterwards: a collection that counts and says (buyer, count +
    /// 1) has said what the count was, and moved the work from the one owner it would take it from.
    /// Of one that lies, no look before would be worth more.
    function _deliver(
        address collection,
        uint256 tokenId,
        uint256 transferCount,
        address seller,
        address buyer
    ) private {
        if (transferCount == UNBOUND) {
            address owner = IERC721(collection).ownerOf(tokenId);
            if (owner != seller) revert Exchange_MakerNotOwner(seller, owner);
            IERC721(collection).transferFrom(seller, buyer, tokenId);
            if (IERC721(collection).ownerOf(tokenId) != buyer) {
                revert Exchange_NotDelivered(collection, tokenId);
            }
        } else {
            IERC721(collection).transferFrom(seller, buyer, tokenId);
            (address owner, uint256 count) = ITransferCount(collection).ownerAndCount(tokenId);
            if (owner != buyer || count == 0) revert Exchange_NotDelivered(collection, tokenId);
            if (count - 1 != transferCount) {
                revert Exchange_TransferCountMoved(transferCount, count - 1);
            }
        }
    }
}
