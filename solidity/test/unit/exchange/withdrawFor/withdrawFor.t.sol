// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {OddCoin} from "../../../doubles/Currencies.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract WithdrawFor_Unit_Test is ExchangeBase {
    Receiver private receiver;

    modifier givenCredit() {
        receiver = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(receiver), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        _;
    }

    function test_RevertGiven_NoCredit() external {
        vm.expectRevert(
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, seller, address(0))
        );
        exchange.withdrawFor(seller, address(0));
    }

    function test_RevertWhen_AccountRefuses() external givenCredit {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_WithdrawalRefused.selector, address(receiver), address(0)
            )
        );
        exchange.withdrawFor(address(receiver), address(0));

        vm.assertEq(exchange.credit(address(receiver), address(0)), ROYALTY);
    }

    function test_RevertWhen_CurrencyRefuses() external givenCredit {
        OddCoin coin = new OddCoin(18);
        vm.prank(owner);
        exchange.setCurrency(address(coin), true);
        coin.mint(buyer, PRICE);
        vm.prank(buyer);
        coin.approve(address(exchange), type(uint256).max);
        coin.blockAccount(seller);
        Order memory order = _listing();
        order.currency = address(coin);
        order.nonce = 8;
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(buyer);
        exchange.fill(order, signature);

        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_WithdrawalRefused.selector, seller, address(coin)
            )
        );
        exchange.withdrawFor(seller, address(coin));

        // Its owner can still have it sent elsewhere.
        vm.prank(seller);
        exchange.withdraw(address(coin), studio);
        vm.assertEq(coin.balanceOf(studio), PRICE - ROYALTY - FEE);
    }

    function test_WhenAccountAccepts() external givenCredit {
        receiver.become(Receiver.Manner.Accepts);

        // It should emit {Withdrawn}.
        vm.prank(forger);
        vm.expectEmit(address(exchange));
        emit ICredits.Withdrawn(address(receiver), address(0), ROYALTY, address(receiver));
        exchange.withdrawFor(address(receiver), address(0));

        // It should send the credit to its owner whoever calls.
        vm.assertEq(address(receiver).balance, ROYALTY);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }
}
