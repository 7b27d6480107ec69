// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Governed} from "./bases/Governed.sol";
import {IAuctions} from "./interfaces/IAuctions.sol";
import {IStanding} from "./interfaces/IStanding.sol";
import {ITransferCount} from "./interfaces/ITransferCount.sol";
import {AuctionTerms} from "./libraries/AuctionTerms.sol";
import {AuctionWord} from "./libraries/AuctionWord.sol";
import {BoundedCalls} from "./libraries/BoundedCalls.sol";
import {OrderHash} from "./libraries/OrderHash.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Auction, UNBOUND} from "./types/Orders.sol";

/// @title Auctions
/// @notice See {IAuctions}.
contract Auctions is IAuctions, EIP712, Governed {
    using AuctionTerms for Auction;
    using AuctionWord for uint256;

    uint256 private constant UNWIND_AFTER = 7 days;
    uint8 private constant FLAG_NO_ROYALTY_ANSWER = 1;
    uint8 private constant FLAG_ROYALTY_CAPPED = 4;

    /// @dev What a delivery is given when it is tried, and what the try costs by itself.
    uint256 private constant DELIVERY_GAS = 1_000_000;
    uint256 private constant DELIVERY_OVERHEAD = 10_000;

    address private immutable _exchange;

    mapping(bytes32 auctionHash => uint256 word) private _words;

    /// @dev For which unbound auction a work came here; of a bound one, its count says as much.
    mapping(address collection => mapping(uint256 tokenId => bytes32 auctionHash)) private _heldFor;

    /// @dev How a price is divided; the seller has the rest.
    struct Split {
        address receiver;
        uint256 royalty;
        uint256 fee;
        uint8 flags;
    }

    constructor(address owner_, address feeReceiver_, uint16 feeBps_, address exchange_)
        EIP712("Vernissage Auctions", "1")
        Governed(owner_, feeReceiver_, feeBps_)
    {
        _exchange = exchange_;
    }

    /// @inheritdoc IAuctions
    function open(Auction calldata auction, bytes calldata signature)
        external
        payable
        nonReentrant
    {
        bytes32 auctionHash = hashAuction(auction);

        // Check: the terms, the moment and the bid.
        _checkTerms(auction);
        _checkOpening(auction, auctionHash);
        _checkBid(auction.seller, AuctionTerms.leastFirst(auction.reserve));

        // Check: the seller signed it, and has not taken it back.
        if (!Signatures.isValid(auction.seller, auctionHash, signature)) {
            revert Auctions_SignatureInvalid(auctionHash, auction.seller);
        }
        _checkStanding(auction);

        // Check: what this bid would pay stays within the seller's limits.
        _checkLimits(auction);

        // Effect: the bid stands, and with it the auction.
        uint256 end = auction.extended(auction.firstEnd(block.timestamp), block.timestamp);
        _words[auctionHash] = AuctionWord.pack(msg.sender, msg.value, end);
        emit AuctionOpened(auctionHash, auction.seller, auction.collection, auction.tokenId);
        emit BidPlaced(auctionHash, msg.sender, msg.value, end);

        // Effect and interaction: the work comes here.
        _hold(auction, auctionHash);
        _take(auction);
    }

    /// @inheritdoc IAuctions
    function bid(Auction calldata auction) external payable nonReentrant {
        // Check: it runs, and the bid is high enough.
        bytes32 auctionHash = hashAuction(auction);
        uint256 word = _standing(auctionHash);
        uint256 end = word.end();
        if (block.timestamp >= end) revert Auctions_Ended(end, block.timestamp);
        _checkBid(auction.seller, AuctionTerms.leastNext(word.amount(), auction.minStepBps));

        // Effect.
        end = auction.extended(end, block.timestamp);
        _words[auctionHash] = AuctionWord.pack(msg.sender, msg.value, end);
        emit BidPlaced(auctionHash, msg.sender, msg.value, end);

        // Interaction: the former bidder has the money back.
        _pay(word.bidder(), word.amount());
    }

    /// @inheritdoc IAuctions
    function settle(Auction calldata auction) external nonReentrant {
        // Check and effect: it has ended, and is over from now on.
        bytes32 auctionHash = hashAuction(auction);
        uint256 word = _standing(auctionHash);
        uint256 end = word.end();
        if (block.timestamp < end) revert Auctions_NotEnded(end, block.timestamp);
        _words[auctionHash] = AuctionWord.OVER;

        // Interaction: the royalty is asked for before the work moves; then the money.
        Split memory split = _split(auction, word.amount());
        _deliver(auction, auctionHash, word.bidder());
        _finish(auction, auctionHash, word, split);
    }

    /// @inheritdoc IAuctions
    function unwind(Auction calldata auction) external nonReentrant {
        // Check and effect: it has ended long ago, and is over from now on.
        bytes32 auctionHash = hashAuction(auction);
        uint256 word = _standing(auctionHash);
        uint256 from = word.end() + UNWIND_AFTER;
        if (block.timestamp < from) revert Auctions_MayNotUnwindYet(from, block.timestamp);
        _words[auctionHash] = AuctionWord.OVER;

        // Interaction: one try, which no caller can starve into a failure.
        Split memory split = _split(auction, word.amount());
        _checkGas(gasleft(), DELIVERY_GAS + DELIVERY_GAS / 63 + 1 + DELIVERY_OVERHEAD);
        try this.deliver{gas: DELIVERY_GAS}(auction, word.bidder()) {
            _finish(auction, auctionHash, word, split);
        } catch {
            _words[auctionHash] = AuctionWord.UNWOUND;
            emit AuctionUnwound(auctionHash, word.bidder(), word.amount());
            _keep(word.bidder(), address(0), word.amount());
        }
    }

    /// @inheritdoc IAuctions
    function reclaim(Auction calldata auction) external nonReentrant {
        // Check and effect: the work waits, and not for long any more.
        bytes32 auctionHash = hashAuction(auction);
        if (_words[auctionHash] != AuctionWord.UNWOUND) revert Auctions_NotUnwound(auctionHash);
        _words[auctionHash] = AuctionWord.OVER;
        emit WorkReclaimed(auctionHash, auction.seller);

        // Check: it has not left since, and so is no other seller's. How it counts its way out is
        // not asked: a collection that miscounts would keep it here for ever.
        if (auction.transferCount == UNBOUND) {
            _release(auction, auctionHash);
        } else {
            (address holder, uint256 count) = _holding(auction);
            _checkDelivery(auction, holder == address(this) && count == auction.transferCount + 1);
        }

        // Interaction.
        _send(auction, auction.seller);
    }

    /// @inheritdoc IAuctions
    function deliver(Auction calldata auction, address to) external {
        // Without the guard: it is closed while {unwind}, the only caller, is at work.
        if (msg.sender != address(this)) revert Auctions_NotSelf(msg.sender);
        _deliver(auction, hashAuction(auction), to);
    }

    /// @inheritdoc IAuctions
    function standingBid(bytes32 auctionHash)
        external
        view
        returns (uint8 state, address bidder, uint256 amount, uint256 end)
    {
        uint256 word = _words[auctionHash];
        if (word.isStanding()) return (1, word.bidder(), word.amount(), word.end());
        if (word != 0) state = word == AuctionWord.OVER ? 2 : 3;
    }

    /// @inheritdoc IAuctions
    function leastBid(Auction calldata auction) external view returns (uint256) {
        bytes32 auctionHash = hashAuction(auction);
        if (_words[auctionHash] == 0) return AuctionTerms.leastFirst(auction.reserve);
        return AuctionTerms.leastNext(_standing(auctionHash).amount(), auction.minStepBps);
    }

    /// @inheritdoc IAuctions
    function latestEnd(Auction calldata auction) external pure returns (uint256) {
        return AuctionTerms.latestEnd(auction);
    }

    /// @inheritdoc IAuctions
    function escrowed() external view nonReentrantView returns (uint256) {
        return address(this).balance - totalCredit(address(0)) - _countedFees();
    }

    /// @inheritdoc IAuctions
    function exchange() external view returns (address) {
        return _exchange;
    }

    /// @inheritdoc IAuctions
    function hashAuction(Auction calldata auction) public view returns (bytes32) {
        return _hashTypedDataV4(OrderHash.hash(auction));
    }

    /// @dev Counted, since most of the balance is bids. No other currency makes fees here, and
    /// none may leave: what calls itself one may be a collection whose works lie here.
    function _feesIn(address currency) internal view override returns (uint256) {
        return currency == address(0) ? _countedFees() : 0;
    }

    function _takeFees(address currency) internal override returns (uint256) {
        return currency == address(0) ? _takeCountedFees() : 0;
    }

    function _checkTerms(Auction calldata auction) private pure {
        if (auction.seller == address(0)) revert Auctions_SellerZero();
        if (!auction.areValid()) revert Auctions_TermsInvalid();
        uint256 duration = auction.unboundTooLong();
        if (duration != 0) {
            revert Auctions_UnboundTooLong(duration, AuctionTerms.MAX_UNBOUND_DURATION);
        }
    }

    function _checkOpening(Auction calldata auction, bytes32 auctionHash) private view {
        uint256 word = _words[auctionHash];
        if (word != 0) {
            if (word.isStanding()) revert Auctions_AlreadyOpened(auctionHash);
            revert Auctions_Over(auctionHash);
        }
        if (block.timestamp < auction.start) {
            revert Auctions_NotStarted(auction.start, block.timestamp);
        }
        if (block.timestamp > auction.openUntil) {
            revert Auctions_NoLongerOpen(auction.openUntil, block.timestamp);
        }
        uint256 end = auction.firstEnd(block.timestamp);
        if (block.timestamp >= end) revert Auctions_Ended(end, block.timestamp);
    }

    /// @dev Checks who bids, and how much.
    function _checkBid(address seller, uint256 least) private view {
        if (msg.sender == seller) revert Auctions_SellerIsBidder(seller);
        if (msg.value % AuctionWord.UNIT != 0) revert Auctions_BidNotInGwei(msg.value);
        if (msg.value < least) revert Auctions_BidTooLow(msg.value, least);
        if (msg.value > AuctionWord.MAX_AMOUNT) revert Auctions_BidTooHigh(msg.value);
    }

    function _checkStanding(Auction calldata auction) private view {
        (uint256 counter, bool used) = IStanding(_exchange).standing(auction.seller, auction.nonce);
        if (used) revert Auctions_NonceUsed(auction.seller, auction.nonce);
        if (counter != auction.counter) revert Auctions_CounterMoved(auction.counter, counter);
    }

    function _checkLimits(Auction calldata auction) private view {
        uint256 bps = _openFee();
        if (bps > auction.maxFeeBps) revert Auctions_FeeAboveMaximum(bps, auction.maxFeeBps);
        (,, uint256 royalty) = _askRoyalty(auction, msg.value);
        uint256 cap = AuctionTerms.royaltyCap(msg.value, auction.maxRoyaltyBps);
        if (royalty > cap) revert Auctions_RoyaltyAboveMaximum(royalty, cap);
    }

    /// @dev The word of an auction that has a bid and is not over.
    function _standing(bytes32 auctionHash) private view returns (uint256 word) {
        word = _words[auctionHash];
        if (word == 0) revert Auctions_NotOpened(auctionHash);
        if (word >= AuctionWord.UNWOUND) revert Auctions_Over(auctionHash);
    }

    function _askRoyalty(Auction calldata auction, uint256 price)
        private
        view
        returns (bool valid, address receiver, uint256 royalty)
    {
        // A look-up starved of gas could pass for a token without royalties.
        _checkGas(gasleft(), BoundedCalls.needed(BoundedCalls.LOOKUP_OVERHEAD));
        (valid, receiver, royalty) =
            BoundedCalls.royaltyInfo(auction.collection, auction.tokenId, price);
        // This contract has nobody who could draw what it is paid.
        if (receiver == address(this)) return (false, address(0), 0);
    }

    /// @dev How the price is divided now. Nothing here can refuse: the signed maxima together are
    /// within the price, and what exceeds one of them is not paid.
    function _split(Auction calldata auction, uint256 price)
        private
        view
        returns (Split memory split)
    {
        uint256 bps = feeBps();
        if (bps > auction.maxFeeBps) bps = auction.maxFeeBps;
        split.fee = price * bps / AuctionTerms.WHOLE_BPS;

        bool valid;
        (valid, split.receiver, split.royalty) = _askRoyalty(auction, price);
        uint256 cap = AuctionTerms.royaltyCap(price, auction.maxRoyaltyBps);
        if (!valid) {
            split.flags = FLAG_NO_ROYALTY_ANSWER;
        } else if (split.royalty > cap) {
            (split.royalty, split.flags) = (cap, FLAG_ROYALTY_CAPPED);
        }
        if (split.royalty == 0) split.receiver = address(0);
    }

    /// @dev Takes the work into custody. It is looked for before and afterwards: a collection that
    /// ignores what it cannot move would else open an auction of a work that lies here already.
    function _take(Auction calldata auction) private {
        uint256 expected = auction.transferCount;
        (address owner, uint256 count) = _holding(auction);
        if (owner != auction.seller) revert Auctions_SellerNotOwner(auction.seller, owner);
        if (expected != UNBOUND && count != expected) {
            revert Auctions_TransferCountMoved(expected, count);
        }

        IERC721(auction.collection).transferFrom(auction.seller, address(this), auction.tokenId);

        (owner, count) = _holding(auction);
        _checkDelivery(
            auction, owner == address(this) && (expected == UNBOUND || count == expected + 1)
        );
    }

    /// @dev Notes for whom an unbound work comes; that of a bound one takes an older note away.
    function _hold(Auction calldata auction, bytes32 auctionHash) private {
        mapping(uint256 tokenId => bytes32) storage held = _heldFor[auction.collection];
        bytes32 holder = auction.transferCount == UNBOUND ? auctionHash : bytes32(0);
        if (held[auction.tokenId] != holder) held[auction.tokenId] = holder;
    }

    /// @dev A work that an authority took out, and that came again for another, is not the first's.
    function _release(Auction calldata auction, bytes32 auctionHash) private {
        mapping(uint256 tokenId => bytes32) storage held = _heldFor[auction.collection];
        _checkDelivery(auction, held[auction.tokenId] == auctionHash);
        held[auction.tokenId] = 0;
    }

    /// @dev Lets the work out of custody: the second movement since it was signed for.
    function _deliver(Auction calldata auction, bytes32 auctionHash, address to) private {
        uint256 expected = auction.transferCount;
        if (expected == UNBOUND) _release(auction, auctionHash);
        uint256 count = _send(auction, to);
        _checkDelivery(auction, expected == UNBOUND || count == expected + 2);
    }

    /// @dev Sends the work, and looks whether it arrived.
    function _send(Auction calldata auction, address to) private returns (uint256 count) {
        IERC721(auction.collection).transferFrom(address(this), to, auction.tokenId);
        address owner;
        (owner, count) = _holding(auction);
        _checkDelivery(auction, owner == to);
    }

    function _checkDelivery(Auction calldata auction, bool delivered) private pure {
        if (!delivered) revert Auctions_NotDelivered(auction.collection, auction.tokenId);
    }

    function _holding(Auction calldata auction)
        private
        view
        returns (address owner, uint256 count)
    {
        if (auction.transferCount != UNBOUND) {
            return ITransferCount(auction.collection).ownerAndCount(auction.tokenId);
        }
        return (IERC721(auction.collection).ownerOf(auction.tokenId), 0);
    }

    /// @dev The money, once the work has arrived. The fee stays here.
    function _finish(
        Auction calldata auction,
        bytes32 auctionHash,
        uint256 word,
        Split memory split
    ) private {
        address seller = auction.seller;
        uint256 amount = word.amount() - split.fee;
        _countFee(split.fee);
        emit AuctionSettled(
            auctionHash,
            seller,
            word.bidder(),
            auction.collection,
            auction.tokenId,
            word.amount(),
            split.receiver,
            split.royalty,
            split.fee,
            split.flags
        );

        // A seller who is also the royalty receiver is paid once.
        if (split.receiver != seller) {
            amount -= split.royalty;
            _pay(split.receiver, split.royalty);
        }
        _pay(seller, amount);
    }
}
