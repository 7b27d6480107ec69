// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter} from "../../src/interfaces/ISplitter.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {SplitterBase} from "../SplitterBase.t.sol";
import {OddCoin} from "../doubles/OddCoin.sol";
import {vm} from "../support/Vm.sol";

/// @notice A splitter of ERC-20 currencies of every kind: case PAY-05.
contract SplitterCurrencies_Cases is SplitterBase {
    function test_GreatestAmountDoesNotOverflow() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(address(splitter), type(uint256).max);

        splitter.release(artist, address(coin));

        vm.assertEq(coin.balanceOf(artist), type(uint256).max / 10 * 6 + 3);
    }

    function test_PAY05_SplitTokenThatCallsBackBeforeItMoves() external {
        // The books say released while the balance has not fallen yet: nobody may profit from it.
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(address(splitter), 100);
        coin.arm(address(splitter), abi.encodeCall(ISplitter.release, (studio, address(coin))));

        splitter.release(artist, address(coin));

        vm.assertEq(coin.calls(), 1);
        vm.assertFalse(coin.succeeded());
        vm.assertEq(coin.balanceOf(studio), 0);
        vm.assertEq(splitter.releasable(studio, address(coin)), 30);
    }

    function test_PAY05_SplitTokenThatReturnsNothing() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.ReturnsNothing);
        coin.mint(address(splitter), 100);

        splitter.release(artist, address(coin));

        vm.assertEq(coin.balanceOf(artist), 60);
    }

    function test_PAY05_SplitTokenThatReturnsFalseOrReverts() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.ReturnsFalse);
        coin.mint(address(splitter), 100);
        bytes memory reason = abi.encodeWithSelector(
            ISplitter.Splitter_ReleaseRefused.selector, artist, address(coin)
        );

        vm.expectRevert(reason);
        splitter.release(artist, address(coin));
        coin.become(OddCoin.Manner.Reverts);
        vm.expectRevert(reason);
        splitter.release(artist, address(coin));

        vm.assertEq(splitter.released(artist, address(coin)), 0);
    }

    function test_PAY05_SplitTokenThatTakesAFee() external {
        // What leaves is exact; what the currency keeps is between it and the receiver.
        OddCoin coin = new OddCoin(OddCoin.Manner.TakesFee);
        coin.mint(address(splitter), 10_000);

        splitter.release(artist, address(coin));

        vm.assertEq(coin.balanceOf(artist), 5940);
        vm.assertEq(splitter.releasable(studio, address(coin)), 3000);
    }

    function test_PAY05_SplitTokenThatTakesBack() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(address(splitter), 100);
        splitter.release(artist, address(coin));
        coin.burn(address(splitter), 20);

        // Of 80 that are left of all, the artist had more than the share, and the others wait.
        vm.assertEq(splitter.releasable(artist, address(coin)), 0);
        vm.assertEq(splitter.releasable(studio, address(coin)), 24);
    }

    function test_PAY05_SplitTokenWithoutCode() external {
        vm.expectRevert();
        splitter.release(artist, address(0xc0de));
    }

    function test_SplitterIsPushedTheCreditItCannotDraw() external {
        // A payout that a splitter did not take: here a token blocked it for a while.
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(buyer, PRICE);
        coin.block_(address(splitter), true);
        vm.prank(buyer);
        coin.approve(address(collection), PRICE);
        Voucher memory voucher = _voucher();
        voucher.currency = address(coin);
        voucher.feeReceiver = address(splitter);
        _redeem(voucher);
        vm.assertEq(collection.credit(address(splitter), address(coin)), _feeOf(PRICE));

        coin.block_(address(splitter), false);
        vm.prank(forger);
        collection.withdrawFor(address(splitter), address(coin));

        vm.assertEq(splitter.releasable(artist, address(coin)), _feeOf(PRICE) * 6 / 10);
    }
}
