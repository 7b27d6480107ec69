// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter} from "../../../../src/interfaces/ISplitter.sol";
import {SplitterBase} from "../../../SplitterBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Receive_Unit_Test is SplitterBase {
    function test_RevertWhen_SentToTheCodeThatSplittersShare() external {
        address code = splitters.implementation();

        vm.prank(buyer);
        (bool success, bytes memory reason) = code.call{value: 1}("");

        vm.assertFalse(success);
        vm.assertEq(reason, abi.encodeWithSelector(ISplitter.Splitter_NoShares.selector));
    }

    function test_WhenSentToASplitter() external {
        vm.recordLogs();
        vm.cool(address(splitter));
        vm.cool(splitters.implementation());

        vm.prank(buyer);
        (bool success,) = address(splitter).call{value: 1 ether, gas: 4000}("");

        // It should take it with little gas.
        vm.assertTrue(success);
        vm.assertEq(address(splitter).balance, 1 ether);
        // It should write and say nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(splitter.totalReleased(COIN), 0);
    }
}
