// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IExchange} from "../src/interfaces/IExchange.sol";
import {IWeth} from "./support/IWeth.sol";
import {
    Acceptance,
    Bulk,
    COLLECTION_OFFER,
    Item,
    Order,
    SET_OFFER,
    TOKEN_OFFER,
    UNBOUND
} from "../src/types/Orders.sol";
import {Base} from "./Base.t.sol";
import {vm} from "./support/Vm.sol";

/// @notice The exchange with a currency, a collector who makes offers, and every kind of order.
abstract contract ExchangeBase is Base {
    uint256 internal constant COLLECTOR_KEY = 0xc0113c;
    uint256 internal constant ROYALTY = PRICE * ROYALTY_BPS / 10_000;
    uint256 internal constant FEE = PRICE * FEE_BPS / 10_000;
    uint256 internal constant PURSE = 1000 ether;

    address internal collector = vm.addr(COLLECTOR_KEY);
    address internal guardian = _person("guardian");

    IWeth internal weth;

    function setUp() public virtual override {
        super.setUp();
        weth = IWeth(vm.deployCode("Weth.sol:Weth", ""));
        vm.label(address(weth), "weth");
        vm.label(collector, "collector");
        vm.startPrank(owner);
        exchange.setCurrency(address(weth), true);
        exchange.setGuardian(guardian);
        vm.stopPrank();
        _fill(weth, collector);
        _fill(weth, buyer);
        vm.deal(collector, 100 ether);
    }

    /// @dev Gives somebody wrapped coin, and the exchange leave to take it.
    function _fill(IWeth currency, address who) internal {
        vm.deal(address(this), PURSE);
        currency.deposit{value: PURSE}();
        vm.assertTrue(currency.transfer(who, PURSE));
        vm.prank(who);
        currency.approve(address(exchange), type(uint256).max);
    }

    /// @dev A listing of `tokenId` in wrapped coin.
    function _wrappedListing() internal view returns (Order memory order) {
        order = _listing();
        order.currency = address(weth);
    }

    /// @dev A listing whose price falls to a half, linear over 10 days from now.
    function _fallingListing() internal view returns (Order memory order) {
        order = _listing();
        order.endPrice = PRICE / 2;
        (order.start, order.end) = (uint64(NOW), uint64(NOW + 10 days));
    }

    /// @dev A bundle of `tokenId` and works numbered 2 and 3 of the artist.
    function _bundle() internal returns (Order memory order) {
        order = _listing();
        order.more = new Item[](2);
        order.more[0] = Item(address(collection), _mint(seller, 2), 0);
        order.more[1] = Item(address(collection), _mint(seller, 3), 0);
    }

    /// @dev `count` listings, each of a work of its own, with nonces in a row from 100.
    function _listings(uint256 count) internal returns (Order[] memory orders) {
        orders = new Order[](count);
        for (uint256 i = 0; i < count; ++i) {
            orders[i] = _listing();
            orders[i].tokenId = _mint(seller, uint96(100 + i));
            orders[i].transferCount = 0;
            orders[i].nonce = 100 + i;
        }
    }

    /// @dev The collector's offer for `tokenId`, in wrapped coin.
    function _offer() internal view returns (Order memory order) {
        order = _listing();
        order.kind = TOKEN_OFFER;
        order.maker = collector;
        order.transferCount = UNBOUND;
        order.currency = address(weth);
        order.counter = exchange.counterOf(collector);
    }

    /// @dev The collector's offer for the works that these leaves name.
    function _setOffer(bytes32 root) internal view returns (Order memory order) {
        order = _offer();
        order.kind = SET_OFFER;
        order.tokenId = 0;
        order.criteria = root;
    }

    /// @dev The collector's offer for any work of the collection.
    function _collectionOffer() internal view returns (Order memory order) {
        order = _offer();
        order.kind = COLLECTION_OFFER;
        order.tokenId = 0;
    }

    function _acceptance(uint256 id) internal pure returns (Acceptance memory acceptance) {
        acceptance.tokenId = id;
        acceptance.transferCount = UNBOUND;
    }

    /// @dev The seller takes the collector's offer.
    function _accept(Order memory order, Acceptance memory acceptance) internal {
        bytes memory signature = _sign(COLLECTOR_KEY, order);
        Bulk memory none;
        vm.prank(seller);
        exchange.accept(order, signature, none, acceptance);
    }

    /// @dev The acceptance must be refused with exactly this error, and change nothing.
    function _refuseAccept(Order memory order, Acceptance memory acceptance, bytes memory reason)
        internal
    {
        bytes memory signature = _sign(COLLECTOR_KEY, order);
        _refuseAccept(order, signature, acceptance, reason);
    }

    function _refuseAccept(
        Order memory order,
        bytes memory signature,
        Acceptance memory acceptance,
        bytes memory reason
    ) internal {
        Bulk memory none;
        uint256 held = weth.balanceOf(collector);
        bool used = exchange.isNonceUsed(order.maker, order.nonce);

        vm.prank(seller);
        vm.expectRevert(reason);
        exchange.accept(order, signature, none, acceptance);

        vm.assertEq(weth.balanceOf(collector), held, "the money stays");
        vm.assertEq(exchange.isNonceUsed(order.maker, order.nonce), used, "the nonce stays");
    }

    function _signAll(uint256 key, Order[] memory orders)
        internal
        view
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            signatures[i] = _sign(key, orders[i]);
        }
    }

    function _noBulks() internal pure returns (Bulk[] memory) {
        return new Bulk[](0);
    }

    /// @dev The leaf of a set.
    function _leaf(uint256 id, uint256 count) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(id, count))));
    }

    /// @dev A node of a set, its halves sorted.
    function _node(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function _one(bytes32 word) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](1);
        words[0] = word;
    }

    /// @dev What a call of the contract reverts with, by its selector and one word.
    function _reason(bytes4 selector, uint256 word) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, word);
    }

    function _held(address who) internal view returns (uint256) {
        return IERC20(address(weth)).balanceOf(who);
    }

    /// @dev Holds the exchange's books of both currencies together.
    function _checkBooks() internal view {
        vm.assertEq(
            address(exchange).balance, exchange.totalCredit(address(0)) + exchange.fees(address(0))
        );
        vm.assertEq(
            weth.balanceOf(address(exchange)),
            exchange.totalCredit(address(weth)) + exchange.fees(address(weth))
        );
    }
}
