// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ICredits
/// @notice Payouts that their receiver refused, kept until they are drawn. A currency of zero is
/// the chain's own coin.
interface ICredits {
    /// @notice Emitted when a payout was refused and is kept for its owner.
    event Credited(address indexed account, address currency, uint256 amount);

    /// @notice Emitted when a credit leaves.
    event Withdrawn(address indexed account, address currency, uint256 amount, address to);

    error Credits_ReceiverZero();
    error Credits_NothingToWithdraw(address account, address currency);
    error Credits_WithdrawalRefused(address to, address currency);

    /// @notice Thrown when the transaction carries too little gas to give a call its full share.
    error Credits_GasTooLow(uint256 gasLeft, uint256 gasNeeded);

    /// @notice Thrown when an ERC-20 payment did not arrive in full, in neither way.
    error Credits_NotPaid(address currency, address to, uint256 amount);

    /// @notice Sends the caller's credit to `to`.
    /// @dev Emits a {Withdrawn} event. Reverts when `to` refuses it. Never paused.
    function withdraw(address currency, address to) external;

    /// @notice Sends the credit of `account` to `account`; anyone may call, for accounts that
    /// cannot (a splitter, a contract without such a call).
    /// @dev Emits a {Withdrawn} event. Reverts when the account refuses it. Never paused.
    function withdrawFor(address account, address currency) external;

    /// @notice What a refused payout left here for `account`.
    function credit(address account, address currency) external view returns (uint256 amount);

    /// @notice The sum of all credit in a currency.
    function totalCredit(address currency) external view returns (uint256 amount);
}
