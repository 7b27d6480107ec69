// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetFee_Unit_Test is ExchangeBase {
    function test_RevertWhen_CallerNotOwner() external {
        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", forger));
        exchange.setFee(0);
    }

    function test_RevertWhen_FeeAbove500Bps() external {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_FeeTooHigh.selector, 501, 500));
        exchange.setFee(501);
    }

    function test_WhenFeeRises() external {
        // It should emit {FeeChanged}.
        vm.prank(owner);
        vm.expectEmit(address(exchange));
        emit IGoverned.FeeChanged(500, NOW + 7 days);
        exchange.setFee(500);

        // It should keep the present fee for 7 days.
        (uint256 bps, uint256 from) = exchange.nextFee();
        vm.assertEq(bps, 500);
        vm.assertEq(from, NOW + 7 days);
        vm.warp(NOW + 7 days - 1);
        vm.assertEq(exchange.feeBps(), FEE_BPS);
        // It should take the new fee from then on.
        vm.warp(NOW + 7 days);
        vm.assertEq(exchange.feeBps(), 500);
    }

    function test_WhenFeeFalls() external {
        vm.prank(owner);
        exchange.setFee(FEE_BPS - 1);

        // It should take the new fee at once.
        vm.assertEq(exchange.feeBps(), FEE_BPS - 1);
    }

    function test_WhenFeeFallsWhileARiseWaits() external {
        vm.startPrank(owner);
        exchange.setFee(500);
        exchange.setFee(FEE_BPS);
        vm.stopPrank();

        // It should take back the rise.
        vm.warp(NOW + 8 days);
        vm.assertEq(exchange.feeBps(), FEE_BPS);
    }
}
