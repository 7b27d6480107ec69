// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ICollectionFactory
/// @notice Deploys collections of artists as clones of the house collection, at addresses that
/// depend on the artist and nobody else.
interface ICollectionFactory {
    /// @notice Emitted when an artist has deployed a collection.
    event CollectionCreated(
        address indexed collection, address indexed artist, string name, string symbol
    );

    /// @notice Thrown when a name is empty, or a name or symbol longer than allowed.
    error CollectionFactory_NameEmpty();
    error CollectionFactory_TextTooLong(uint256 length, uint256 maxLength);

    /// @notice Deploys a collection whose artist is the caller.
    ///
    /// @dev Emits a {CollectionCreated} event. Reverts when the same was deployed before.
    ///
    /// @param name 1 to 64 bytes of UTF-8.
    /// @param symbol At most 16 bytes.
    /// @param contractDigest The SHA-256 digest of the collection's own description, or zero.
    /// @param salt Any number; with the artist and the arguments it gives the address.
    function create(
        string calldata name,
        string calldata symbol,
        bytes32 contractDigest,
        bytes32 salt
    ) external returns (address collection);

    /// @notice Where {create} would deploy.
    function predict(
        address artist,
        string calldata name,
        string calldata symbol,
        bytes32 contractDigest,
        bytes32 salt
    ) external view returns (address collection);

    /// @notice The house collection, whose code every clone runs.
    function house() external view returns (address implementation);

    /// @notice Whether a collection is the house or was deployed here.
    function isCollection(address collection) external view returns (bool ours);
}
