// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetFeeReceiver_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotOwner() external {
        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", forger));
        exchange.setFeeReceiver(forger);
    }

    function test_RevertWhen_ReceiverZero() external {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_FeeReceiverZero.selector));
        exchange.setFeeReceiver(address(0));
    }

    function test_WhenReceiverNamed() external {
        _buy(_listing());

        // It should emit {FeeReceiverChanged}.
        vm.prank(owner);
        vm.expectEmit(address(exchange));
        emit IGoverned.FeeReceiverChanged(studio);
        exchange.setFeeReceiver(studio);

        // It should send it the fees kept before too.
        vm.assertEq(exchange.feeReceiver(), studio);
        exchange.withdrawFees(address(0));
        vm.assertEq(studio.balance, FEE);
    }
}
