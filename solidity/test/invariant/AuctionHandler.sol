// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {ICollection} from "../../src/interfaces/ICollection.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Auction, UNBOUND} from "../../src/types/Orders.sol";
import {IPlainToken} from "../Base.t.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {IdleToken} from "../doubles/Tokens.sol";
import {PlainAuction} from "../reference/PlainAuction.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Forces coin in.
contract AuctionDonor {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// @notice What people do with auctions. Every action prepares what it needs and then must succeed;
/// what should come of it is written down beside it, to be compared afterwards.
contract AuctionHandler {
    enum State {
        None,
        Standing,
        Over,
        Unwound
    }

    struct Lot {
        Auction auction;
        State state;
        address bidder;
        uint256 amount;
        uint256 end;
    }

    uint256 private constant PEOPLE = 4;
    uint256 private constant UNWIND_AFTER = 7 days;

    IAuctions public immutable auctions;
    IExchange public immutable exchange;
    ICollection public immutable collection;
    IPlainToken public immutable foreign;
    IdleToken public immutable blocking;
    address public immutable owner;
    Receiver[3] public receivers;

    Lot[] private _lots;
    uint256 private _now;
    uint256 private _serial;

    /// @dev What should stand in the books.
    uint256 public standing;
    uint256 public fees;
    uint256 public donated;
    uint256 public credit;
    mapping(address account => uint256) public creditOf;

    mapping(bytes32 action => uint256) public succeeded;
    uint256 public total;

    constructor(
        IAuctions auctions_,
        IExchange exchange_,
        ICollection collection_,
        IPlainToken foreign_,
        address owner_
    ) {
        (auctions, exchange, collection, foreign) = (auctions_, exchange_, collection_, foreign_);
        owner = owner_;
        blocking = new IdleToken();
        receivers[0] = new Receiver(Receiver.Manner.Accepts);
        receivers[1] = new Receiver(Receiver.Manner.Reverts);
        receivers[2] = new Receiver(Receiver.Manner.BurnsGas);
        _now = block.timestamp;
    }

    modifier acts(bytes32 action) {
        vm.warp(_now);
        _;
        ++succeeded[action];
        ++total;
    }

    /// @dev The same for what counts only when there was something to do.
    modifier mayAct() {
        vm.warp(_now);
        _;
        ++total;
    }

    function open(uint256 who, uint256 kind, uint64 amount, uint32 length) public acts("open") {
        Lot storage lot = _lots.push();
        address seller = person(who);
        _bring(lot, seller, kind);
        lot.auction.seller = seller;
        lot.auction.reserve = bound(amount, 1, 1000 ether);
        lot.auction.start = uint64(_now);
        lot.auction.openUntil = uint64(_now + 1 days);
        lot.auction.duration = uint64(bound(length, 1, 2 days));
        lot.auction.minStepBps = uint16(bound(length, 0, 2000));
        lot.auction.maxRoyaltyBps = 2500;
        lot.auction.maxFeeBps = 500;
        lot.auction.nonce = _serial;
        lot.auction.counter = exchange.counterOf(seller);
        uint256 price = auctions.leastBid(lot.auction);
        address bidder = person(who % PEOPLE + 1);
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(_key(who % PEOPLE), auctions.hashAuction(lot.auction));

        vm.deal(bidder, bidder.balance + price);
        vm.prank(bidder);
        auctions.open{value: price}(lot.auction, abi.encodePacked(r, s, v));

        _stand(lot, bidder, price, _now + lot.auction.duration);
    }

    function bid(uint256 which, uint256 who, uint64 more) external acts("bid") {
        Lot storage lot = _running(which);
        uint256 price = auctions.leastBid(lot.auction) + bound(more, 0, 1 ether) / 1 gwei * 1 gwei;
        address bidder = person(who) == lot.auction.seller ? person(who % PEOPLE + 1) : person(who);
        vm.deal(bidder, bidder.balance + price);
        vm.prank(bidder);
        auctions.bid{value: price}(lot.auction);
        _outbid(lot, bidder, price);
    }

    function bidByContract(uint256 which, uint256 who, uint256 late)
        external
        acts("bidByContract")
    {
        Lot storage lot = _running(which);
        // Some of these bids extend the auction.
        if (late % 2 == 0) _wait(lot.end - 1);
        Receiver bidder = receivers[who % 3];
        uint256 price = auctions.leastBid(lot.auction);
        vm.deal(address(this), price);
        bidder.act{value: price}(address(auctions), abi.encodeCall(IAuctions.bid, (lot.auction)));
        _outbid(lot, address(bidder), price);
    }

    function settle(uint256 which) external acts("settle") {
        Lot storage lot = _standingLot(which);
        _wait(lot.end);
        _settle(lot);
    }

    /// @dev An auction that is over must stay so.
    function endAgain(uint256 which) external mayAct {
        for (uint256 i = 0; i < _lots.length; ++i) {
            Lot storage lot = _lots[(which % _lots.length + i) % _lots.length];
            if (lot.state == State.Standing) continue;
            bytes memory terms = abi.encode(lot.auction);
            _refused(abi.encodePacked(IAuctions.settle.selector, terms));
            _refused(abi.encodePacked(IAuctions.unwind.selector, terms));
            _refused(abi.encodePacked(IAuctions.bid.selector, terms));
            if (lot.state == State.Over) {
                _refused(abi.encodePacked(IAuctions.reclaim.selector, terms));
            }
            ++succeeded["endAgain"];
            return;
        }
    }

    function unwind(uint256 which) external acts("unwind") {
        Lot storage lot = _blockable(which, State.Standing);
        blocking.become(IdleToken.Manner.Blocks, address(0));
        _wait(lot.end + UNWIND_AFTER);

        auctions.unwind(lot.auction);

        blocking.become(IdleToken.Manner.TakesFromBuyerToo, address(0));
        lot.state = State.Unwound;
        standing -= lot.amount;
        _credited(lot.bidder, lot.amount);
    }

    function unwindDelivers(uint256 which) external acts("unwindDelivers") {
        Lot storage lot = _standingLot(which);
        _wait(lot.end + UNWIND_AFTER);
        _settleBy(lot, IAuctions.unwind.selector);
    }

    function reclaim(uint256 which) external acts("reclaim") {
        Lot storage lot = _blockable(which, State.Unwound);
        auctions.reclaim(lot.auction);
        lot.state = State.Over;
        require(blocking.ownerOf(lot.auction.tokenId) == lot.auction.seller, "not reclaimed");
    }

    function withdraw(uint256 which) external acts("withdraw") {
        Receiver receiver = receivers[which % 3];
        if (creditOf[address(receiver)] == 0) {
            receiver = receivers[1];
            this.bidByContract(which, 1, 1);
            this.bid(which, which, 0);
        }
        uint256 before = auctions.fees(address(0));
        receiver.act(
            address(auctions),
            abi.encodeWithSignature("withdraw(address,address)", address(0), address(0xcafe))
        );
        require(auctions.fees(address(0)) == before, "a withdrawal took fees");
        credit -= creditOf[address(receiver)];
        creditOf[address(receiver)] = 0;
    }

    function withdrawFees() external mayAct {
        if (fees == 0) return;
        uint256 owed = auctions.totalCredit(address(0));
        auctions.withdrawFees(address(0));
        // INV-08.
        require(auctions.totalCredit(address(0)) == owed, "fees lowered what is owed");
        require(auctions.escrowed() == standing + donated, "fees took a bid");
        fees = 0;
        ++succeeded["withdrawFees"];
    }

    function donate(uint64 amount) external acts("donate") {
        vm.deal(address(this), amount);
        new AuctionDonor{value: amount}(payable(address(auctions)));
        donated += amount;
    }

    /// @dev After the first bid nothing that a seller takes back reaches an auction.
    function takeBack(uint256 who, uint256 nonce) external acts("takeBack") {
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = bound(nonce, 0, _serial);
        vm.roll(block.number + 1);
        vm.startPrank(person(who));
        exchange.cancel(nonces);
        exchange.cancelAll();
        vm.stopPrank();
    }

    function govern(uint16 feeBps, uint16 royaltyBps, uint256 receiver) external acts("govern") {
        vm.prank(owner);
        auctions.setFee(uint16(bound(feeBps, 0, 500)));
        // Above the signed maximum now and then.
        foreign.setRoyalty(address(receivers[receiver % 3]), uint96(bound(royaltyBps, 0, 5000)));
    }

    function pause() external mayAct {
        if (_now < auctions.mayPauseFrom()) return;
        vm.startPrank(owner);
        auctions.setGuardian(owner);
        auctions.pause();
        auctions.unpause();
        vm.stopPrank();
        ++succeeded["pause"];
    }

    /// @dev INV-09: strangers bring every auction to its end, whatever state it is in.
    function bringAllToTheirEnd() external {
        vm.warp(_now);
        for (uint256 i = 0; i < _lots.length; ++i) {
            Lot storage lot = _lots[i];
            if (lot.state == State.Standing) {
                _wait(lot.end);
                _settle(lot);
            } else if (lot.state == State.Unwound) {
                auctions.reclaim(lot.auction);
                lot.state = State.Over;
            }
        }
        for (uint256 i = 0; i < 3; ++i) {
            receivers[i].become(Receiver.Manner.Accepts);
            address account = address(receivers[i]);
            if (creditOf[account] != 0) auctions.withdrawFor(account, address(0));
            credit -= creditOf[account];
            creditOf[account] = 0;
        }
        if (fees != 0) auctions.withdrawFees(address(0));
        fees = 0;
    }

    function lots() external view returns (uint256) {
        return _lots.length;
    }

    function lot(uint256 which) external view returns (Lot memory) {
        return _lots[which];
    }

    function person(uint256 which) public pure returns (address) {
        return vm.addr(_key(which % PEOPLE));
    }

    /// @dev A new work of the seller, in one of three collections.
    function _bring(Lot storage lot_, address seller, uint256 kind) private {
        ++_serial;
        uint256 id = _serial;
        address token;
        lot_.auction.transferCount = UNBOUND;
        if (kind % 3 == 0) {
            token = address(collection);
            id |= uint256(uint160(seller)) << 96;
            lot_.auction.transferCount = 0;
            vm.prank(seller);
            collection.mint(seller, id, bytes32(uint256(1)), 700, address(receivers[kind / 3 % 3]));
        } else if (kind % 3 == 1) {
            token = address(foreign);
            // The first bid demands the answer to be within the signed maximum.
            foreign.setRoyalty(address(receivers[kind / 3 % 3]), 2500);
            foreign.mint(seller, id);
        } else {
            token = address(blocking);
            blocking.become(IdleToken.Manner.TakesFromBuyerToo, address(0));
            blocking.mint(seller, id);
        }
        (lot_.auction.collection, lot_.auction.tokenId) = (token, id);
        vm.prank(seller);
        IERC721(token).setApprovalForAll(address(auctions), true);
    }

    function _stand(Lot storage lot_, address bidder, uint256 amount, uint256 end) private {
        lot_.state = State.Standing;
        (lot_.bidder, lot_.amount) = (bidder, amount);
        lot_.end = PlainAuction.end(end, auctions.latestEnd(lot_.auction), _now);
        standing += amount;
    }

    function _outbid(Lot storage lot_, address bidder, uint256 amount) private {
        standing -= lot_.amount;
        _credited(lot_.bidder, auctions.credit(lot_.bidder, address(0)) - creditOf[lot_.bidder]);
        _stand(lot_, bidder, amount, lot_.end);
    }

    function _settle(Lot storage lot_) private {
        _settleBy(lot_, IAuctions.settle.selector);
    }

    function _settleBy(Lot storage lot_, bytes4 selector) private {
        Auction memory auction = lot_.auction;
        (address receiver, uint256 answer) =
            ICollection(auction.collection).royaltyInfo(auction.tokenId, lot_.amount);
        PlainAuction.Split memory split = PlainAuction.split(
            lot_.amount, auctions.feeBps(), auction.maxFeeBps, auction.maxRoyaltyBps, true, answer
        );
        uint256 sellerBefore = auction.seller.balance;
        uint256 receiverBefore = _has(receiver);

        (bool success,) = address(auctions).call(abi.encodePacked(selector, abi.encode(auction)));

        require(success, "not settled");
        // INV-04: to the wei, whoever refused.
        require(auction.seller.balance - sellerBefore == split.seller, "the seller's share");
        require(_has(receiver) - receiverBefore == split.royalty, "the royalty");
        require(
            IERC721(auction.collection).ownerOf(auction.tokenId) == lot_.bidder, "not delivered"
        );
        lot_.state = State.Over;
        standing -= lot_.amount;
        fees += split.fee;
        _credited(receiver, auctions.credit(receiver, address(0)) - creditOf[receiver]);
    }

    function _credited(address account, uint256 amount) private {
        creditOf[account] += amount;
        credit += amount;
    }

    function _refused(bytes memory data) private {
        (bool success,) = address(auctions).call(data);
        require(!success, "an auction ended twice");
    }

    function _wait(uint256 until) private {
        if (until > _now) _now = until;
        vm.warp(_now);
    }

    /// @dev An auction that takes bids; opened now, if there is none.
    function _running(uint256 which) private returns (Lot storage) {
        for (uint256 i = 0; i < _lots.length; ++i) {
            Lot storage found = _lots[(which % _lots.length + i) % _lots.length];
            if (found.state == State.Standing && _now < found.end) return found;
        }
        this.open(which, which, uint64(which), uint32(which));
        return _lots[_lots.length - 1];
    }

    function _standingLot(uint256 which) private returns (Lot storage) {
        for (uint256 i = 0; i < _lots.length; ++i) {
            Lot storage found = _lots[(which % _lots.length + i) % _lots.length];
            if (found.state == State.Standing) return found;
        }
        return _running(which);
    }

    function _blockable(uint256 which, State state) private returns (Lot storage) {
        for (uint256 i = 0; i < _lots.length; ++i) {
            Lot storage found = _lots[(which % _lots.length + i) % _lots.length];
            if (found.auction.collection == address(blocking) && found.state == state) {
                return found;
            }
        }
        this.open(which, 2, uint64(which), uint32(which));
        uint256 made = _lots.length - 1;
        if (state == State.Unwound) this.unwind(made);
        return _lots[made];
    }

    /// @dev What an account has, here and in the books.
    function _has(address account) private view returns (uint256) {
        return account.balance + auctions.credit(account, address(0));
    }

    function _key(uint256 which) private pure returns (uint256) {
        return 0xa0c7100 + which;
    }
}
