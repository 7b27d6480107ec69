// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Base} from "../../../Base.t.sol";
import {Vm, vm} from "../../../support/Vm.sol";

contract Cancel_Unit_Test is Base {
    function test_WhenNoNonceGiven() external {
        vm.recordLogs();

        vm.prank(seller);
        exchange.cancel(new uint256[](0));

        // It should change nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertFalse(exchange.isNonceUsed(seller, 0));
    }

    function test_GivenNonceUsedBefore() external {
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = 7;
        _buy(_listing());
        vm.recordLogs();

        vm.prank(seller);
        exchange.cancel(nonces);

        // It should pass it over without an event.
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertTrue(exchange.isNonceUsed(seller, 7));
    }

    function test_GivenNoncesUnused() external {
        uint256[] memory nonces = new uint256[](3);
        (nonces[0], nonces[1], nonces[2]) = (0, 192, type(uint256).max);
        vm.recordLogs();

        vm.prank(seller);
        exchange.cancel(nonces);

        // It should use each of them.
        vm.assertTrue(exchange.isNonceUsed(seller, 0));
        vm.assertTrue(exchange.isNonceUsed(seller, 192));
        vm.assertTrue(exchange.isNonceUsed(seller, type(uint256).max));
        vm.assertFalse(exchange.isNonceUsed(seller, 1));
        vm.assertEq(exchange.counterOf(seller), 0);
        // It should emit {NonceCancelled} for each.
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 3);
        vm.assertEq(logs[1].topics[0], IExchange.NonceCancelled.selector);
        vm.assertEq(logs[1].topics[1], bytes32(uint256(uint160(seller))));
        vm.assertEq(logs[1].data, abi.encode(192));
        // It should leave those of others alone.
        vm.assertFalse(exchange.isNonceUsed(buyer, 0));
    }
}
