// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ITransferCount
/// @notice A collection that counts how often each of its works has changed hands, so that an
/// order can be bound to the ownership it was signed under.
///
/// @dev The ERC-165 id of this interface is the selector of its only function.
interface ITransferCount {
    /// @notice How often a work has moved: 0 at its mint, one more at every transfer (to oneself
    /// too) and at its burning. It never falls, and it stays when the work is burned.
    /// @dev Never reverts; 0 for a work that was never minted.
    function transferCount(uint256 tokenId) external view returns (uint256 count);
}
