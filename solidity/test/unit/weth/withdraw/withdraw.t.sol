// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IWeth} from "../../../support/IWeth.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract WethWithdraw_Unit_Test is Base {
    IWeth private weth;

    function setUp() public override {
        weth = IWeth(vm.deployCode("Weth.sol:Weth", ""));
        vm.deal(buyer, 3 ether);
        vm.prank(buyer);
        weth.deposit{value: 2 ether}();
    }

    function test_RevertWhen_AmountAboveBalance() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, buyer, 2 ether, 2 ether + 1
            )
        );
        vm.prank(buyer);
        weth.withdraw(2 ether + 1);
    }

    function test_RevertWhen_CallerRefusesCoin() external {
        vm.etch(buyer, hex"5f5ffd");

        vm.expectRevert();
        vm.prank(buyer);
        weth.withdraw(1);

        vm.assertEq(weth.balanceOf(buyer), 2 ether);
    }

    function test_WhenAmountWithinBalance() external {
        // It should emit {Withdrawal}.
        vm.expectEmit(address(weth));
        emit IWeth.Withdrawal(buyer, 0.5 ether);
        vm.prank(buyer);
        weth.withdraw(0.5 ether);

        // It should burn the amount.
        vm.assertEq(weth.balanceOf(buyer), 1.5 ether);
        vm.assertEq(weth.totalSupply(), 1.5 ether);
        // It should send the coin.
        vm.assertEq(buyer.balance, 1.5 ether);
    }
}
