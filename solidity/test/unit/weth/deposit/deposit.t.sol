// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWeth} from "../../../support/IWeth.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract WethDeposit_Unit_Test is Base {
    IWeth private weth;

    function setUp() public override {
        weth = IWeth(vm.deployCode("Weth.sol:Weth", ""));
        vm.deal(buyer, 3 ether);
    }

    function test_WhenCalled() external {
        // It should emit {Deposit}.
        vm.expectEmit(address(weth));
        emit IWeth.Deposit(buyer, 2 ether);
        vm.prank(buyer);
        weth.deposit{value: 2 ether}();

        // It should credit what is sent.
        vm.assertEq(weth.balanceOf(buyer), 2 ether);
        vm.assertEq(weth.totalSupply(), address(weth).balance);
    }

    function test_WhenCoinIsSentWithoutACall() external {
        vm.prank(buyer);
        (bool success,) = address(weth).call{value: 1 ether}("");

        // It should credit what is sent.
        vm.assertTrue(success);
        vm.assertEq(weth.balanceOf(buyer), 1 ether);
    }
}
