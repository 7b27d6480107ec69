// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Inspections} from "./bases/Inspections.sol";
import {VoucherInspections} from "./bases/VoucherInspections.sol";
import {IAuctions} from "./interfaces/IAuctions.sol";
import {ICollection} from "./interfaces/ICollection.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {IValidator} from "./interfaces/IValidator.sol";
import {AuctionTerms} from "./libraries/AuctionTerms.sol";
import {AuctionWord} from "./libraries/AuctionWord.sol";
import {BoundedCalls} from "./libraries/BoundedCalls.sol";
import {Findings, Found} from "./libraries/Findings.sol";
import {Questions} from "./libraries/Questions.sol";
import {
    Acceptance,
    Auction,
    Bulk,
    COLLECTION_OFFER,
    Item,
    LISTING,
    Order,
    SET_OFFER,
    TOKEN_OFFER,
    UNBOUND
} from "./types/Orders.sol";
import {Reasons} from "./types/Reasons.sol";

/// @title Validator
/// @notice See {IValidator}.
contract Validator is IValidator, VoucherInspections {
    using AuctionTerms for Auction;
    using Findings for Found;

    uint256 private constant MAX_UNBOUND_DURATION = 60 days;
    uint256 private constant MAX_PRICE = type(uint128).max;
    uint256 private constant MAX_BULK_HEIGHT = 10;
    uint256 private constant MAX_SET_HEIGHT = 32;
    uint256 private constant SERIAL_BITS = 96;

    IExchange private immutable _exchange;
    IAuctions private immutable _auctions;

    constructor(address exchange_, address auctions_) {
        _exchange = IExchange(exchange_);
        _auctions = IAuctions(auctions_);
    }

    /// @inheritdoc IValidator
    function checkOrder(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        address taker,
        Acceptance calldata acceptance
    ) external view returns (uint16[] memory, uint16[] memory) {
        Found memory found;
        _inspectTerms(order, found);
        _inspectMaker(order, signature, bulk, found);
        _inspectTime(order.start, order.end, found);
        _inspectTaker(order.maker, order.taker, taker, found);
        uint256 feeBps = _inspectPlatform(_exchange, order.maxFeeBps, order.end, found);
        if (order.kind == LISTING) {
            _inspectListing(order, taker, feeBps, found);
        } else if (order.kind <= COLLECTION_OFFER) {
            _inspectOffer(order, taker, acceptance, feeBps, found);
        }
        return found.lists();
    }

    /// @inheritdoc IValidator
    function checkAuction(Auction calldata auction, bytes calldata signature, address bidder)
        external
        view
        returns (uint16[] memory, uint16[] memory)
    {
        Found memory found;
        bytes32 auctionHash = _auctions.hashAuction(auction);
        (uint8 state,,,) = _auctions.standingBid(auctionHash);
        if (state != 0) {
            // The rest was for the first bid, and the work has moved since.
            found.refuse(state == 1 ? Reasons.ALREADY_OPENED : Reasons.AUCTION_OVER);
            return found.lists();
        }

        if (auction.seller == address(0)) found.refuse(Reasons.MAKER_ZERO);
        if (auction.reserve == 0) found.refuse(Reasons.PRICE_ZERO);
        bool payable_ = auction.reserve <= AuctionWord.MAX_AMOUNT;
        if (!auction.areValid() || !payable_) found.refuse(Reasons.TERMS_INVALID);
        _inspectTime(auction.start, auction.openUntil, found);
        if (block.timestamp >= auction.firstEnd(block.timestamp)) found.refuse(Reasons.EXPIRED);
        _inspectTaker(auction.seller, address(0), bidder, found);
        if (auction.seller != address(0)) {
            _inspectSignature(auction.seller, auctionHash, signature, found);
        }
        _inspectStanding(address(_exchange), auction.seller, auction.nonce, auction.counter, found);
        uint256 feeBps = _inspectPlatform(_auctions, auction.maxFeeBps, auction.openUntil, found);
        if (auction.transferCount == UNBOUND) {
            found.warn(Reasons.UNBOUND_ORDER);
            _inspectUnbound(auction.start, auction.openUntil, found);
        }

        uint256 price = payable_ ? AuctionTerms.leastFirst(auction.reserve) : 0;
        Work memory work = Work(
            auction.collection,
            auction.tokenId,
            auction.transferCount,
            auction.seller,
            address(_auctions),
            price,
            auction.maxRoyaltyBps,
            feeBps
        );
        _inspectWork(work, found);
        if (bidder != address(0)) {
            _inspectPurse(address(0), bidder, address(0), price, found);
        }
        return found.lists();
    }

    /// @inheritdoc IValidator
    function exchange() external view returns (address) {
        return address(_exchange);
    }

    /// @inheritdoc IValidator
    function auctions() external view returns (address) {
        return address(_auctions);
    }

    /// @dev What an order says, by itself.
    function _inspectTerms(Order calldata order, Found memory found) private pure {
        if (order.kind > COLLECTION_OFFER) found.refuse(Reasons.KIND_UNKNOWN);
        if (order.maker == address(0)) found.refuse(Reasons.MAKER_ZERO);
        if (order.price == 0) found.refuse(Reasons.PRICE_ZERO);
        if (order.price > MAX_PRICE) found.refuse(Reasons.TERMS_INVALID);
        if ((order.kind == SET_OFFER) != (order.criteria != 0)) {
            found.refuse(Reasons.CRITERIA_MISMATCH);
        }
        if (order.transferCount == UNBOUND) {
            _inspectUnbound(order.start, order.end, found);
            if (order.kind == LISTING) found.warn(Reasons.UNBOUND_ORDER);
        }
        if (order.kind == LISTING) {
            if (order.metadataDigest != 0) found.refuse(Reasons.METADATA_MISMATCH);
            if (order.endPrice == 0) found.refuse(Reasons.PRICE_ZERO);
            if (order.endPrice > order.price) found.refuse(Reasons.PRICE_RISES);
        } else if (order.kind <= COLLECTION_OFFER) {
            if (order.more.length != 0) found.refuse(Reasons.BUNDLE_UNSUPPORTED);
            if (order.transferCount != UNBOUND) found.refuse(Reasons.OFFER_BOUND);
            if (order.endPrice != order.price) found.refuse(Reasons.OFFER_PRICE_MOVES);
        }
        bool fitsCreator = uint96(order.tokenId) == 0;
        if (
            (order.kind == SET_OFFER && order.tokenId != 0)
                || (order.kind == COLLECTION_OFFER && !fitsCreator)
        ) found.refuse(Reasons.TOKEN_MISMATCH);
    }

    /// @dev What is not bound to a work's movements is good for a limited time.
    function _inspectUnbound(uint256 start, uint256 end, Found memory found) private pure {
        if (end > start && end - start > MAX_UNBOUND_DURATION) {
            found.refuse(Reasons.UNBOUND_TOO_LONG);
        }
    }

    function _inspectMaker(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        Found memory found
    ) private view {
        _inspectStanding(address(_exchange), order.maker, order.nonce, order.counter, found);
        uint256 height = bulk.proof.length;
        bool alone = height == 0 && bulk.index == 0;
        if (!alone && (height == 0 || height > MAX_BULK_HEIGHT || bulk.index >> height != 0)) {
            found.refuse(Reasons.BULK_INVALID);
        } else if (order.maker != address(0)) {
            bytes32 digest = alone ? _exchange.hashOrder(order) : _exchange.hashBulk(order, bulk);
            _inspectSignature(order.maker, digest, signature, found);
        }
    }

    /// @param named Who alone may take it, or zero.
    function _inspectTaker(address maker, address named, address taker, Found memory found)
        private
        pure
    {
        if (maker != address(0) && (taker == maker || named == maker)) {
            found.refuse(Reasons.MAKER_IS_TAKER);
        }
        if (taker != address(0) && named != address(0) && named != taker) {
            found.refuse(Reasons.TAKER_MISMATCH);
        }
    }

    function _inspectListing(
        Order calldata order,
        address taker,
        uint256 feeBps,
        Found memory found
    ) private view {
        address currency = order.currency;
        bool accepted = currency == address(0) || _exchange.isCurrencyAllowed(currency);
        if (!accepted) found.refuse(Reasons.CURRENCY_UNSUPPORTED);

        // Each work has an equal part of the price, the first also what does not divide.
        uint256 price = _priceNow(order, found);
        uint256 others = order.more.length;
        uint256 part = price / (others + 1);
        Work memory work = Work(
            order.collection,
            order.tokenId,
            order.transferCount,
            order.maker,
            address(_exchange),
            price - part * others,
            order.maxRoyaltyBps,
            feeBps
        );
        uint256 toSelf = _royaltyTo(taker, _inspectWork(work, found));
        work.price = part;
        for (uint256 i = 0; i < others; ++i) {
            Item calldata item = order.more[i];
            (work.collection, work.tokenId) = (item.collection, item.tokenId);
            work.transferCount = item.transferCount;
            if (item.transferCount == UNBOUND) {
                _inspectUnbound(order.start, order.end, found);
                found.warn(Reasons.UNBOUND_ORDER);
            }
            if (_isTwice(order, i)) found.refuse(Reasons.TERMS_INVALID);
            toSelf += _royaltyTo(taker, _inspectWork(work, found));
        }

        if (taker == address(0) || !accepted) return;
        // Of coin the whole price is sent; of an ERC-20 nobody pays oneself.
        if (currency != address(0)) price -= toSelf;
        _inspectPurse(currency, taker, address(_exchange), price, found);
    }

    /// @dev The price at this moment. One that overflows on its way down is none.
    function _priceNow(Order calldata order, Found memory found) private view returns (uint256) {
        if (found.has(Reasons.PRICE_RISES)) return order.price;
        try _exchange.priceAt(order, block.timestamp) returns (uint256 price) {
            return price;
        } catch {
            found.refuse(Reasons.TERMS_INVALID);
            return 0;
        }
    }

    /// @dev Whether a further work of a bundle is named before it: it can be delivered once.
    function _isTwice(Order calldata order, uint256 which) private pure returns (bool) {
        Item calldata item = order.more[which];
        if (item.collection == order.collection && item.tokenId == order.tokenId) return true;
        for (uint256 i = 0; i < which; ++i) {
            Item calldata other = order.more[i];
            if (item.collection == other.collection && item.tokenId == other.tokenId) return true;
        }
        return false;
    }

    function _inspectOffer(
        Order calldata order,
        address taker,
        Acceptance calldata acceptance,
        uint256 feeBps,
        Found memory found
    ) private view {
        bool accepted = _exchange.isCurrencyAllowed(order.currency);
        if (!accepted) found.refuse(Reasons.CURRENCY_UNSUPPORTED);
        if (order.kind == COLLECTION_OFFER && order.tokenId == 0) {
            _inspectOpenness(order.collection, found);
        }

        // Of a token offer the work is known; of others only somebody who meets it names one.
        bool met = order.kind == TOKEN_OFFER ? taker != address(0) : acceptance.tokenId != 0;
        Work memory work = Work(
            order.collection,
            met ? acceptance.tokenId : order.tokenId,
            UNBOUND,
            taker,
            address(_exchange),
            order.price,
            order.maxRoyaltyBps,
            feeBps
        );
        uint256 toSelf;
        if (met || order.kind == TOKEN_OFFER) {
            if (met) {
                _inspectMember(order, acceptance, found);
                work.transferCount = acceptance.transferCount;
            }
            Shares memory shares = _inspectWork(work, found);
            toSelf = _royaltyTo(order.maker, shares);
            if (met && shares.known && shares.proceeds < acceptance.minProceeds) {
                found.refuse(Reasons.PROCEEDS_TOO_LOW);
            }
            _inspectMetadata(order, work.tokenId, found);
        } else if (order.collection.code.length == 0) {
            found.refuse(Reasons.NO_CODE);
        }
        if (accepted) {
            uint256 price = order.price - toSelf;
            _inspectPurse(order.currency, order.maker, address(_exchange), price, found);
        }
    }

    /// @dev Whether the work is one that the offer is for.
    function _inspectMember(
        Order calldata order,
        Acceptance calldata acceptance,
        Found memory found
    ) private pure {
        uint256 tokenId = acceptance.tokenId;
        if (order.kind == SET_OFFER) {
            bytes32 leaf =
                keccak256(abi.encode(keccak256(abi.encode(tokenId, acceptance.transferCount))));
            if (
                acceptance.proof.length > MAX_SET_HEIGHT
                    || !MerkleProof.verifyCalldata(acceptance.proof, order.criteria, leaf)
            ) found.refuse(Reasons.NOT_IN_SET);
            return;
        }
        if (acceptance.transferCount != UNBOUND) found.refuse(Reasons.OFFER_BOUND);
        if (acceptance.proof.length != 0) found.refuse(Reasons.NOT_IN_SET);
        bool fits = order.kind == COLLECTION_OFFER
            ? order.tokenId == 0 || tokenId >> SERIAL_BITS << SERIAL_BITS == order.tokenId
            : order.tokenId == tokenId;
        if (!fits) found.refuse(Reasons.TOKEN_MISMATCH);
    }

    function _inspectMetadata(Order calldata order, uint256 tokenId, Found memory found)
        private
        view
    {
        if (order.metadataDigest == 0) return;
        bytes32 digest = BoundedCalls.metadataDigest(order.collection, tokenId);
        if (digest != order.metadataDigest) found.refuse(Reasons.METADATA_MISMATCH);
    }

    /// @dev Warns of a collection that says it has no artist: everyone is one there.
    function _inspectOpenness(address collection, Found memory found) private view {
        (bool answered, uint256 artist,) =
            Questions.ask(collection, Questions.GAS, 1, abi.encodeCall(ICollection.artist, ()));
        if (answered && artist == 0) found.warn(Reasons.ANY_WORK_OF_OPEN_COLLECTION);
    }

    /// @dev The part of a price that its payer would receive as royalty.
    function _royaltyTo(address payer, Shares memory shares) private pure returns (uint256) {
        return payer != address(0) && shares.receiver == payer ? shares.royalty : 0;
    }
}
