// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract BuyAvailable_Unit_Test is ExchangeBase {
    uint256 private constant ITEM_GAS = 400_000;

    function test_RevertWhen_SignaturesDoNotMatchOrders() external {
        Order[] memory orders = _listings(2);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_LengthMismatch.selector, 2, 3));
        exchange.buyAvailable(orders, new bytes[](3), _noBulks(), ITEM_GAS);
    }

    function test_RevertWhen_TooLittleGasLeftForAnItem() external {
        Order[] memory orders = _listings(2);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);

        vm.prank(buyer);
        (bool success, bytes memory reason) = address(exchange)
        .call{value: 2 * PRICE, gas: ITEM_GAS + 100_000}(
            abi.encodeCall(IExchange.buyAvailable, (orders, signatures, _noBulks(), ITEM_GAS))
        );

        // The first would have been possible; the second would have been starved.
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        vm.assertEq(works.ownerOf(orders[0].tokenId), seller);
    }

    function test_RevertGiven_BuyerRefusesChange() external {
        Order[] memory orders = _listings(1);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);

        vm.prank(buyer);
        vm.expectRevert(
            _reason(IExchange.Exchange_ChangeRefused.selector, uint160(address(refuser)))
        );
        refuser.act{value: PRICE + 1}(
            address(exchange),
            abi.encodeCall(IExchange.buyAvailable, (orders, signatures, _noBulks(), ITEM_GAS))
        );
    }

    function test_WhenNothingToBuy() external {
        uint256 before = buyer.balance;

        vm.prank(buyer);
        bool[] memory filled =
            exchange.buyAvailable{value: 5}(new Order[](0), new bytes[](0), _noBulks(), ITEM_GAS);

        // It should return all coin and an empty answer.
        vm.assertEq(filled.length, 0);
        vm.assertEq(buyer.balance, before);
    }

    function test_GivenSomeCannotBeHad() external {
        Order[] memory orders = _listings(5);
        orders[1].counter = 1;
        orders[3].tokenId = _mint(studio, 9);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        (uint256 before, uint256 held) = (buyer.balance, seller.balance);

        // It should emit {OrderSkipped} with the reason.
        bytes32 hash1 = exchange.hashOrder(orders[1]);
        bytes32 hash3 = exchange.hashOrder(orders[3]);
        vm.prank(buyer);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderSkipped(hash1, IExchange.Exchange_CounterMoved.selector);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderSkipped(hash3, bytes4(keccak256("TransferFromIncorrectOwner()")));
        bool[] memory filled =
            exchange.buyAvailable{value: 5 * PRICE}(orders, signatures, _noBulks(), ITEM_GAS);

        for (uint256 i = 0; i < 5; ++i) {
            // It should say which were filled.
            vm.assertEq(filled[i], i != 1 && i != 3);
            // It should deliver the others.
            address holder = i == 3 ? studio : i == 1 ? seller : buyer;
            vm.assertEq(works.ownerOf(orders[i].tokenId), holder);
            // It should leave the skipped orders as they were.
            vm.assertEq(exchange.isNonceUsed(seller, orders[i].nonce), filled[i]);
        }
        // It should return exactly what was not spent.
        vm.assertEq(before - buyer.balance, 3 * PRICE);
        vm.assertEq(seller.balance - held, 3 * (PRICE - ROYALTY - FEE));
        vm.assertEq(address(exchange).balance, 3 * FEE);
    }

    function test_GivenCoinRunsOut() external {
        Order[] memory orders = _listings(3);
        orders[1].price = orders[1].endPrice = 3 * PRICE;
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        uint256 before = buyer.balance;

        vm.prank(buyer);
        bool[] memory filled =
            exchange.buyAvailable{value: 2 * PRICE + 1}(orders, signatures, _noBulks(), ITEM_GAS);

        // It should skip what it does not suffice for.
        vm.assertTrue(filled[0] && !filled[1] && filled[2]);
        vm.assertEq(before - buyer.balance, 2 * PRICE);
    }

    function test_GivenOrdersInACurrency() external {
        Order[] memory orders = _listings(3);
        for (uint256 i = 0; i < 3; ++i) {
            orders[i].currency = address(weth);
        }
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        vm.startPrank(buyer);
        weth.approve(address(exchange), 2 * PRICE);
        bool[] memory filled = exchange.buyAvailable(orders, signatures, _noBulks(), ITEM_GAS);
        vm.stopPrank();

        // It should buy those that the allowance covers.
        vm.assertTrue(filled[0] && filled[1] && !filled[2]);
        vm.assertEq(_held(buyer), PURSE - 2 * PRICE);
        _checkBooks();
    }
}
