// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter, Share} from "../../src/interfaces/ISplitter.sol";
import {SplitterBase} from "../SplitterBase.t.sol";
import {OddCoin} from "../doubles/OddCoin.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {vm} from "../support/Vm.sol";
import {SplitterHandler} from "./SplitterHandler.sol";

/// @notice What stays true of a splitter, whoever pays and draws in whatever order.
contract Splitters_Invariants is SplitterBase {
    uint256 private constant DEPTH = 150;

    SplitterHandler private _handler;
    Share[] private _shares;

    function setUp() public override {
        super.setUp();
        Share[] memory shares = new Share[](4);
        uint16[4] memory bps = [uint16(1), 3333, 3333, 3333];
        for (uint256 i = 0; i < 4; ++i) {
            shares[i] = Share(address(new Receiver(Receiver.Manner.Accepts)), bps[i]);
        }
        _sort(shares);
        splitter = ISplitter(splitters.create(shares));
        for (uint256 i = 0; i < 4; ++i) {
            _shares.push(shares[i]);
        }
        _handler = new SplitterHandler(splitter, new OddCoin(OddCoin.Manner.Behaves));
    }

    /// @dev forge asks which contracts it may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_INV04_ReleasedAndHeldAreAllThatCameIn() external view {
        address token = address(_handler.token());
        vm.assertEq(splitter.totalReleased(COIN) + address(splitter).balance, _handler.cameIn(COIN));
        vm.assertEq(
            splitter.totalReleased(token) + _handler.token().balanceOf(address(splitter)),
            _handler.cameIn(token)
        );
    }

    function invariant_SharesAreExact() external view {
        _checkShares(COIN);
        _checkShares(address(_handler.token()));
    }

    function afterInvariant() external view {
        if (_handler.total() < DEPTH) return;
        bytes32[7] memory actions = [
            bytes32("payCoin"),
            "payDust",
            "payToken",
            "force",
            "releaseCoin",
            "releaseToken",
            "refuse"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            vm.assertGt(_handler.succeeded(actions[i]), 0);
        }
    }

    /// @dev Had and due together are the floor of the share of all; what is left is dust.
    function _checkShares(address currency) private view {
        uint256 cameIn = _handler.cameIn(currency);
        uint256 released;
        uint256 owed;
        for (uint256 i = 0; i < _shares.length; ++i) {
            address receiver = _shares[i].receiver;
            uint256 had = splitter.released(receiver, currency);
            uint256 due = splitter.releasable(receiver, currency);
            vm.assertEq(had, _handler.had(currency, receiver));
            vm.assertEq(had + due, cameIn * _shares[i].bps / 10_000);
            released += had;
            owed += due;
        }
        vm.assertEq(released, splitter.totalReleased(currency));
        vm.assertLe(cameIn - released - owed, _shares.length - 1);
    }
}
