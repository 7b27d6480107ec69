// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract Retire_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotOwner() external {
        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", forger));
        exchange.retire();
    }

    function test_WhenCallerOwner() external {
        Receiver receiver = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(receiver), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));

        // It should emit {Retired}.
        vm.prank(owner);
        vm.expectEmit(address(exchange));
        emit IGoverned.Retired();
        exchange.retire();

        // It should end sales for good.
        vm.assertTrue(exchange.isRetired());
        vm.assertFalse(exchange.isOpen());
        Order memory order = _listing();
        order.nonce = 8;
        vm.warp(NOW + 20 days);
        _refuse(order, abi.encodeWithSelector(IGoverned.Governed_Retired.selector));
        // It should leave cancels and withdrawals open.
        vm.prank(seller);
        exchange.cancelAll();
        receiver.become(Receiver.Manner.Accepts);
        exchange.withdrawFor(address(receiver), address(0));
        exchange.withdrawFees(address(0));
        vm.assertEq(address(exchange).balance, 0);
    }
}
