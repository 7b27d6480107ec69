// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One receiver's part of everything that a splitter is paid.
struct Share {
    address receiver;
    uint16 bps;
}

/// @title ISplitter
/// @notice Divides what it is paid, in coin or any ERC-20, by shares that nobody can change.
///
/// @dev Each receiver is owed the share of all that ever came in, rounded down, less what was
/// released. What rounding leaves (less than one unit a receiver) waits for the next payment; nothing
/// is ever lost, and the amounts never depend on who draws first. A receiver who refuses a payment
/// stops nobody else.
interface ISplitter {
    event Released(address indexed receiver, address currency, uint256 amount);

    /// @notice Thrown when coin is sent to the code that splitters share, which has no receivers.
    error Splitter_NoShares();

    error Splitter_NothingToRelease(address receiver, address currency);
    error Splitter_ReleaseRefused(address receiver, address currency);

    /// @notice Sends a receiver what is owed; anyone may call. Zero is the chain's own coin.
    ///
    /// @dev Emits a {Released} event. Reverts when nothing is owed or the receiver refuses it.
    function release(address receiver, address currency) external;

    /// @notice What a receiver is owed at this moment.
    function releasable(address receiver, address currency) external view returns (uint256 amount);

    /// @notice What a receiver, or all together, were sent.
    function released(address receiver, address currency) external view returns (uint256 amount);
    function totalReleased(address currency) external view returns (uint256 amount);

    /// @notice The receivers, ascending, and their shares: 10,000 bps together.
    function shares() external view returns (Share[] memory);
}

/// @title ISplitterFactory
/// @notice Deploys splitters as clones whose address depends on the shares alone, so that it can be
/// named as a royalty's receiver before it exists.
///
/// @dev The clone's arguments are the shares, 22 bytes each: receiver, and basis points big-endian.
interface ISplitterFactory {
    event SplitterCreated(address indexed splitter, Share[] shares);

    error SplitterFactory_SharesNotWhole(uint256 bps);
    error SplitterFactory_TooFewReceivers(uint256 receivers);
    error SplitterFactory_TooManyReceivers(uint256 receivers, uint256 maxReceivers);
    error SplitterFactory_ReceiverInvalid(address receiver);
    error SplitterFactory_ShareZero(address receiver);

    /// @notice Deploys the splitter of these shares, or answers where it is. Receivers ascend and
    /// are each named once, 2 to 32 of them.
    function create(Share[] calldata shares) external returns (address splitter);

    /// @notice Where the splitter of these shares is or would be. Reverts as {create} does, so that
    /// nobody names an address that can never have code.
    function predict(Share[] calldata shares) external view returns (address splitter);

    /// @notice The code that every splitter runs.
    function implementation() external view returns (address);
}
