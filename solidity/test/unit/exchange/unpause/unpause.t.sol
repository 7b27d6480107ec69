// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Unpause_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotGuardian() external {
        vm.prank(forger);
        vm.expectRevert(_reason(IGoverned.Governed_NotGuardian.selector, uint160(forger)));
        exchange.unpause();
    }

    function test_WhenCallerGuardian() external {
        vm.startPrank(guardian);
        exchange.pause();

        // It should emit {Unpaused}.
        vm.expectEmit(address(exchange));
        emit IGoverned.Unpaused(guardian);
        exchange.unpause();

        // It should open at once.
        vm.assertTrue(exchange.isOpen());
        // It should not allow another pause earlier.
        vm.expectRevert(_reason(IGoverned.Governed_PausedTooRecently.selector, NOW + 30 days));
        exchange.pause();
        vm.stopPrank();
        _buy(_listing());
    }
}
