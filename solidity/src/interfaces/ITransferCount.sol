// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ITransferCount
/// @notice A collection that counts how often each of its works has changed hands, so that an
/// order can be bound to the ownership it was signed under.
///
/// @dev Its ERC-165 id is the exclusive or of both selectors, 0xcaf1690e. Neither function ever
/// reverts: a work that was never minted has no owner and the count 0.
interface ITransferCount {
    /// @notice How often a work has moved: 0 at its mint, one more at every transfer (to oneself
    /// too) and at its burning. It never falls, and it stays when the work is burned.
    function transferCount(uint256 tokenId) external view returns (uint256 count);

    /// @notice Who owns a work, zero for nobody, and how often it has moved, in one answer.
    function ownerAndCount(uint256 tokenId) external view returns (address owner, uint256 count);
}
