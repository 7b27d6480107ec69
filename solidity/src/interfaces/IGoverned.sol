// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IGoverned
/// @notice All the power that the platform has: a fee with a ceiling whose rise waits in public, a
/// pause that ends by itself, and an end for good. It reaches nobody's works, money or orders.
interface IGoverned {
    /// @notice Emitted when a fee is set: at once when it falls, 7 days later when it rises.
    /// @param from The second from which it holds.
    event FeeChanged(uint16 feeBps, uint256 from);
    event FeeReceiverChanged(address indexed receiver);
    event GuardianChanged(address indexed guardian);
    event Paused(address indexed guardian, uint256 until);
    event Unpaused(address indexed guardian);
    event Retired();
    /// @notice Emitted when the fees kept so far go to the fee receiver.
    event FeesWithdrawn(address indexed receiver, address currency, uint256 amount);

    error Governed_FeeTooHigh(uint256 feeBps, uint256 maxFeeBps);
    error Governed_FeeReceiverZero();
    error Governed_NotGuardian(address caller);
    error Governed_PausedTooRecently(uint256 mayPauseFrom);
    error Governed_Paused(uint256 until);
    error Governed_Retired();
    error Governed_NoFees(address currency);
    error Governed_FeesRefused(address receiver, address currency);

    /// @notice Sets the fee, at most 500. A rise holds from 7 days on; a fall at once, and it takes
    /// back a rise that waits. Owner only.
    function setFee(uint16 feeBps) external;

    /// @notice Names who receives the fees. Owner only.
    function setFeeReceiver(address receiver) external;

    /// @notice Names the guardian; zero means none. Owner only.
    function setGuardian(address guardian) external;

    /// @notice Stops new sales for 7 days; guardian only, once in 30 days. Withdrawals, refunds,
    /// settlements and cancels go on.
    function pause() external;

    /// @notice Ends a pause early; guardian only.
    function unpause() external;

    /// @notice Ends new sales here for good; owner only. Everything that was owed stays owed.
    function retire() external;

    /// @notice Sends the fees kept so far to the fee receiver; anyone may call.
    function withdrawFees(address currency) external;

    /// @notice The fees kept and not withdrawn yet.
    function fees(address currency) external view returns (uint256 amount);

    /// @notice The platform's share of every price at this moment, rounded down.
    function feeBps() external view returns (uint256 bps);

    /// @notice The fee that is set and the second from which it holds.
    function nextFee() external view returns (uint256 bps, uint256 from);

    function feeReceiver() external view returns (address receiver);
    function guardian() external view returns (address account);

    /// @notice The second until which sales are stopped; past or zero means they are not.
    function pausedUntil() external view returns (uint256 timestamp);
    function mayPauseFrom() external view returns (uint256 timestamp);
    function isRetired() external view returns (bool retired);

    /// @notice Whether new sales are possible at this moment: neither paused nor retired.
    function isOpen() external view returns (bool open);
}
