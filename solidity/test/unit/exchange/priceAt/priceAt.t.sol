// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract PriceAt_Unit_Test is ExchangeBase {
    modifier whenPriceFalls() {
        _;
    }

    function test_WhenPriceFixed() external view {
        Order memory order = _listing();

        // It should be that price whenever.
        vm.assertEq(exchange.priceAt(order, 0), PRICE);
        vm.assertEq(exchange.priceAt(order, NOW), PRICE);
        vm.assertEq(exchange.priceAt(order, type(uint256).max), PRICE);
    }

    function test_WhenBeforeTheStart() external view whenPriceFalls {
        // It should be the first price.
        vm.assertEq(exchange.priceAt(_fallingListing(), NOW), PRICE);
        vm.assertEq(exchange.priceAt(_fallingListing(), 0), PRICE);
    }

    function test_WhenAfterTheEnd() external view whenPriceFalls {
        // It should be the last price.
        vm.assertEq(exchange.priceAt(_fallingListing(), NOW + 10 days), PRICE / 2);
        vm.assertEq(exchange.priceAt(_fallingListing(), NOW + 11 days), PRICE / 2);
    }

    function test_WhenBetween() external view whenPriceFalls {
        Order memory order = _fallingListing();

        // It should fall along a line.
        vm.assertEq(exchange.priceAt(order, NOW + 5 days), PRICE * 3 / 4);
        vm.assertEq(exchange.priceAt(order, NOW + 1 days), PRICE * 95 / 100);
        // It should be rounded up.
        (order.price, order.endPrice) = (10, 7);
        (order.start, order.end) = (uint64(NOW), uint64(NOW + 7));
        uint8[8] memory prices = [10, 10, 10, 9, 9, 8, 8, 7];
        for (uint256 i = 0; i < 8; ++i) {
            vm.assertEq(exchange.priceAt(order, NOW + i), prices[i]);
        }
    }
}
