// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetGuardian_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotOwner() external {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", guardian));
        exchange.setGuardian(forger);
    }

    function test_WhenGuardianNamed() external {
        // It should emit {GuardianChanged}.
        vm.prank(owner);
        vm.expectEmit(address(exchange));
        emit IGoverned.GuardianChanged(studio);
        exchange.setGuardian(studio);

        // It should let the new one pause and not the old.
        vm.assertEq(exchange.guardian(), studio);
        vm.prank(guardian);
        vm.expectRevert(_reason(IGoverned.Governed_NotGuardian.selector, uint160(guardian)));
        exchange.pause();
        vm.prank(studio);
        exchange.pause();
    }

    function test_WhenGuardianZero() external {
        vm.prank(owner);
        exchange.setGuardian(address(0));

        // It should let nobody pause.
        vm.prank(guardian);
        vm.expectRevert(_reason(IGoverned.Governed_NotGuardian.selector, uint160(guardian)));
        exchange.pause();
    }
}
