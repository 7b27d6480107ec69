// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract WithdrawFees_Unit_Test is ExchangeBase {
    function test_RevertGiven_NoFees() external {
        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(0)));
        exchange.withdrawFees(address(0));
    }

    function test_RevertGiven_ReceiverRefuses() external {
        _buy(_listing());
        uint256 fees = exchange.fees(address(0));
        vm.etch(platform, address(new Receiver(Receiver.Manner.Reverts)).code);
        Receiver(payable(platform)).become(Receiver.Manner.Reverts);

        vm.expectRevert(
            abi.encodeWithSelector(IGoverned.Governed_FeesRefused.selector, platform, address(0))
        );
        exchange.withdrawFees(address(0));

        vm.assertEq(exchange.fees(address(0)), fees);
    }

    function test_GivenFeesAndCredit() external {
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        uint256 fees = exchange.fees(address(0));
        uint256 credit = exchange.totalCredit(address(0));

        // It should emit {FeesWithdrawn}.
        vm.prank(forger);
        vm.expectEmit(address(exchange));
        emit IGoverned.FeesWithdrawn(platform, address(0), fees);
        exchange.withdrawFees(address(0));

        // It should send all fees whoever calls.
        vm.assertEq(platform.balance, PRICE * FEE_BPS / 10_000);
        vm.assertEq(exchange.fees(address(0)), 0);
        // It should leave the credit.
        vm.assertGt(credit, 0);
        vm.assertEq(exchange.totalCredit(address(0)), credit);
        vm.assertEq(address(exchange).balance, credit);
    }

    function test_GivenFeesInACurrency() external {
        Order memory order = _wrappedListing();
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(buyer);
        exchange.fill(order, signature);

        exchange.withdrawFees(address(weth));

        // It should send the fees of that currency alone.
        vm.assertEq(_held(platform), FEE);
        vm.assertEq(exchange.fees(address(weth)), 0);
    }
}
