// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter} from "../../../../src/interfaces/ISplitter.sol";
import {SplitterBase} from "../../../SplitterBase.t.sol";
import {OddCoin} from "../../../doubles/OddCoin.sol";
import {RefusingDelegate} from "../../../doubles/Wallets.sol";
import {vm} from "../../../support/Vm.sol";

contract Release_Unit_Test is SplitterBase {
    function test_RevertGiven_NothingCameIn() external {
        vm.expectRevert(_nothing(artist));
        splitter.release(artist, COIN);
    }

    function test_RevertGiven_ReleasedBefore() external {
        _pay(100);
        splitter.release(artist, COIN);

        vm.expectRevert(_nothing(artist));
        splitter.release(artist, COIN);

        vm.assertEq(address(splitter).balance, 40);
    }

    function test_RevertWhen_ReceiverHasNoShare() external {
        _pay(100);

        vm.expectRevert(_nothing(forger));
        splitter.release(forger, COIN);

        vm.assertEq(address(splitter).balance, 100);
    }

    function test_RevertWhen_ReceiverRefusesCoin() external {
        _pay(100);
        vm.etch(studio, address(new RefusingDelegate()).code);

        vm.expectRevert(
            abi.encodeWithSelector(ISplitter.Splitter_ReleaseRefused.selector, studio, COIN)
        );
        splitter.release(studio, COIN);

        // Nobody else is stopped, and nothing is lost.
        vm.assertEq(splitter.releasable(studio, COIN), 30);
        splitter.release(platform, COIN);
        vm.assertEq(platform.balance, 10);
    }

    function test_RevertWhen_TokenRefusesTheReceiver() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(address(splitter), 100);
        coin.block_(studio, true);

        vm.expectRevert(
            abi.encodeWithSelector(
                ISplitter.Splitter_ReleaseRefused.selector, studio, address(coin)
            )
        );
        splitter.release(studio, address(coin));

        vm.assertEq(splitter.releasable(studio, address(coin)), 30);
    }

    function test_RevertWhen_CalledOnTheCodeThatSplittersShare() external {
        ISplitter code = ISplitter(splitters.implementation());
        vm.deal(address(code), 100);

        vm.expectRevert(_nothing(artist));
        code.release(artist, COIN);

        vm.assertEq(code.shares().length, 0);
    }

    function test_GivenOneUnitCameIn() external {
        _pay(1);

        // It should leave it for the next payment.
        vm.assertEq(splitter.releasable(artist, COIN), 0);
        _pay(1);
        vm.assertEq(splitter.releasable(artist, COIN), 1);
    }

    function test_GivenMoreCameInSince() external {
        _pay(101);
        splitter.release(studio, COIN);
        _pay(99);

        splitter.release(studio, COIN);

        // It should send the rest of the share of all.
        vm.assertEq(studio.balance, 60);
        vm.assertEq(splitter.released(studio, COIN), 60);
    }

    function test_WhenCurrencyAToken() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(address(splitter), 105);

        splitter.release(artist, address(coin));

        // It should send the share of it.
        vm.assertEq(coin.balanceOf(artist), 63);
        vm.assertEq(splitter.released(artist, address(coin)), 63);
        vm.assertEq(splitter.released(artist, COIN), 0);
    }

    function test_GivenCoinCameIn() external {
        _pay(105);
        uint256 before = artist.balance;

        // It should emit {Released}.
        vm.expectEmit(address(splitter));
        emit ISplitter.Released(artist, COIN, 63);
        vm.prank(forger);
        splitter.release(artist, COIN);

        // It should send the share rounded down.
        vm.assertEq(artist.balance, before + 63);
        // It should count what it sent.
        vm.assertEq(splitter.released(artist, COIN), 63);
        vm.assertEq(splitter.totalReleased(COIN), 63);
        // It should leave the others theirs.
        vm.assertEq(splitter.releasable(studio, COIN), 31);
        vm.assertEq(splitter.releasable(platform, COIN), 10);
        vm.assertEq(address(splitter).balance, 42);
    }

    function _nothing(address receiver) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISplitter.Splitter_NothingToRelease.selector, receiver, COIN);
    }
}
