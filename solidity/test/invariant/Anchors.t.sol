// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AnchorsBase} from "../AnchorsBase.t.sol";
import {vm} from "../support/Vm.sol";
import {AnchorsHandler} from "./AnchorsHandler.sol";

/// @notice What was written stays as it is, whoever writes what afterwards.
contract Anchors_Invariants is AnchorsBase {
    uint256 private constant DEPTH = 150;

    AnchorsHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new AnchorsHandler(anchors, NOW, HEIGHT);
    }

    /// @dev forge asks which contracts it may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_ANC03_WrittenOnceAndNeverChanged() external view {
        _handler.check();
    }

    function afterInvariant() external view {
        if (_handler.total() < DEPTH / 2) return;
        (uint256 anchored, uint256 published) = _handler.written();
        vm.assertGt(anchored, 0);
        vm.assertGt(published, 0);
        vm.assertGt(_handler.refused(), 0);
    }
}
