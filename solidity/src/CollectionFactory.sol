// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {ICollectionFactory} from "./interfaces/ICollectionFactory.sol";

/// @title CollectionFactory
/// @notice See {ICollectionFactory}.
contract CollectionFactory is ICollectionFactory {
    uint256 private constant MAX_NAME_LENGTH = 64;
    uint256 private constant MAX_SYMBOL_LENGTH = 16;

    address private immutable _house;

    mapping(address collection => bool made) private _made;

    /// @param house_ The house collection; every clone runs its code.
    constructor(address house_) {
        _house = house_;
    }

    /// @inheritdoc ICollectionFactory
    function create(
        string calldata name,
        string calldata symbol,
        bytes32 contractDigest,
        bytes32 salt
    ) external returns (address collection) {
        if (bytes(name).length == 0) revert CollectionFactory_NameEmpty();
        _checkLength(bytes(name).length, MAX_NAME_LENGTH);
        _checkLength(bytes(symbol).length, MAX_SYMBOL_LENGTH);

        collection = Clones.cloneDeterministicWithImmutableArgs(
            _house, _arguments(msg.sender, name, symbol, contractDigest), _saltOf(msg.sender, salt)
        );
        _made[collection] = true;
        emit CollectionCreated(collection, msg.sender, name, symbol);
    }

    /// @inheritdoc ICollectionFactory
    function predict(
        address artist,
        string calldata name,
        string calldata symbol,
        bytes32 contractDigest,
        bytes32 salt
    ) external view returns (address) {
        return Clones.predictDeterministicAddressWithImmutableArgs(
            _house, _arguments(artist, name, symbol, contractDigest), _saltOf(artist, salt)
        );
    }

    /// @inheritdoc ICollectionFactory
    function house() external view returns (address) {
        return _house;
    }

    /// @inheritdoc ICollectionFactory
    function isCollection(address collection) external view returns (bool) {
        return collection == _house || _made[collection];
    }

    /// @dev What a clone reads back from its own code; its artist comes first.
    function _arguments(
        address artist,
        string calldata name,
        string calldata symbol,
        bytes32 contractDigest
    ) private pure returns (bytes memory) {
        return abi.encode(artist, contractDigest, name, symbol);
    }

    /// @dev Bound to the artist, although the arguments are part of the address already.
    function _saltOf(address artist, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(artist, salt));
    }

    function _checkLength(uint256 length, uint256 maxLength) private pure {
        if (length > maxLength) revert CollectionFactory_TextTooLong(length, maxLength);
    }
}
