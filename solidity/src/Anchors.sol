// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Anchor, IAnchors, PublishedKey} from "./interfaces/IAnchors.sol";

/// @title Anchors
/// @notice See {IAnchors}.
contract Anchors is IAnchors {
    mapping(address anchorer => mapping(uint256 day => Anchor)) private _anchors;
    mapping(address anchorer => PublishedKey[]) private _keys;

    /// @inheritdoc IAnchors
    function anchor(uint256 day, bytes32 root) external {
        // Check: a root of zero would look like none.
        if (root == bytes32(0)) revert Anchors_RootZero();

        // Check: the day has begun. A minute more or less, which a proposer could choose, is nothing.
        uint256 today = block.timestamp / 1 days;
        if (day > today) revert Anchors_DayInFuture(day, today);

        // Check: it is written once.
        Anchor storage kept = _anchors[msg.sender][day];
        if (kept.root != bytes32(0)) revert Anchors_AlreadyAnchored(msg.sender, day, kept.root);

        // Effect: the root, and when it came.
        kept.root = root;
        (kept.blockNumber, kept.timestamp) = (uint64(block.number), uint64(block.timestamp));

        emit Anchored(msg.sender, day, root);
    }

    /// @inheritdoc IAnchors
    function publishKey(bytes32 ed25519Key) external returns (uint256 index) {
        // Check: a key of zero would look like none.
        if (ed25519Key == bytes32(0)) revert Anchors_KeyZero();

        // Effect: one more behind those that are there.
        index = _keys[msg.sender].length;
        _keys[msg.sender].push(
            PublishedKey(ed25519Key, uint64(block.number), uint64(block.timestamp))
        );

        emit KeyPublished(msg.sender, index, ed25519Key);
    }

    /// @inheritdoc IAnchors
    function anchorOf(address anchorer, uint256 day) external view returns (Anchor memory) {
        return _anchors[anchorer][day];
    }

    /// @inheritdoc IAnchors
    function keyCountOf(address anchorer) external view returns (uint256) {
        return _keys[anchorer].length;
    }

    /// @inheritdoc IAnchors
    function keyOf(address anchorer, uint256 index) external view returns (PublishedKey memory) {
        return _keys[anchorer][index];
    }
}
