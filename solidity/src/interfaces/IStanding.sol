// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IStanding
/// @notice What a maker has taken back. The exchange keeps it for everything that makers sign:
/// orders, auctions and vouchers share one counter and one row of nonces, so that one cancel
/// reaches all of them.
interface IStanding {
    /// @notice The maker's counter, and whether the nonce was used or cancelled. Never reverts.
    function standing(address maker, uint256 nonce)
        external
        view
        returns (uint256 counter, bool used);
}
