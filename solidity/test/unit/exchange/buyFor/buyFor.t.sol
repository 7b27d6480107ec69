// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Listings} from "../../../../src/bases/Listings.sol";
import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract BuyFor_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotTheExchange() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(forger);
        vm.expectRevert(_reason(IExchange.Exchange_NotSelf.selector, uint160(forger)));
        Listings(address(exchange)).buyFor(order, signature, 0, new bytes32[](0), buyer, PRICE);
    }

    function test_WhenCalledByWayOfBuyAvailable() external {
        Order[] memory orders = _listings(1);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);

        vm.prank(buyer);
        exchange.buyAvailable{value: PRICE}(orders, signatures, _noBulks(), 400_000);

        // It should buy for the caller of that.
        vm.assertEq(works.ownerOf(orders[0].tokenId), buyer);
    }
}
