// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract RoyaltyInfo_Unit_Test is Base {
    function test_GivenNoSuchWork() external view {
        (address receiver, uint256 amount) = collection.royaltyInfo(tokenId + 1, PRICE);

        // It should name the creator and nothing.
        vm.assertEq(receiver, artist);
        vm.assertEq(amount, 0);
    }

    function test_WhenPriceAtItsGreatest() external view {
        (, uint256 amount) = collection.royaltyInfo(tokenId, type(uint256).max);

        // It should answer exactly.
        vm.assertEq(amount, type(uint256).max / 20);
    }

    function test_WhenPriceOneWei() external view {
        (, uint256 amount) = collection.royaltyInfo(tokenId, 1);

        // It should round down to zero.
        vm.assertEq(amount, 0);
    }

    function test_WhenPriceOrdinary() external view {
        (, uint256 amount) = collection.royaltyInfo(tokenId, 999);

        // It should answer the share rounded down.
        vm.assertEq(amount, 49);
    }
}
