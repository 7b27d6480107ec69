// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Base} from "../../../Base.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract Withdraw_Unit_Test is Base {
    uint256 private constant ROYALTY = PRICE * ROYALTY_BPS / 10_000;

    Receiver private receiver;

    modifier givenCredit() {
        receiver = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(receiver), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        _;
    }

    function test_RevertWhen_ReceiverZero() external {
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ICredits.Credits_ReceiverZero.selector));
        exchange.withdraw(address(0), address(0));
    }

    function test_RevertGiven_NoCredit() external {
        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, seller, address(0))
        );
        exchange.withdraw(address(0), seller);
    }

    function test_RevertWhen_ReceiverRefuses() external givenCredit {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_WithdrawalRefused.selector, address(receiver), address(0)
            )
        );
        receiver.act(
            address(exchange), abi.encodeCall(ICredits.withdraw, (address(0), address(receiver)))
        );

        vm.assertEq(exchange.credit(address(receiver), address(0)), ROYALTY);
    }

    function test_WhenReceiverAccepts() external givenCredit {
        uint256 fees = exchange.fees(address(0));

        // It should emit {Withdrawn}.
        vm.expectEmit(address(exchange));
        emit ICredits.Withdrawn(address(receiver), address(0), ROYALTY, studio);
        receiver.act(address(exchange), abi.encodeCall(ICredits.withdraw, (address(0), studio)));

        // It should send the whole credit.
        vm.assertEq(studio.balance, ROYALTY);
        vm.assertEq(exchange.credit(address(receiver), address(0)), 0);
        // It should leave fees and the credit of others.
        vm.assertEq(exchange.fees(address(0)), fees);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }
}
