// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {LISTING, Order} from "../../src/types/Orders.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Sends coin that nobody asked for.
contract Donor {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// @notice What people do with works and orders. Every action prepares what it needs and then must
/// succeed; what it expects to happen is written down beside it, to be compared afterwards.
contract Handler {
    struct Work {
        uint256 id;
        address owner;
        uint256 count;
        bool burned;
    }

    struct Settled {
        bytes32 orderHash;
        address maker;
        uint256 price;
        bytes fill;
    }

    uint16 internal constant FEE_BPS = 200;
    uint256 internal constant PEOPLE = 4;

    ICollection public immutable collection;
    IExchange public immutable exchange;
    address public immutable platform;
    Receiver[3] public receivers;

    Work[] public works;
    Settled[] private _settled;

    /// @dev What should stand in the exchange's books.
    uint256 public expectedFees;
    uint256 public expectedCredit;
    mapping(address account => uint256) public expectedCreditOf;
    uint256 public coinIn;
    uint256 public coinOut;
    mapping(address person => uint256) public counters;
    uint256[] public usedNonces;
    address[] public usedMakers;
    mapping(bytes32 orderHash => uint256) public fills;

    uint256 private _nextNonce;
    uint96 internal _nextSerial;
    mapping(bytes32 action => uint256) public succeeded;
    uint256 public total;

    address[PEOPLE] private _people;

    constructor(ICollection collection_, IExchange exchange_, address platform_) {
        (collection, exchange, platform) = (collection_, exchange_, platform_);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _people[i] = vm.addr(_key(i));
        }
        receivers[0] = new Receiver(Receiver.Manner.Accepts);
        receivers[1] = new Receiver(Receiver.Manner.Reverts);
        receivers[2] = new Receiver(Receiver.Manner.BurnsGas);
    }

    modifier counted(bytes32 action) {
        _;
        ++succeeded[action];
        ++total;
    }

    function mint(uint256 who, uint16 bps, uint256 payee) public counted("mint") {
        address creator = person(who);
        payee = bound(payee, 0, 3);
        address receiver = payee == 3 ? address(0) : address(receivers[payee]);
        vm.prank(creator);
        uint256 id = (uint256(uint160(creator)) << 96) | ++_nextSerial;
        collection.mint(creator, id, bytes32(uint256(1)), uint16(bound(bps, 0, 2500)), receiver);
        works.push(Work(id, creator, 0, false));
    }

    function transfer(uint256 which, uint256 to) external counted("transfer") {
        Work storage work = _work(which);
        address receiver = person(to);
        vm.prank(work.owner);
        IERC721(address(collection)).transferFrom(work.owner, receiver, work.id);
        work.owner = receiver;
        ++work.count;
    }

    function burn(uint256 which) external counted("burn") {
        Work storage work = _work(which);
        vm.prank(work.owner);
        collection.burn(work.id);
        (work.owner, work.burned) = (address(0), true);
        ++work.count;
    }

    function sell(uint256 which, uint256 to, uint96 price, uint256 nonce) external counted("sell") {
        Work storage work = _work(which);
        (Order memory order, bytes memory signature) = _list(work, price, nonce);
        address buyer = _other(order.maker, to);
        _fill(order, signature, buyer);
        work.owner = buyer;
        ++work.count;
        _settled.push(
            Settled(
                exchange.hashOrder(order),
                order.maker,
                order.price,
                abi.encodeCall(IExchange.fill, (order, signature))
            )
        );
    }

    function sellFalling(uint256 which, uint256 to, uint96 price, uint256 last)
        external
        counted("sellFalling")
    {
        Work storage work = _work(which);
        (Order memory order,) = _list(work, price, which);
        order.endPrice = bound(last, 1, order.price);
        order.start = uint64(block.timestamp - 3 days);
        order.end = uint64(block.timestamp + 4 days);
        address buyer = _other(order.maker, to);
        _fill(order, _sign(order), buyer);
        work.owner = buyer;
        ++work.count;
    }

    /// @dev A settled order must be refused for ever, though its work be back with the maker.
    function sellAgain(uint256 which) external counted("sellAgain") {
        if (_settled.length == 0) return this.sell(which, which, 1, 0);
        Settled storage old = _settled[which % _settled.length];
        address buyer = _other(old.maker, which);
        vm.deal(buyer, old.price);
        vm.prank(buyer);
        (bool success,) = address(exchange).call{value: old.price}(old.fill);
        require(!success, "an order was filled twice");
    }

    function cancel(uint256 who, uint256 nonce) external counted("cancel") {
        address maker = person(who);
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = _fresh(nonce);
        vm.prank(maker);
        exchange.cancel(nonces);
        _remember(maker, nonces[0]);
    }

    function cancelAll(uint256 who) external counted("cancelAll") {
        address maker = person(who);
        vm.roll(block.number + 1);
        vm.prank(maker);
        exchange.cancelAll();
        uint256 counter = exchange.counterOf(maker);
        require(counter > counters[maker] && counter <= counters[maker] + 2 ** 20, "jump");
        counters[maker] = counter;
    }

    function withdraw(uint256 which) external counted("withdraw") {
        Receiver receiver = receivers[which % 3];
        uint256 owed = exchange.credit(address(receiver), address(0));
        if (owed == 0) return;
        uint256 fees = exchange.fees(address(0));
        receiver.act(
            address(exchange),
            abi.encodeCall(ICredits.withdraw, (address(0), address(uint160(0xcafe))))
        );
        require(exchange.fees(address(0)) == fees, "a withdrawal took fees");
        expectedCreditOf[address(receiver)] = 0;
        expectedCredit -= owed;
        coinOut += owed;
    }

    function withdrawFees(uint256 who) external counted("withdrawFees") {
        if (expectedFees == 0) return;
        uint256 owed = exchange.totalCredit(address(0));
        vm.prank(person(who));
        exchange.withdrawFees(address(0));
        require(exchange.totalCredit(address(0)) == owed, "fees lowered what is owed");
        require(address(exchange).balance >= owed, "fees took what is owed");
        coinOut += expectedFees;
        expectedFees = 0;
    }

    /// @dev Coin forced in falls to the fees, and spoils no account.
    function donate(uint64 amount) external counted("donate") {
        vm.deal(address(this), amount);
        new Donor{value: amount}(payable(address(exchange)));
        expectedFees += amount;
        coinIn += amount;
    }

    function setRoyalty(uint256 which, uint16 bps) external counted("setRoyalty") {
        Work storage work = _work(which);
        (, uint256 current) = collection.royaltyInfo(work.id, 10_000);
        vm.prank(collection.creatorOf(work.id));
        collection.setRoyalty(work.id, uint16(bound(bps, 0, work.count == 0 ? 2500 : current)));
    }

    function person(uint256 which) public view returns (address) {
        return _people[which % PEOPLE];
    }

    function worksCount() external view returns (uint256) {
        return works.length;
    }

    function usedCount() external view returns (uint256) {
        return usedNonces.length;
    }

    function settledCount() external view returns (uint256) {
        return _settled.length;
    }

    function settledHash(uint256 which) external view returns (bytes32) {
        return _settled[which].orderHash;
    }

    function _list(Work storage work, uint96 price, uint256 nonce)
        internal
        returns (Order memory order, bytes memory signature)
    {
        order.kind = LISTING;
        order.maker = work.owner;
        order.collection = address(collection);
        order.tokenId = work.id;
        order.transferCount = work.count;
        order.price = order.endPrice = bound(price, 1, type(uint96).max);
        order.end = type(uint64).max;
        order.maxRoyaltyBps = 2500;
        order.maxFeeBps = FEE_BPS;
        order.nonce = _fresh(nonce);
        order.counter = counters[work.owner];
        vm.prank(work.owner);
        IERC721(address(collection)).setApprovalForAll(address(exchange), true);
        signature = _sign(order);
    }

    function _sign(Order memory order) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keyOf(order.maker), exchange.hashOrder(order));
        return abi.encodePacked(r, s, v);
    }

    function _fill(Order memory order, bytes memory signature, address buyer) internal {
        uint256 price = exchange.priceAt(order, block.timestamp);
        (address receiver, uint256 royalty) = collection.royaltyInfo(order.tokenId, price);
        uint256 fee = price * FEE_BPS / 10_000;
        uint256 sellerBefore = order.maker.balance;
        uint256 receiverBefore = _has(receiver);
        // A buyer who is the artist has the royalty back, over and above the price brought along.
        vm.deal(buyer, buyer.balance + order.price);

        vm.prank(buyer);
        exchange.fill{value: order.price}(order, signature);

        // INV-04: to the wei, whoever refused.
        uint256 toReceiver = _has(receiver) - receiverBefore;
        uint256 toSeller = order.maker.balance - sellerBefore;
        if (receiver == order.maker) toReceiver = 0;
        // What a falling price left over has returned.
        if (receiver == buyer) toReceiver -= order.price - price;
        require(toSeller + toReceiver + fee == price, "a sale does not add up");
        require(receiver == order.maker || toReceiver == royalty, "a royalty was paid short");

        expectedFees += fee;
        coinIn += price;
        coinOut += price - fee;
        uint256 credited = exchange.credit(receiver, address(0)) - expectedCreditOf[receiver];
        expectedCreditOf[receiver] += credited;
        expectedCredit += credited;
        coinOut -= credited;
        ++fills[exchange.hashOrder(order)];
        _remember(order.maker, order.nonce);
    }

    /// @dev What an account has, here and in the exchange's books.
    function _has(address account) internal view returns (uint256) {
        return account.balance + exchange.credit(account, address(0));
    }

    function _remember(address maker, uint256 nonce) internal {
        usedNonces.push(nonce);
        usedMakers.push(maker);
    }

    /// @dev Every nonce once; some neighbours, some far away.
    function _fresh(uint256 nonce) internal returns (uint256) {
        ++_nextNonce;
        return nonce % 3 == 0 ? _nextNonce : (nonce % 2 ** 200) * 2 ** 32 + 2 ** 31 + _nextNonce;
    }

    /// @dev A work that somebody owns; minted now, if there is none.
    function _work(uint256 which) internal returns (Work storage) {
        for (uint256 i = 0; i < works.length; ++i) {
            Work storage work = works[(which % works.length + i) % works.length];
            if (!work.burned) return work;
        }
        this.mint(which, 500, which);
        return works[works.length - 1];
    }

    function _other(address maker, uint256 which) internal view returns (address) {
        address chosen = person(which);
        return chosen == maker ? person(which % PEOPLE + 1) : chosen;
    }

    function _key(uint256 which) internal pure returns (uint256) {
        return 0xbeef00 + which;
    }

    function _keyOf(address who) internal view returns (uint256) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (person(i) == who) return _key(i);
        }
        revert("nobody of ours");
    }
}
