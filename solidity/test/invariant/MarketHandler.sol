// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {IWeth} from "../support/IWeth.sol";
import {Acceptance, Bulk, Item, Order, UNBOUND} from "../../src/types/Orders.sol";
import {vm} from "../support/Vm.sol";
import {Handler} from "./Handler.sol";

/// @notice The other ways to sell: several at once, bundles, in a currency, and by offers.
contract MarketHandler is Handler {
    IWeth public immutable weth;

    /// @dev What should stand in the books of the currency.
    uint256 public expectedWrappedFees;

    constructor(ICollection collection_, IExchange exchange_, address platform_, IWeth weth_)
        Handler(collection_, exchange_, platform_)
    {
        weth = weth_;
    }

    function sellWrapped(uint256 which, uint256 to, uint96 price) external counted("sellWrapped") {
        Work storage work = _work(which);
        (Order memory order,) = _list(work, price, which);
        order.currency = address(weth);
        bytes memory signature = _sign(order);
        address buyer = _other(order.maker, to);
        _fund(buyer, order.price);
        uint256 before = weth.balanceOf(buyer);
        vm.prank(buyer);
        exchange.fill(order, signature);
        _bookWrapped(order, order.tokenId, buyer, before);
        _moved(work, buyer);
    }

    function takeOffer(uint256 which, uint256 to, uint96 price, uint256 kind)
        external
        counted("takeOffer")
    {
        Work storage work = _work(which);
        (Order memory order,) = _list(work, price, which);
        address seller = work.owner;
        (order.maker, order.currency) = (_other(seller, to), address(weth));
        order.kind = uint8(1 + kind % 3);
        order.transferCount = UNBOUND;
        (order.start, order.end) = (uint64(block.timestamp), uint64(block.timestamp + 60 days));
        order.counter = counters[order.maker];
        Acceptance memory acceptance;
        (acceptance.tokenId, acceptance.transferCount) = (work.id, UNBOUND);
        if (order.kind == 2) {
            acceptance.transferCount = work.count;
            order.criteria = keccak256(abi.encode(keccak256(abi.encode(work.id, work.count))));
        }
        if (order.kind != 1) order.tokenId = 0;
        _fund(order.maker, order.price);
        uint256 before = weth.balanceOf(order.maker);
        bytes memory signature = _sign(order);
        Bulk memory none;
        vm.prank(seller);
        exchange.accept(order, signature, none, acceptance);
        _bookWrapped(order, work.id, order.maker, before);
        _moved(work, order.maker);
    }

    function sellBundle(uint256 which, uint256 to, uint96 price) external counted("sellBundle") {
        Work storage work = _work(which);
        uint256 id = _mintedTo(work.owner);
        (Order memory order,) = _list(work, price, which);
        order.more = new Item[](1);
        order.more[0] = Item(address(collection), id, 0);
        bytes memory signature = _sign(order);
        address buyer = _other(order.maker, to);
        uint256 fee =
            order.price / 2 * FEE_BPS / 10_000 + (order.price - order.price / 2) * FEE_BPS / 10_000;
        vm.deal(buyer, buyer.balance + order.price);
        vm.prank(buyer);
        exchange.fill{value: order.price}(order, signature);
        _bookCoin(order.price, fee);
        _remember(order.maker, order.nonce);
        _moved(work, buyer);
        _moved(works[works.length - 1], buyer);
    }

    function buyMany(uint256 which, uint96 price, bool spoil) external counted("buyMany") {
        Work storage first = _work(which);
        (Order[] memory orders, bytes[] memory signatures, address buyer) =
            _two(first, which, price);
        vm.deal(buyer, buyer.balance + 2 * orders[0].price + 3);
        uint256 fee = orders[0].price * FEE_BPS / 10_000;
        if (!spoil) {
            vm.prank(buyer);
            exchange.buyMany{value: 2 * orders[0].price + 3}(orders, signatures, new Bulk[](0));
            _bookCoin(2 * orders[0].price, 2 * fee);
            _moved(works[works.length - 1], buyer);
            _remember(orders[1].maker, orders[1].nonce);
        } else {
            signatures[1] = "";
            vm.prank(buyer);
            bool[] memory filled = exchange.buyAvailable{value: 2 * orders[0].price + 3}(
                orders, signatures, new Bulk[](0), 1_000_000
            );
            require(filled[0] && !filled[1], "an order without a signature");
            _bookCoin(orders[0].price, fee);
        }
        _moved(first, buyer);
        _remember(orders[0].maker, orders[0].nonce);
    }

    function donateWrapped(uint64 amount) external counted("donateWrapped") {
        _fund(address(this), amount);
        require(weth.transfer(address(exchange), amount), "donation");
        expectedWrappedFees += amount;
    }

    function withdrawWrapped(uint256 who) external counted("withdrawWrapped") {
        if (expectedWrappedFees == 0) return;
        vm.prank(person(who));
        exchange.withdrawFees(address(weth));
        expectedWrappedFees = 0;
    }

    /// @dev Two orders of two works, the second new, and a buyer who has neither.
    function _two(Work storage first, uint256 which, uint96 price)
        private
        returns (Order[] memory orders, bytes[] memory signatures, address buyer)
    {
        _mintedTo(person(which % PEOPLE + 1));
        Work storage second = works[works.length - 1];
        orders = new Order[](2);
        signatures = new bytes[](2);
        (orders[0], signatures[0]) = _list(first, price, 0);
        (orders[1], signatures[1]) = _list(second, price, 0);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            buyer = person(i);
            if (buyer != first.owner && buyer != second.owner) break;
        }
    }

    function _mintedTo(address who) private returns (uint256 id) {
        id = (uint256(uint160(who)) << 96) | ++_nextSerial;
        vm.prank(who);
        collection.mint(who, id, bytes32(uint256(1)), 700, address(receivers[1]));
        works.push(Work(id, who, 0, false));
    }

    function _moved(Work storage work, address to) private {
        work.owner = to;
        ++work.count;
    }

    /// @dev What a sale in coin leaves here: its fee, and credit of receivers that refused.
    function _bookCoin(uint256 price, uint256 fee) private {
        coinIn += price;
        coinOut += price - fee;
        expectedFees += fee;
        for (uint256 i = 0; i < 3; ++i) {
            address receiver = address(receivers[i]);
            uint256 credited = exchange.credit(receiver, address(0)) - expectedCreditOf[receiver];
            expectedCreditOf[receiver] += credited;
            expectedCredit += credited;
            coinOut -= credited;
        }
    }

    /// @dev INV-04 in the currency: all of the price left the buyer, and only the fee is here.
    function _bookWrapped(Order memory order, uint256 id, address buyer, uint256 before) private {
        (address receiver, uint256 royalty) = collection.royaltyInfo(id, order.price);
        uint256 back = receiver == buyer ? royalty : 0;
        require(before - weth.balanceOf(buyer) == order.price - back, "not the price");
        expectedWrappedFees += order.price * FEE_BPS / 10_000;
        _remember(order.maker, order.nonce);
    }

    function _fund(address who, uint256 amount) private {
        vm.deal(address(this), amount);
        weth.deposit{value: amount}();
        require(weth.transfer(who, amount), "funds");
        vm.prank(who);
        weth.approve(address(exchange), type(uint256).max);
    }
}
