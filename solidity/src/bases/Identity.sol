// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {ICollection} from "../interfaces/ICollection.sol";
import {CloneArguments} from "../libraries/CloneArguments.sol";

/// @title Identity
/// @notice Whose collection it is and what it is called. See {ICollection}.
///
/// @dev The contract deployed whole is the house and keeps name and symbol in storage. A clone has
/// them, its artist and its description in its own code, `abi.encode(artist, contractDigest, name,
/// symbol)`: there is no initialiser that anybody could call first, in the house or in a clone.
abstract contract Identity is ICollection {
    string private _houseName;
    string private _houseSymbol;
    bytes32 private immutable _houseDigest;
    address private immutable _house = address(this);

    constructor(string memory name_, string memory symbol_, bytes32 contractDigest_) {
        _houseName = name_;
        _houseSymbol = symbol_;
        _houseDigest = contractDigest_;
    }

    /// @inheritdoc ICollection
    function artist() public view returns (address) {
        return _isHouse() ? address(0) : CloneArguments.first();
    }

    function _name() internal view returns (string memory text) {
        if (_isHouse()) return _houseName;
        (,, text,) = _arguments();
    }

    function _symbol() internal view returns (string memory text) {
        if (_isHouse()) return _houseSymbol;
        (,,, text) = _arguments();
    }

    /// @dev The description that the collection was deployed with.
    function _firstContractDigest() internal view returns (bytes32 digest) {
        if (_isHouse()) return _houseDigest;
        (, digest,,) = _arguments();
    }

    /// @dev In an artist's collection that artist is the only creator.
    function _checkCreatesHere(address creator) internal view {
        if (_isHouse()) return;
        address only = CloneArguments.first();
        if (creator != only) revert Collection_NotArtist(creator, only);
    }

    function _isHouse() internal view returns (bool) {
        return address(this) == _house;
    }

    function _arguments()
        private
        view
        returns (address, bytes32 digest, string memory name_, string memory symbol_)
    {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (address, bytes32, string, string));
    }
}
