// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {CollectionBase} from "../CollectionBase.t.sol";
import {Receiver, Reenterer} from "../doubles/Receivers.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Who is paid for a work sold by voucher: cases PAY-01 to PAY-04, REE-01 and REE-04.
contract VoucherPayouts_Cases is CollectionBase {
    address private constant COIN = address(0);

    function testFuzz_PAY01_VoucherCreatorRefuses(uint8 manner, uint256 price) external {
        Receiver creator = _creator(_refusing(manner));
        Voucher memory voucher = _voucherOf(address(creator));
        voucher.price = bound(price, 1, 100 ether);
        uint256 fee = _feeOf(voucher.price);
        Receiver.Manner which = creator.manner();

        _redeem(voucher, minter, _signVoucher(MINTER_KEY, voucher), 0);

        bool takes = which == Receiver.Manner.NeedsGas || which == Receiver.Manner.CountsGas;
        uint256 rest = voucher.price - fee;
        vm.assertEq(address(creator).balance, takes ? rest : 0);
        vm.assertEq(collection.credit(address(creator), COIN), takes ? 0 : rest);
        vm.assertEq(platform.balance, fee);
        vm.assertEq(address(collection).balance, collection.totalCredit(COIN));
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function testFuzz_PAY01_VoucherFeeReceiverRefuses(uint8 manner) external {
        Receiver receiver = new Receiver(_refusing(manner));
        Voucher memory voucher = _voucher();
        voucher.feeReceiver = address(receiver);
        uint256 before = artist.balance;

        _redeem(voucher);

        uint256 fee = _feeOf(PRICE);
        vm.assertEq(address(receiver).balance + collection.credit(address(receiver), COIN), fee);
        vm.assertEq(artist.balance, before + PRICE - fee);
        vm.assertEq(address(collection).balance, collection.totalCredit(COIN));
    }

    function test_PAY02_VoucherCreditIsDrawnOnceByItsOwnerOnly() external {
        Receiver creator = _creator(Receiver.Manner.Reverts);
        Voucher memory voucher = _voucherOf(address(creator));
        _redeem(voucher, minter, _signVoucher(MINTER_KEY, voucher), 0);
        uint256 rest = PRICE - _feeOf(PRICE);

        vm.prank(forger);
        vm.expectRevert(_nothing(forger));
        collection.withdraw(COIN, forger);
        creator.act(address(collection), abi.encodeCall(ICredits.withdraw, (COIN, studio)));
        vm.assertEq(studio.balance, rest);
        vm.expectRevert(_nothing(address(creator)));
        creator.act(address(collection), abi.encodeCall(ICredits.withdraw, (COIN, studio)));
        vm.expectRevert(_nothing(address(creator)));
        collection.withdrawFor(address(creator), COIN);

        vm.assertEq(studio.balance, rest);
        vm.assertEq(address(collection).balance, 0);
    }

    function test_PAY02_VoucherCreditToNobody() external {
        vm.expectRevert(abi.encodeWithSelector(ICredits.Credits_ReceiverZero.selector));
        collection.withdraw(COIN, address(0));
    }

    function test_PAY02_VoucherWithdrawalReentered() external {
        // Two creators are owed; one draws, and asks again in the middle of it.
        Receiver other = _creator(Receiver.Manner.Reverts);
        Receiver creator = _creator(Receiver.Manner.Reverts);
        Voucher memory first = _voucherOf(address(other));
        Voucher memory second = _voucherOf(address(creator));
        _redeem(first, minter, _signVoucher(MINTER_KEY, first), 0);
        _redeem(second, minter, _signVoucher(MINTER_KEY, second), 0);
        Reenterer greedy = new Reenterer();
        greedy.arm(
            address(collection), abi.encodeCall(ICredits.withdrawFor, (address(creator), COIN))
        );

        creator.act(address(collection), abi.encodeCall(ICredits.withdraw, (COIN, address(greedy))));

        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(greedy.answer(), _guarded());
        vm.assertEq(address(greedy).balance, PRICE - _feeOf(PRICE));
        vm.assertEq(collection.totalCredit(COIN), PRICE - _feeOf(PRICE));
    }

    function testFuzz_PAY03_VoucherPayment(uint256 sent) external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        sent = bound(sent, 0, 10 * PRICE);
        vm.assume(sent != PRICE);

        _refuseVoucher(
            voucher,
            artist,
            signature,
            0,
            sent,
            abi.encodeWithSelector(ICollection.Collection_VoucherPayment.selector, PRICE, sent)
        );
    }

    function test_PAY04_CreatorThatNeedsGas() external {
        Receiver creator = _creator(Receiver.Manner.NeedsGas);
        Voucher memory voucher = _voucherOf(address(creator));

        _redeem(voucher, minter, _signVoucher(MINTER_KEY, voucher), 0);

        vm.assertEq(creator.received(), PRICE - _feeOf(PRICE));
        vm.assertEq(collection.totalCredit(COIN), 0);
    }

    function test_REE01_FromAVoucherPayoutIntoEverything() external {
        // What is guarded is refused in the middle of a sale, and the sale goes on.
        Voucher memory voucher = _edition(3);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        bytes[3] memory calls = [
            abi.encodeCall(ICollection.redeem, (voucher, artist, signature, 2)),
            abi.encodeCall(ICredits.withdraw, (COIN, forger)),
            abi.encodeCall(ICredits.withdrawFor, (forger, COIN))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 state = vm.snapshotState();
            Reenterer greedy = new Reenterer();
            greedy.arm(address(collection), calls[i]);
            Voucher memory sold = _voucher();
            sold.feeReceiver = address(greedy);

            _redeem(sold);

            vm.assertEq(greedy.calls(), 1);
            vm.assertFalse(greedy.succeeded());
            vm.assertEq(greedy.answer(), _guarded());
            vm.assertEq(works.ownerOf(sold.tokenId), buyer);
            vm.assertTrue(vm.revertToState(state));
        }
    }

    function test_REE04_GuardOfACollectionIsFreeAfterAFailure() external {
        Voucher memory voucher = _voucher();
        voucher.price = 2 * PRICE;
        _refuseVoucher(
            voucher, artist, _signVoucher(FORGER_KEY, voucher), _invalid(voucher, artist)
        );

        _redeem(_voucher());

        vm.assertEq(works.ownerOf(_idOf(artist, LAZY)), buyer);
    }

    function _creator(Receiver.Manner manner) private returns (Receiver creator) {
        creator = new Receiver(manner);
        creator.act(address(collection), abi.encodeCall(ICollection.setMinter, (minter, true)));
    }

    function _voucherOf(address creator) private view returns (Voucher memory voucher) {
        voucher = _voucher();
        voucher.tokenId = _idOf(creator, LAZY);
    }

    /// @dev Every manner but the first, which takes coin.
    function _refusing(uint8 manner) private pure returns (Receiver.Manner) {
        return Receiver.Manner(bound(manner, 1, uint8(type(Receiver.Manner).max)));
    }

    function _nothing(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, account, COIN);
    }

    function _guarded() private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
    }
}
