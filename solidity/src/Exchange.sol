// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IExchange} from "./interfaces/IExchange.sol";
import {ITransferCount} from "./interfaces/ITransferCount.sol";
import {BoundedCalls} from "./libraries/BoundedCalls.sol";
import {MakerWord} from "./libraries/MakerWord.sol";
import {OrderHash} from "./libraries/OrderHash.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {LISTING, Order, UNBOUND} from "./types/Orders.sol";

/// @title Exchange
/// @notice See {IExchange}.
contract Exchange is IExchange, EIP712, ReentrancyGuardTransient {
    using MakerWord for MakerWord.Makers;

    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MAX_FEE_BPS = 500;
    uint256 private constant MAX_UNBOUND_DURATION = 60 days;
    uint8 private constant FLAG_NO_ROYALTY_ANSWER = 1;

    address private immutable _feeReceiver;
    uint256 private immutable _feeBps;

    MakerWord.Makers private _makers;
    mapping(address account => uint256 amount) private _credit;
    uint256 private _totalCredit;

    /// @notice Sets the platform's share for good.
    /// @param feeReceiver_ Must not be zero.
    /// @param feeBps_ At most 500.
    constructor(address feeReceiver_, uint16 feeBps_) EIP712("Vernissage Exchange", "1") {
        if (feeReceiver_ == address(0)) revert Exchange_FeeReceiverZero();
        if (feeBps_ > MAX_FEE_BPS) revert Exchange_FeeTooHigh(feeBps_, MAX_FEE_BPS);
        _feeReceiver = feeReceiver_;
        _feeBps = feeBps_;
    }

    /// @inheritdoc IExchange
    function fill(Order calldata order, bytes calldata signature) external payable nonReentrant {
        address maker = order.maker;

        // Check: the order is one that is settled here, by this caller, now.
        _checkSettled(order);
        _checkParties(order, maker);
        _checkTime(order);

        // Check: the maker signed it.
        bytes32 orderHash = hashOrder(order);
        if (!Signatures.isValid(maker, orderHash, signature)) {
            revert Exchange_SignatureInvalid(orderHash, maker);
        }

        // Check and effect: the nonce is used once, under the maker's present counter.
        if (!_makers.use(maker, order.nonce)) revert Exchange_NonceUsed(maker, order.nonce);
        uint256 counter = _makers.counterOf(maker);
        if (counter != order.counter) revert Exchange_CounterMoved(order.counter, counter);

        _settle(order, orderHash, maker);
    }

    /// @inheritdoc IExchange
    function cancel(uint256[] calldata nonces) external {
        // Without the guard on purpose: nothing is called, and a maker may always cancel.
        for (uint256 i = 0; i < nonces.length; ++i) {
            uint256 nonce = nonces[i];
            if (_makers.use(msg.sender, nonce)) emit NonceCancelled(msg.sender, nonce);
        }
    }

    /// @inheritdoc IExchange
    function cancelAll() external {
        uint256 jump = 1 + (uint256(blockhash(block.number - 1)) & 0xfffff);
        emit AllCancelled(msg.sender, _makers.advance(msg.sender, jump));
    }

    /// @inheritdoc IExchange
    function withdraw(address to) external nonReentrant {
        // Check: there is something, and somebody to send it to.
        if (to == address(0)) revert Exchange_ReceiverZero();
        uint256 amount = _credit[msg.sender];
        if (amount == 0) revert Exchange_NothingToWithdraw(msg.sender);

        // Effect: the credit is gone before the coin leaves.
        _credit[msg.sender] = 0;
        _totalCredit -= amount;
        emit Withdrawn(msg.sender, address(0), amount, to);

        // Interaction.
        _sendAll(to, amount);
    }

    /// @inheritdoc IExchange
    function withdrawFees() external nonReentrant {
        // Check: there is something.
        uint256 amount = address(this).balance - _totalCredit;
        if (amount == 0) revert Exchange_NothingToWithdraw(_feeReceiver);

        emit FeesWithdrawn(_feeReceiver, address(0), amount);

        // Interaction.
        _sendAll(_feeReceiver, amount);
    }

    /// @inheritdoc IExchange
    function credit(address account) external view returns (uint256) {
        return _credit[account];
    }

    /// @inheritdoc IExchange
    function totalCredit() external view returns (uint256) {
        return _totalCredit;
    }

    /// @inheritdoc IExchange
    function fees() external view nonReentrantView returns (uint256) {
        return address(this).balance - _totalCredit;
    }

    /// @inheritdoc IExchange
    function feeBps() external view returns (uint256) {
        return _feeBps;
    }

    /// @inheritdoc IExchange
    function feeReceiver() external view returns (address) {
        return _feeReceiver;
    }

    /// @inheritdoc IExchange
    function counterOf(address maker) external view returns (uint256) {
        return _makers.counterOf(maker);
    }

    /// @inheritdoc IExchange
    function isNonceUsed(address maker, uint256 nonce) external view returns (bool) {
        return _makers.isUsed(maker, nonce);
    }

    /// @inheritdoc IExchange
    function supportsKind(uint8 kind) external pure returns (bool) {
        return kind == LISTING;
    }

    /// @inheritdoc IExchange
    function hashOrder(Order calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(OrderHash.hash(order));
    }

    /// @dev Refuses what later exchanges settle and this one does not.
    function _checkSettled(Order calldata order) private pure {
        if (order.kind != LISTING) revert Exchange_KindUnsupported(order.kind);
        if (order.more.length != 0) revert Exchange_BundleUnsupported();
        if (order.criteria != 0) revert Exchange_CriteriaUnsupported();
        if (order.metadataDigest != 0) revert Exchange_MetadataDigestUnsupported();
        if (order.currency != address(0)) revert Exchange_CurrencyUnsupported(order.currency);
        if (order.endPrice != order.price) {
            revert Exchange_MovingPriceUnsupported(order.price, order.endPrice);
        }
    }

    function _checkParties(Order calldata order, address maker) private view {
        if (maker == address(0)) revert Exchange_MakerZero();
        if (maker == msg.sender) revert Exchange_MakerIsTaker(maker);
        address taker = order.taker;
        if (taker != address(0) && taker != msg.sender) {
            revert Exchange_TakerMismatch(taker, msg.sender);
        }
        if (order.price == 0) revert Exchange_PriceZero();
        if (order.price != msg.value) revert Exchange_WrongPayment(order.price, msg.value);
    }

    function _checkTime(Order calldata order) private view {
        if (block.timestamp < order.start) {
            revert Exchange_OrderNotStarted(order.start, block.timestamp);
        }
        if (block.timestamp > order.end) revert Exchange_OrderExpired(order.end, block.timestamp);
        if (order.transferCount == UNBOUND && order.end - order.start > MAX_UNBOUND_DURATION) {
            revert Exchange_UnboundOrderTooLong(order.end - order.start, MAX_UNBOUND_DURATION);
        }
    }

    /// @dev The work for the money, once everything that was signed is checked.
    function _settle(Order calldata order, bytes32 orderHash, address maker) private {
        address collection = order.collection;
        uint256 tokenId = order.tokenId;
        uint256 price = msg.value;

        // Check: what is to be paid stays within the maker's limits.
        uint256 fee = _feeOf(price, order.maxFeeBps);
        (address receiver, uint256 royalty, uint8 flags) =
            _royaltyOf(collection, tokenId, price, order.maxRoyaltyBps);
        if (royalty + fee > price) revert Exchange_PriceExceeded(royalty, fee, price);

        // Interaction: the work, then the money.
        _deliver(collection, tokenId, order.transferCount, maker);
        emit OrderFilled(
            orderHash,
            maker,
            msg.sender,
            collection,
            tokenId,
            address(0),
            price,
            receiver,
            royalty,
            fee,
            flags
        );
        _payOut(maker, price - fee, receiver, royalty);
    }

    function _feeOf(uint256 price, uint256 maxFeeBps) private view returns (uint256) {
        if (_feeBps > maxFeeBps) revert Exchange_FeeAboveMaximum(_feeBps, maxFeeBps);
        return price * _feeBps / WHOLE_BPS;
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

    /// @dev Hands the work over and looks whether it arrived. A bound order also holds the
    /// collection to its count, before and after.
    function _deliver(address collection, uint256 tokenId, uint256 expected, address maker)
        private
    {
        bool bound = expected != UNBOUND;
        (address owner, uint256 count) = _holding(collection, tokenId, bound);
        if (bound && count != expected) revert Exchange_TransferCountMoved(expected, count);
        if (owner != maker) revert Exchange_MakerNotOwner(maker, owner);

        IERC721(collection).transferFrom(maker, msg.sender, tokenId);

        (owner, count) = _holding(collection, tokenId, bound);
        if (owner != msg.sender || (bound && count != expected + 1)) {
            revert Exchange_NotDelivered(collection, tokenId);
        }
    }

    function _holding(address collection, uint256 tokenId, bool bound)
        private
        view
        returns (address owner, uint256 count)
    {
        if (bound) return ITransferCount(collection).ownerAndCount(tokenId);
        return (IERC721(collection).ownerOf(tokenId), 0);
    }

    /// @dev The maker receives `amount` less the royalty; the fee stays here.
    function _payOut(address maker, uint256 amount, address receiver, uint256 royalty) private {
        // A maker who is also the royalty receiver is paid once.
        if (receiver != maker) {
            amount -= royalty;
            _pay(receiver, royalty);
        }
        _pay(maker, amount);
    }

    /// @dev Pays, or keeps the amount as credit when the receiver refuses it.
    function _pay(address to, uint256 amount) private {
        if (amount == 0) return;
        uint256 gasBefore = gasleft();
        if (BoundedCalls.send(to, amount)) return;

        // A payout starved of gas by the buyer is no refusal.
        _checkGas(gasBefore, BoundedCalls.needed(BoundedCalls.PAYOUT_OVERHEAD));
        _credit[to] += amount;
        _totalCredit += amount;
        emit Credited(to, address(0), amount);
    }

    function _sendAll(address to, uint256 amount) private {
        (bool success,) = to.call{value: amount}("");
        if (!success) revert Exchange_WithdrawalRefused(to);
    }

    function _checkGas(uint256 left, uint256 needed) private pure {
        if (left < needed) revert Exchange_GasTooLow(left, needed);
    }
}
