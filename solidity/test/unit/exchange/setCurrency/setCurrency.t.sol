// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {OddCoin} from "../../../doubles/Currencies.sol";
import {vm} from "../../../support/Vm.sol";

contract SetCurrency_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotOwner() external {
        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", forger));
        exchange.setCurrency(address(foreign), true);
    }

    function test_RevertWhen_AccountWithoutCode() external {
        vm.startPrank(owner);
        vm.expectRevert(_reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(studio)));
        exchange.setCurrency(studio, true);
        vm.expectRevert(_reason(IExchange.Exchange_CurrencyUnsupported.selector, 0));
        exchange.setCurrency(address(0), true);
        vm.stopPrank();
    }

    function test_WhenAllowed() external {
        OddCoin coin = new OddCoin(6);

        // It should emit {CurrencyAllowed}.
        vm.prank(owner);
        vm.expectEmit(address(exchange));
        emit IExchange.CurrencyAllowed(address(coin), true);
        exchange.setCurrency(address(coin), true);

        // It should allow payment in it.
        vm.assertTrue(exchange.isCurrencyAllowed(address(coin)));
    }

    function test_WhenEnded() external {
        OddCoin coin = new OddCoin(6);
        vm.prank(owner);
        exchange.setCurrency(address(coin), true);
        coin.mint(buyer, 2 * PRICE);
        vm.prank(buyer);
        coin.approve(address(exchange), type(uint256).max);
        coin.blockAccount(artist);
        Order memory order = _listing();
        order.currency = address(coin);
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(buyer);
        exchange.fill(order, signature);

        vm.prank(owner);
        exchange.setCurrency(address(coin), false);

        // It should refuse orders in it.
        Order memory second = _listings(1)[0];
        second.currency = address(coin);
        signature = _sign(SELLER_KEY, second);
        _refuse(
            second,
            signature,
            0,
            _reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(address(coin)))
        );
        // It should still pay out credit in it.
        coin.become(OddCoin.Manner.Good);
        exchange.withdrawFor(artist, address(coin));
        exchange.withdrawFees(address(coin));
        vm.assertEq(coin.balanceOf(artist), ROYALTY);
        vm.assertEq(coin.balanceOf(platform), FEE);
    }
}
