// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract CancelAll_Unit_Test is Base {
    function setUp() public override {
        super.setUp();
        vm.roll(1000);
    }

    function test_WhenLastBlockHashEndsInZeros() external {
        vm.setBlockhash(999, bytes32(uint256(1) << 20));

        vm.prank(seller);
        exchange.cancelAll();

        // It should raise the counter by one.
        vm.assertEq(exchange.counterOf(seller), 1);
    }

    function test_WhenLastBlockHashEndsInOnes() external {
        vm.setBlockhash(999, bytes32(type(uint256).max));

        vm.prank(seller);
        exchange.cancelAll();

        // It should raise the counter by 2^20.
        vm.assertEq(exchange.counterOf(seller), 2 ** 20);
    }

    function test_GivenNoncesUsedBefore() external {
        _buy(_listing());
        vm.setBlockhash(999, bytes32(uint256(41)));

        // It should emit {AllCancelled}.
        vm.prank(seller);
        vm.expectEmit(address(exchange));
        emit IExchange.AllCancelled(seller, 42);
        exchange.cancelAll();

        // It should keep them used.
        vm.assertTrue(exchange.isNonceUsed(seller, 7));
        vm.assertFalse(exchange.isNonceUsed(seller, 8));
        // It should leave the counters of others alone.
        vm.assertEq(exchange.counterOf(buyer), 0);
    }
}
