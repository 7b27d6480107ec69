// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IERC7572
/// @notice Metadata of a whole collection (ERC-7572).
interface IERC7572 {
    /// @notice Emitted when the collection's metadata is set.
    event ContractURIUpdated();

    /// @notice Where the collection's metadata is; empty when there is none.
    function contractURI() external view returns (string memory uri);
}
