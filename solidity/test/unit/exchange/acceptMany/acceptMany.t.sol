// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Acceptance, Bulk, Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract AcceptMany_Unit_Test is ExchangeBase {
    function test_RevertWhen_SignaturesDoNotMatchOrders() external {
        _refuseLengths(2, 1, 2, 2);
    }

    function test_RevertWhen_BulksDoNotMatchOrders() external {
        _refuseLengths(2, 2, 1, 2);
    }

    function test_RevertWhen_AcceptancesDoNotMatchOrders() external {
        _refuseLengths(2, 2, 2, 1);
    }

    function test_RevertWhen_OneOfThemIsRefused() external {
        (Order[] memory orders, bytes[] memory signatures, Acceptance[] memory acceptances) =
            _offers();
        acceptances[1].minProceeds = 2 * PRICE;

        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(
                IExchange.Exchange_ProceedsTooLow.selector, 2 * (PRICE - ROYALTY - FEE), 2 * PRICE
            )
        );
        exchange.acceptMany(orders, signatures, new Bulk[](2), acceptances);

        vm.assertEq(works.ownerOf(orders[0].tokenId), seller);
    }

    function test_WhenNothingToAccept() external {
        vm.prank(seller);
        exchange.acceptMany(new Order[](0), new bytes[](0), new Bulk[](0), new Acceptance[](0));

        // It should change nothing.
        vm.assertEq(_held(address(exchange)), 0);
    }

    function test_WhenSeveralBuyers() external {
        (Order[] memory orders, bytes[] memory signatures, Acceptance[] memory acceptances) =
            _offers();

        vm.prank(seller);
        exchange.acceptMany(orders, signatures, new Bulk[](2), acceptances);

        // It should deliver to each.
        vm.assertEq(works.ownerOf(orders[0].tokenId), collector);
        vm.assertEq(works.ownerOf(orders[1].tokenId), forger);
        // It should take from each what it offered.
        vm.assertEq(_held(collector), PURSE - PRICE);
        vm.assertEq(_held(forger), PURSE - 2 * PRICE);
        vm.assertEq(_held(seller), 3 * (PRICE - ROYALTY - FEE));
        vm.assertEq(_held(artist), 3 * ROYALTY);
        vm.assertEq(exchange.fees(address(weth)), 3 * FEE);
        _checkBooks();
    }

    /// @dev Two offers: of the collector, and of another who pays twice as much.
    function _offers()
        private
        returns (Order[] memory orders, bytes[] memory signatures, Acceptance[] memory acceptances)
    {
        _fill(weth, forger);
        orders = new Order[](2);
        acceptances = new Acceptance[](2);
        signatures = new bytes[](2);
        orders[0] = _offer();
        orders[1] = _offer();
        orders[1].maker = forger;
        orders[1].tokenId = _mint(seller, 2);
        orders[1].price = orders[1].endPrice = 2 * PRICE;
        for (uint256 i = 0; i < 2; ++i) {
            signatures[i] = _sign(i == 0 ? COLLECTOR_KEY : FORGER_KEY, orders[i]);
            acceptances[i] = _acceptance(orders[i].tokenId);
        }
        acceptances[1].minProceeds = 2 * (PRICE - ROYALTY - FEE);
    }

    function _refuseLengths(uint256 orders, uint256 signatures, uint256 bulks, uint256 others)
        private
    {
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.Exchange_LengthMismatch.selector, orders, 1)
        );
        exchange.acceptMany(
            new Order[](orders),
            new bytes[](signatures),
            new Bulk[](bulks),
            new Acceptance[](others)
        );
    }
}
