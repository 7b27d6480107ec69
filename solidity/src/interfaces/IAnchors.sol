// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What somebody anchored for a day, and when the chain learned of it.
struct Anchor {
    bytes32 root;
    uint64 blockNumber;
    uint64 timestamp;
}

/// @notice An Ed25519 key that somebody signs documents with, and since when the chain knows it.
struct PublishedKey {
    bytes32 key;
    uint64 blockNumber;
    uint64 timestamp;
}

/// @title IAnchors
/// @notice Keeps one hash for each account and day, and each account's signing keys, in storage that
/// every later block proves.
///
/// @dev Everything is written in the caller's own name, once, and never changes; there is no owner.
/// Whose name is worth believing is for the reader to know. A day is a Unix day in UTC,
/// `timestamp / 86400`. The mapping of anchors lies at slot 0, that of keys at slot 1; both structs
/// take two words, the hash or key first.
interface IAnchors {
    event Anchored(address indexed anchorer, uint256 indexed day, bytes32 root);
    event KeyPublished(address indexed anchorer, uint256 indexed index, bytes32 key);

    /// @notice Thrown when the root is zero, which stands for a day without an anchor.
    error Anchors_RootZero();

    /// @notice Thrown when the day did not begin yet.
    error Anchors_DayInFuture(uint256 day, uint256 today);

    /// @notice Thrown when the caller anchored that day before.
    error Anchors_AlreadyAnchored(address anchorer, uint256 day, bytes32 root);

    /// @notice Thrown when the key is zero.
    error Anchors_KeyZero();

    /// @notice Keeps a day's root in the caller's name, for ever.
    ///
    /// @dev Emits an {Anchored} event.
    ///
    /// Requirements:
    /// - `root` must not be zero.
    /// - `day` must be today or earlier.
    /// - The caller must not have anchored that day.
    ///
    /// @param day The Unix day in UTC that the root stands for.
    /// @param root The root of whatever tree the caller tells people of.
    function anchor(uint256 day, bytes32 root) external;

    /// @notice Adds a key to those that the caller signs documents with.
    ///
    /// @dev Emits a {KeyPublished} event. That the key is the caller's is the caller's word alone.
    ///
    /// Requirements:
    /// - `ed25519Key` must not be zero.
    ///
    /// @param ed25519Key The 32 bytes of the public key.
    /// @return index Its place among the caller's keys, from 0.
    function publishKey(bytes32 ed25519Key) external returns (uint256 index);

    /// @notice What an account anchored for a day; zeros when nothing.
    function anchorOf(address anchorer, uint256 day) external view returns (Anchor memory);

    /// @notice How many keys an account published.
    function keyCountOf(address anchorer) external view returns (uint256);

    /// @notice A key of an account. Reverts where there is none.
    function keyOf(address anchorer, uint256 index) external view returns (PublishedKey memory);
}
