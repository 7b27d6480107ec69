// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IExchange} from "../interfaces/IExchange.sol";
import {BoundedCalls} from "../libraries/BoundedCalls.sol";
import {OrderHash} from "../libraries/OrderHash.sol";
import {OrderWords} from "../libraries/OrderWords.sol";
import {Bulk, Item, LISTING, Order, Permit, UNBOUND} from "../types/Orders.sol";
import {Sales} from "./Sales.sol";
import {Till} from "./Tills.sol";

/// @title Listings
/// @notice Sales that the buyer calls for. See {IExchange}.
abstract contract Listings is Sales {
    /// @dev What an item of {buyAvailable} costs besides its share: the call and its answer.
    uint256 private constant ITEM_OVERHEAD = 15_000;

    /// @inheritdoc IExchange
    function fill(Order calldata order, bytes calldata signature) external payable nonReentrant {
        _fill(order, signature, 0, _noProof());
    }

    /// @inheritdoc IExchange
    function fillBulk(Order calldata order, bytes calldata signature, Bulk calldata bulk)
        external
        payable
        nonReentrant
    {
        _fill(order, signature, bulk.index, bulk.proof);
    }

    /// @inheritdoc IExchange
    function fillWithPermit(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        Permit calldata permit
    ) external nonReentrant {
        // Check first: no other contract than an allowed currency is called.
        _checkCurrency(order.currency);
        try IERC20Permit(order.currency)
            .permit(
                msg.sender,
                address(this),
                permit.value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            ) {}
            catch {}
        _fill(order, signature, bulk.index, bulk.proof);
    }

    /// @inheritdoc IExchange
    function buyMany(Order[] calldata orders, bytes[] calldata signatures, Bulk[] calldata bulks)
        external
        payable
        nonReentrant
    {
        _checkLengths(orders.length, signatures.length, bulks.length);
        Till memory till = _openTill(msg.sender, msg.value);
        for (uint256 i = 0; i < orders.length; ++i) {
            (uint256 index, bytes32[] calldata proof) = _bulkAt(bulks, i);
            _buy(orders[i], signatures[i], index, proof, till);
        }
        _payOut(till);
        _returnChange(till.coin);
    }

    /// @inheritdoc IExchange
    function buyAvailable(
        Order[] calldata orders,
        bytes[] calldata signatures,
        Bulk[] calldata bulks,
        uint256 gasPerItem
    ) external payable nonReentrant returns (bool[] memory filled) {
        _checkLengths(orders.length, signatures.length, bulks.length);
        filled = new bool[](orders.length);
        uint256 coin = msg.value;
        for (uint256 i = 0; i < orders.length; ++i) {
            (uint256 index, bytes32[] calldata proof) = _bulkAt(bulks, i);
            bytes memory data = abi.encodeCall(
                this.buyFor, (orders[i], signatures[i], index, proof, msg.sender, coin)
            );
            // An item starved of gas is not one that could not be had.
            _checkGas(gasleft(), gasPerItem + gasPerItem / 63 + 1 + ITEM_OVERHEAD);
            bytes32 answer;
            (filled[i], answer) = BoundedCalls.callSelf(gasPerItem, data);
            if (filled[i]) coin -= uint256(answer);
            else emit OrderSkipped(hashOrder(orders[i]), bytes4(answer));
        }
        _returnChange(coin);
    }

    /// @notice One item of {buyAvailable}, which calls this and nobody else may.
    /// @param taker Who called {buyAvailable}.
    /// @param coin What is left of the coin that came with it.
    /// @return spent How much of it was spent.
    function buyFor(
        Order calldata order,
        bytes calldata signature,
        uint256 index,
        bytes32[] calldata proof,
        address taker,
        uint256 coin
    ) external returns (uint256 spent) {
        // The guard is held by {buyAvailable}.
        if (msg.sender != address(this)) revert Exchange_NotSelf(msg.sender);
        Till memory till = _openTill(taker, coin);
        _buy(order, signature, index, proof, till);
        _payOut(till);
        return coin - till.coin;
    }

    /// @inheritdoc IExchange
    function priceAt(Order calldata order, uint256 timestamp) external pure returns (uint256) {
        return _priceAt(OrderHash.read(order, order.more), timestamp);
    }

    function _fill(
        Order calldata order,
        bytes calldata signature,
        uint256 index,
        bytes32[] calldata proof
    ) private {
        Till memory till = _openTill(msg.sender, msg.value);
        _buy(order, signature, index, proof, till);
        _payOut(till);

        // Only a falling price leaves coin over.
        if (till.coin == 0) return;
        bool inCoin = order.currency == address(0);
        if (!inCoin || order.price == order.endPrice) {
            revert Exchange_WrongPayment(inCoin ? order.price : 0, msg.value);
        }
        _returnChange(till.coin);
    }

    /// @dev All works of a listing. Its price leaves the till's coin, or is the taker's to pay.
    function _buy(
        Order calldata order,
        bytes calldata signature,
        uint256 index,
        bytes32[] calldata proof,
        Till memory till
    ) private {
        Item[] calldata more = order.more;
        OrderWords words = OrderHash.read(order, more);
        _checkListing(words);
        bytes32 orderHash = _take(words, signature, index, proof, till);

        uint256 price = _priceAt(words, block.timestamp);
        address currency = words.currency();
        if (currency == address(0)) {
            uint256 coin = till.coin;
            if (price > coin) revert Exchange_WrongPayment(price, coin);
            till.coin = coin - price;
        } else {
            _checkCurrency(currency);
        }
        _setParties(till, words.maker(), till.taker, currency);

        // Of a bundle each work has an equal part, and the first also what does not divide.
        uint256 part;
        if (more.length != 0) {
            part = price / (more.length + 1);
            price -= part * more.length;
        }
        _sell(
            till,
            orderHash,
            words.collection(),
            words.tokenId(),
            words.transferCount(),
            price,
            words.maxRoyaltyBps()
        );
        for (uint256 i = 0; i < more.length; ++i) {
            Item calldata item = more[i];
            if (item.transferCount == UNBOUND) _checkDuration(words);
            _sell(
                till,
                orderHash,
                item.collection,
                item.tokenId,
                item.transferCount,
                part,
                words.maxRoyaltyBps()
            );
        }
    }

    /// @dev What has fallen off is rounded down, so that the price is rounded up.
    function _priceAt(OrderWords order, uint256 timestamp) private pure returns (uint256) {
        (uint256 price, uint256 endPrice) = (order.price(), order.endPrice());
        if (price == endPrice || timestamp <= order.start()) return price;
        if (timestamp >= order.end()) return endPrice;
        return
            price - (price - endPrice) * (timestamp - order.start()) / (order.end() - order.start());
    }

    function _checkListing(OrderWords order) private pure {
        if (order.kind() != LISTING) revert Exchange_KindMismatch(order.kind());
        if (order.criteria() != 0) revert Exchange_CriteriaMismatch(order.criteria());
        if (order.metadataDigest() != 0) {
            revert Exchange_MetadataMismatch(order.metadataDigest(), 0);
        }
        if (order.endPrice() > order.price()) {
            revert Exchange_PriceRises(order.price(), order.endPrice());
        }
        if (order.endPrice() == 0) revert Exchange_PriceZero();
    }

    /// @dev Exactly what was sent and not spent, by account and not by balance.
    function _returnChange(uint256 amount) private {
        if (amount == 0) return;
        (bool success,) = msg.sender.call{value: amount}("");
        if (!success) revert Exchange_ChangeRefused(msg.sender);
    }

    function _checkLengths(uint256 orders, uint256 signatures, uint256 bulks) private pure {
        if (signatures != orders) revert Exchange_LengthMismatch(orders, signatures);
        if (bulks != 0 && bulks != orders) revert Exchange_LengthMismatch(orders, bulks);
    }

    function _bulkAt(Bulk[] calldata bulks, uint256 i)
        private
        pure
        returns (uint256 index, bytes32[] calldata proof)
    {
        if (bulks.length == 0) return (0, _noProof());
        return (bulks[i].index, bulks[i].proof);
    }

    /// @dev The empty array, wherever in the calldata.
    function _noProof() private pure returns (bytes32[] calldata proof) {
        assembly ("memory-safe") {
            proof.offset := 0
            proof.length := 0
        }
    }
}
