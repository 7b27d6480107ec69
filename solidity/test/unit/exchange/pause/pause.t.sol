// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Pause_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotGuardian() external {
        vm.prank(owner);
        vm.expectRevert(_reason(IGoverned.Governed_NotGuardian.selector, uint160(owner)));
        exchange.pause();
    }

    function test_RevertGiven_PausedWithin30Days() external {
        vm.startPrank(guardian);
        exchange.pause();
        vm.warp(NOW + 30 days - 1);
        vm.expectRevert(_reason(IGoverned.Governed_PausedTooRecently.selector, NOW + 30 days));
        exchange.pause();
        vm.warp(NOW + 30 days);
        exchange.pause();
        vm.stopPrank();

        vm.assertEq(exchange.pausedUntil(), NOW + 37 days);
    }

    function test_GivenNoRecentPause() external {
        // It should emit {Paused}.
        vm.prank(guardian);
        vm.expectEmit(address(exchange));
        emit IGoverned.Paused(guardian, NOW + 7 days);
        exchange.pause();

        // It should stop sales for 7 days.
        vm.assertFalse(exchange.isOpen());
        vm.assertEq(exchange.pausedUntil(), NOW + 7 days);
        vm.assertEq(exchange.mayPauseFrom(), NOW + 30 days);
        vm.warp(NOW + 7 days - 1);
        _refuse(_listing(), _reason(IGoverned.Governed_Paused.selector, NOW + 7 days));
        // It should end by itself.
        vm.warp(NOW + 7 days);
        vm.assertTrue(exchange.isOpen());
        _buy(_listing());
    }
}
