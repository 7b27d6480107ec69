// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {CollectionBase} from "../CollectionBase.t.sol";
import {OddCoin} from "../doubles/OddCoin.sol";
import {vm} from "../support/Vm.sol";

/// @notice Vouchers in ERC-20 currencies of every kind: cases PAY-05 and PAY-07.
contract VoucherCurrencies_Cases is CollectionBase {
    OddCoin private _coin;
    uint256 private _fee = _feeOf(PRICE);

    function setUp() public override {
        super.setUp();
        _coin = new OddCoin(OddCoin.Manner.Behaves);
        _coin.mint(buyer, PRICE);
        vm.prank(buyer);
        _coin.approve(address(collection), PRICE);
    }

    function test_PAY05_CurrencyThatReturnsNothing() external {
        _coin.become(OddCoin.Manner.ReturnsNothing);

        _redeem(_priced());

        vm.assertEq(_coin.balanceOf(artist), PRICE - _fee);
        vm.assertEq(_coin.balanceOf(platform), _fee);
    }

    function test_PAY05_CurrencyThatReturnsFalse() external {
        _coin.become(OddCoin.Manner.ReturnsFalse);

        _refuseAll(_notPaid(platform, _fee));
    }

    function test_PAY05_CurrencyThatReverts() external {
        _coin.become(OddCoin.Manner.Reverts);

        _refuseAll(_notPaid(platform, _fee));
    }

    function test_PAY05_CurrencyWithoutCode() external {
        Voucher memory voucher = _priced();
        voucher.currency = address(0xc0de);

        vm.prank(buyer);
        (bool success,) = address(collection)
            .call(
                abi.encodeCall(
                    ICollection.redeem, (voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0)
                )
            );

        vm.assertFalse(success);
        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_PAY05_CurrencyThatTakesAFee() external {
        _coin.become(OddCoin.Manner.TakesFee);

        _refuseAll(_notPaid(platform, _fee));
    }

    function test_PAY05_CurrencyThatMovesNothing() external {
        _coin.become(OddCoin.Manner.MovesNothing);

        _refuseAll(_notPaid(platform, _fee));
    }

    function test_PAY05_CurrencyThatBlocksTheCreator() external {
        _coin.block_(artist, true);

        _redeem(_priced());

        // The work is sold, and what the creator is owed lies here until it can leave.
        vm.assertEq(works.ownerOf(_idOf(artist, LAZY)), buyer);
        vm.assertEq(collection.credit(artist, address(_coin)), PRICE - _fee);
        vm.assertEq(collection.totalCredit(address(_coin)), PRICE - _fee);
        vm.assertEq(_coin.balanceOf(address(collection)), PRICE - _fee);

        vm.prank(artist);
        collection.withdraw(address(_coin), studio);
        vm.assertEq(_coin.balanceOf(studio), PRICE - _fee);
        vm.assertEq(collection.totalCredit(address(_coin)), 0);
    }

    function test_PAY05_CurrencyThatBlocksTheFeeReceiver() external {
        _coin.block_(platform, true);

        _redeem(_priced());

        vm.assertEq(collection.credit(platform, address(_coin)), _fee);
        vm.assertEq(_coin.balanceOf(artist), PRICE - _fee);
    }

    function test_PAY05_CurrencyThatBlocksEverybody() external {
        _coin.block_(platform, true);
        _coin.block_(address(collection), true);

        _refuseAll(_notPaid(platform, _fee));
    }

    function test_AllowanceTooSmall() external {
        vm.prank(buyer);
        _coin.approve(address(collection), PRICE - 1);

        _refuseAll(_notPaid(artist, PRICE - _fee));
    }

    function test_BalanceTooSmall() external {
        vm.prank(buyer);
        _coin.transfer(studio, 1);

        _refuseAll(_notPaid(artist, PRICE - _fee));
    }

    function test_PAY07_AllowanceOfOthersIsNotTouched() external {
        // The caller pays, whoever else has approved the collection.
        Voucher memory voucher = _priced();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        vm.prank(forger);
        vm.expectRevert(_notPaid(platform, _fee));
        collection.redeem(voucher, artist, signature, 0);

        vm.assertEq(_coin.balanceOf(buyer), PRICE);
    }

    function test_PAY05_CurrencyThatCallsBack() external {
        Voucher memory voucher = _priced();
        voucher.editionSize = 2;
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        _coin.arm(
            address(collection), abi.encodeCall(ICollection.redeem, (voucher, artist, signature, 1))
        );

        _redeem(voucher, artist, signature, 0);

        vm.assertEq(_coin.calls(), 2);
        vm.assertFalse(_coin.succeeded());
        vm.assertEq(uint256(collection.ownershipWord(voucher.tokenId + 1)), 0);
    }

    function test_PAY05_CurrencyThatCallsBackForCredit() external {
        // The currency is owed credit itself, and draws it in the middle of a sale.
        Voucher memory voucher = _priced();
        _coin.arm(
            address(collection),
            abi.encodeCall(ICredits.withdrawFor, (address(_coin), address(_coin)))
        );

        _redeem(voucher);

        vm.assertFalse(_coin.succeeded());
    }

    function test_GiftInACurrencyMovesNothing() external {
        Voucher memory voucher = _priced();
        voucher.price = 0;
        _coin.become(OddCoin.Manner.Reverts);

        _redeem(voucher);

        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(_coin.balanceOf(buyer), PRICE);
    }

    function test_CreatorBuysTheOwnWork() external {
        Voucher memory voucher = _priced();
        _coin.mint(artist, PRICE);
        vm.startPrank(artist);
        _coin.approve(address(collection), PRICE);
        collection.redeem(voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0);
        vm.stopPrank();

        vm.assertEq(_coin.balanceOf(artist), PRICE - _fee);
        vm.assertEq(works.balanceOf(artist), 1);
        vm.assertEq(collection.transferCount(voucher.tokenId), 1);
    }

    function _priced() private view returns (Voucher memory voucher) {
        voucher = _voucher();
        voucher.currency = address(_coin);
    }

    function _refuseAll(bytes memory reason) private {
        uint256 held = _coin.balanceOf(buyer);

        _refuseVoucher(_priced(), reason);

        vm.assertEq(_coin.balanceOf(buyer), held);
        vm.assertEq(_coin.balanceOf(address(collection)), 0);
        vm.assertEq(collection.totalCredit(address(_coin)), 0);
    }

    function _notPaid(address to, uint256 amount) private view returns (bytes memory) {
        return abi.encodeWithSelector(ICredits.Credits_NotPaid.selector, address(_coin), to, amount);
    }
}
