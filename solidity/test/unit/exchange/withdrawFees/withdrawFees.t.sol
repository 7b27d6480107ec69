// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Base} from "../../../Base.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract WithdrawFees_Unit_Test is Base {
    function test_RevertGiven_NoFees() external {
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.Exchange_NothingToWithdraw.selector, platform)
        );
        exchange.withdrawFees();
    }

    function test_RevertGiven_ReceiverRefuses() external {
        _buy(_listing());
        uint256 fees = exchange.fees();
        vm.etch(platform, address(new Receiver(Receiver.Manner.Reverts)).code);
        Receiver(payable(platform)).become(Receiver.Manner.Reverts);

        vm.expectRevert(
            abi.encodeWithSelector(IExchange.Exchange_WithdrawalRefused.selector, platform)
        );
        exchange.withdrawFees();

        vm.assertEq(exchange.fees(), fees);
    }

    function test_GivenFeesAndCredit() external {
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        uint256 fees = exchange.fees();
        uint256 credit = exchange.totalCredit();

        // It should emit {FeesWithdrawn}.
        vm.prank(forger);
        vm.expectEmit(address(exchange));
        emit IExchange.FeesWithdrawn(platform, address(0), fees);
        exchange.withdrawFees();

        // It should send all fees whoever calls.
        vm.assertEq(platform.balance, PRICE * FEE_BPS / 10_000);
        vm.assertEq(exchange.fees(), 0);
        // It should leave the credit.
        vm.assertGt(credit, 0);
        vm.assertEq(exchange.totalCredit(), credit);
        vm.assertEq(address(exchange).balance, credit);
    }
}
