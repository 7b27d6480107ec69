// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Order} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {Receiver, Reenterer} from "../doubles/Receivers.sol";
import {PlainDelegate} from "../doubles/Wallets.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Payments: cases PAY-01 to PAY-04 and PAY-08, and the rule of 63/64 for payouts.
contract Payments_Cases is Base {
    uint256 private constant ROYALTY = PRICE * ROYALTY_BPS / 10_000;
    uint256 private constant FEE = PRICE * FEE_BPS / 10_000;

    Receiver private receiver;

    function setUp() public override {
        super.setUp();
        receiver = new Receiver(Receiver.Manner.Accepts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(receiver), ROYALTY_BPS);
    }

    function testFuzz_PAY01_RoyaltyReceiverRefuses(uint8 manner) external {
        receiver.become(_refusal(manner));
        uint256 before = seller.balance;

        vm.expectEmit(address(exchange));
        emit ICredits.Credited(address(receiver), address(0), ROYALTY);
        _buy(_foreignListing(address(foreign), 1));

        vm.assertEq(foreign.ownerOf(1), buyer);
        vm.assertEq(seller.balance - before, PRICE - ROYALTY - FEE);
        vm.assertEq(exchange.credit(address(receiver), address(0)), ROYALTY);
        vm.assertEq(exchange.fees(address(0)), FEE);
    }

    function testFuzz_PAY01_SellerRefuses(uint8 manner) external {
        Order memory order = _foreignListing(address(foreign), 1);
        bytes memory signature = _sign(SELLER_KEY, order);
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        vm.signAndAttachDelegation(address(refuser), SELLER_KEY);
        vm.prank(buyer);
        Receiver(payable(seller)).become(_refusal(manner));

        _buy(order, signature);

        vm.assertEq(foreign.ownerOf(1), buyer);
        vm.assertEq(address(receiver).balance, ROYALTY);
        vm.assertEq(exchange.credit(seller, address(0)), PRICE - ROYALTY - FEE);
    }

    function test_PAY01_GasIsBounded() external {
        receiver.become(Receiver.Manner.BurnsGas);
        Order memory order = _foreignListing(address(foreign), 1);
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        uint256 before = gasleft();
        exchange.fill{value: PRICE}(order, signature);

        vm.assertLe(before - gasleft(), 350_000);
    }

    function test_PAY02_CreditIsDrawnOnceByItsOwnerOnly() external {
        receiver.become(Receiver.Manner.Reverts);
        _buy(_foreignListing(address(foreign), 1));

        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, forger, address(0))
        );
        exchange.withdraw(address(0), forger);

        receiver.act(address(exchange), abi.encodeCall(ICredits.withdraw, (address(0), studio)));
        vm.assertEq(studio.balance, ROYALTY);

        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NothingToWithdraw.selector, address(receiver), address(0)
            )
        );
        receiver.act(address(exchange), abi.encodeCall(ICredits.withdraw, (address(0), studio)));
    }

    function test_PAY02_WithdrawalReentered() external {
        Reenterer greedy = new Reenterer();
        foreign.setRoyalty(address(greedy), ROYALTY_BPS);
        bytes memory draw = abi.encodeCall(ICredits.withdraw, (address(0), address(greedy)));
        // Refused once, by burning gas in a call back to itself, it has credit to draw.
        vm.etch(address(greedy), address(new Receiver(Receiver.Manner.Reverts)).code);
        Receiver(payable(address(greedy))).become(Receiver.Manner.Reverts);
        _buy(_foreignListing(address(foreign), 1));
        vm.etch(address(greedy), address(new Reenterer()).code);
        greedy.arm(address(exchange), draw);

        greedy.act(address(exchange), draw);

        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(address(greedy).balance, ROYALTY);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function testFuzz_PAY03_WrongPayment(uint256 value) external {
        value = bound(value, 0, 3 * PRICE);
        vm.assume(value != PRICE);
        Order memory order = _listing();

        _refuse(
            order,
            _sign(SELLER_KEY, order),
            value,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, PRICE, value)
        );
    }

    function test_PAY04_ReceiverThatNeedsGas() external {
        receiver.become(Receiver.Manner.NeedsGas);

        _buy(_foreignListing(address(foreign), 1));

        vm.assertEq(receiver.received(), ROYALTY);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function test_PAY04_DelegatedReceiver() external {
        vm.signAndAttachDelegation(address(new PlainDelegate()), FORGER_KEY);
        foreign.setRoyalty(forger, ROYALTY_BPS);
        uint256 before = forger.balance;

        _buy(_foreignListing(address(foreign), 1));

        vm.assertEq(forger.balance - before, ROYALTY);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function test_PAY08_ApprovalLeftOver() external {
        _buy(_foreignListing(address(foreign), 1));
        foreign.mint(seller, 2);
        Order memory order = _foreignListing(address(foreign), 2);
        order.nonce = 8;

        // The exchange may still move the seller's works; a stranger gains nothing by it.
        _refuse(
            order,
            _sign(FORGER_KEY, order),
            PRICE,
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(order), seller
            )
        );
        vm.assertEq(foreign.ownerOf(2), seller);
    }

    function test_GAS6364_NoStarvedPayoutBecomesCredit() external {
        // The receiver refuses below 90,000 gas: a buyer who sends less must not withhold its share.
        receiver.become(Receiver.Manner.CountsGas);
        Order memory order = _foreignListing(address(foreign), 1);
        bytes memory data = abi.encodeCall(IExchange.fill, (order, _sign(SELLER_KEY, order)));
        uint256 settled;
        for (uint256 gasLimit = 60_000; gasLimit < 400_000; gasLimit += 1000) {
            uint256 id = vm.snapshotState();
            vm.prank(buyer);
            (bool success,) = address(exchange).call{value: PRICE, gas: gasLimit}(data);
            vm.assertEq(exchange.totalCredit(address(0)), 0, "paid, or nothing happened");
            vm.assertEq(address(receiver).balance, success ? ROYALTY : 0);
            if (success) ++settled;
            vm.revertToState(id);
        }
        vm.assertGt(settled, 0);
    }

    /// @dev One of the three ways to refuse.
    function _refusal(uint8 manner) private pure returns (Receiver.Manner) {
        return Receiver.Manner(bound(manner, 1, 3));
    }
}
