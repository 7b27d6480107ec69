// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ICollectionFactory
/// @notice Deploys collections of artists as clones of the house collection, at addresses that
/// depend on the artist and nobody else.
interface ICollectionFactory {
    event CollectionCreated(
        address indexed collection, address indexed artist, string name, string symbol
    );

    error CollectionFactory_NameEmpty();
    error CollectionFactory_TextTooLong(uint256 length, uint256 maxLength);

    /// @notice Deploys a collection whose artist is the caller.
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
