// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {Splitter} from "./Splitter.sol";
import {ISplitterFactory, Share} from "./interfaces/ISplitter.sol";
import {PackedShares} from "./libraries/PackedShares.sol";

/// @title SplitterFactory
/// @notice See {ISplitterFactory}.
contract SplitterFactory is ISplitterFactory {
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MIN_RECEIVERS = 2;
    uint256 private constant MAX_RECEIVERS = 32;

    address private immutable _implementation = address(new Splitter());

    /// @inheritdoc ISplitterFactory
    function create(Share[] calldata shares) external returns (address splitter) {
        splitter = predict(shares);
        if (splitter.code.length != 0) return splitter;

        Clones.cloneDeterministicWithImmutableArgs(
            _implementation, PackedShares.pack(shares), bytes32(0)
        );
        emit SplitterCreated(splitter, shares);
    }

    /// @inheritdoc ISplitterFactory
    function implementation() external view returns (address) {
        return _implementation;
    }

    /// @inheritdoc ISplitterFactory
    function predict(Share[] calldata shares) public view returns (address) {
        _check(shares);
        return Clones.predictDeterministicAddressWithImmutableArgs(
            _implementation, PackedShares.pack(shares), bytes32(0)
        );
    }

    /// @dev Receivers ascend, so that the same shares have one address and nobody is named twice.
    function _check(Share[] calldata shares) private pure {
        uint256 receivers = shares.length;
        if (receivers < MIN_RECEIVERS) revert SplitterFactory_TooFewReceivers(receivers);
        if (receivers > MAX_RECEIVERS) {
            revert SplitterFactory_TooManyReceivers(receivers, MAX_RECEIVERS);
        }

        address last = address(0);
        uint256 sum = 0;
        for (uint256 i = 0; i < receivers; ++i) {
            Share calldata share = shares[i];
            if (share.receiver <= last) revert SplitterFactory_ReceiverInvalid(share.receiver);
            if (share.bps == 0) revert SplitterFactory_ShareZero(share.receiver);
            last = share.receiver;
            sum += share.bps;
        }
        if (sum != WHOLE_BPS) revert SplitterFactory_SharesNotWhole(sum);
    }
}
