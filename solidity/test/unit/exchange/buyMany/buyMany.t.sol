// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Bulk, Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {Reenterer} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract BuyMany_Unit_Test is ExchangeBase {
    function test_RevertWhen_SignaturesDoNotMatchOrders() external {
        Order[] memory orders = _listings(2);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_LengthMismatch.selector, 2, 1));
        exchange.buyMany(orders, new bytes[](1), _noBulks());
    }

    function test_RevertWhen_BulksNeitherNoneNorAsMany() external {
        Order[] memory orders = _listings(2);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_LengthMismatch.selector, 2, 1));
        exchange.buyMany(orders, new bytes[](2), new Bulk[](1));
    }

    function test_RevertWhen_TooLittleCoin() external {
        Order[] memory orders = _listings(3);
        _refuseMany(
            orders,
            3 * PRICE - 1,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, PRICE, PRICE - 1)
        );
    }

    function test_RevertWhen_OneOfThemCannotBeHad() external {
        Order[] memory orders = _listings(3);
        orders[1].counter = 1;
        _refuseMany(
            orders,
            3 * PRICE,
            abi.encodeWithSelector(IExchange.Exchange_CounterMoved.selector, 1, 0)
        );
    }

    function test_RevertWhen_TheSameOrderTwice() external {
        Order[] memory orders = _listings(2);
        orders[1] = orders[0];
        _refuseMany(
            orders,
            2 * PRICE,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, 100)
        );
    }

    function test_WhenNothingToBuy() external {
        uint256 before = buyer.balance;

        vm.prank(buyer);
        exchange.buyMany{value: 5}(new Order[](0), new bytes[](0), _noBulks());

        // It should return all coin.
        vm.assertEq(buyer.balance, before);
        vm.assertEq(address(exchange).balance, 0);
    }

    function test_WhenOneSeller() external {
        Order[] memory orders = _listings(5);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        uint256 before = buyer.balance;
        vm.signAndAttachDelegation(address(new Reenterer()), SELLER_KEY);
        vm.prank(buyer);
        Reenterer(payable(seller)).arm(studio, "");
        uint256 held = seller.balance;

        vm.prank(buyer);
        exchange.buyMany{value: 5 * PRICE + 7}(orders, signatures, _noBulks());

        // It should deliver every work.
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(works.ownerOf(orders[i].tokenId), buyer);
        }
        // It should pay seller and artist once each.
        vm.assertEq(Reenterer(payable(seller)).calls(), 1);
        vm.assertEq(seller.balance - held, 5 * (PRICE - ROYALTY - FEE));
        vm.assertEq(artist.balance, 5 * ROYALTY);
        vm.assertEq(exchange.fees(address(0)), 5 * FEE);
        // It should return what is left over.
        vm.assertEq(before - buyer.balance, 5 * PRICE);
    }

    function test_WhenSeveralSellers() external {
        Order[] memory orders = _listings(3);
        orders[1] = _forgersListing(200);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        signatures[1] = _sign(FORGER_KEY, orders[1]);
        (uint256 first, uint256 second) = (seller.balance, forger.balance);

        vm.prank(buyer);
        exchange.buyMany{value: 3 * PRICE}(orders, signatures, _noBulks());

        // It should pay each of them.
        vm.assertEq(seller.balance - first, 2 * (PRICE - ROYALTY - FEE));
        vm.assertEq(forger.balance - second, PRICE - ROYALTY - FEE);
        vm.assertEq(artist.balance, 3 * ROYALTY);
        vm.assertEq(address(exchange).balance, 3 * FEE);
    }

    function test_WhenCurrenciesDiffer() external {
        Order[] memory orders = _listings(4);
        orders[1].currency = orders[2].currency = address(weth);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        (uint256 coin, uint256 sellerCoin) = (buyer.balance, seller.balance);

        vm.prank(buyer);
        exchange.buyMany{value: 3 * PRICE}(orders, signatures, _noBulks());

        // It should pay each in its own.
        vm.assertEq(coin - buyer.balance, 2 * PRICE);
        vm.assertEq(PURSE - _held(buyer), 2 * PRICE);
        vm.assertEq(seller.balance - sellerCoin, 2 * (PRICE - ROYALTY - FEE));
        vm.assertEq(_held(seller), 2 * (PRICE - ROYALTY - FEE));
        vm.assertEq(_held(artist), 2 * ROYALTY);
        vm.assertEq(exchange.fees(address(weth)), 2 * FEE);
        _checkBooks();
    }

    function _forgersListing(uint96 n) private returns (Order memory order) {
        order = _listing();
        order.maker = forger;
        order.tokenId = _mint(forger, n);
        vm.prank(forger);
        works.setApprovalForAll(address(exchange), true);
    }

    function _refuseMany(Order[] memory orders, uint256 value, bytes memory reason) private {
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        uint256 before = buyer.balance;

        vm.prank(buyer);
        vm.expectRevert(reason);
        exchange.buyMany{value: value}(orders, signatures, _noBulks());

        vm.assertEq(buyer.balance, before);
        for (uint256 i = 0; i < orders.length; ++i) {
            vm.assertEq(works.ownerOf(orders[i].tokenId), seller);
            vm.assertFalse(exchange.isNonceUsed(seller, orders[i].nonce));
        }
    }
}
