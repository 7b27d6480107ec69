// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice A collection with an authority that moves works as it likes, and counts if asked.
contract SeizableToken is ERC721 {
    mapping(uint256 tokenId => uint256 count) public transferCount;

    constructor() ERC721("Seizable", "S") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function seize(address to, uint256 tokenId) external {
        ++transferCount[tokenId];
        _transfer(_ownerOf(tokenId), to, tokenId);
    }

    function ownerAndCount(uint256 tokenId) external view returns (address, uint256) {
        return (_ownerOf(tokenId), transferCount[tokenId]);
    }

    function transferFrom(address from, address to, uint256 tokenId) public override {
        ++transferCount[tokenId];
        super.transferFrom(from, to, tokenId);
    }
}

/// @notice A collection from before ERC-721 was final: a holder also moves works by the call that
/// moves amounts of a currency.
contract KittyToken is ERC721 {
    constructor() ERC721("Kitty", "K") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function transfer(address to, uint256 tokenId) external returns (bool) {
        _transfer(msg.sender, to, tokenId);
        return true;
    }
}

/// @notice Pretends to move works whose owner is another: the call succeeds and does nothing. It
/// counts what it moves.
contract SilentToken is ERC721 {
    mapping(uint256 tokenId => uint256 count) public transferCount;

    constructor() ERC721("Silent", "Q") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function transferFrom(address from, address to, uint256 tokenId) public override {
        if (_ownerOf(tokenId) != from) return;
        ++transferCount[tokenId];
        _transfer(from, to, tokenId);
    }

    function ownerAndCount(uint256 tokenId) external view returns (address, uint256) {
        return (_ownerOf(tokenId), transferCount[tokenId]);
    }
}

/// @notice Needs much gas to move a work, though not more than any block has.
contract HeavyToken is ERC721 {
    uint256 private _rounds;
    uint256 private _sink;

    constructor() ERC721("Heavy", "H") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function weigh(uint256 rounds) external {
        _rounds = rounds;
    }

    function transferFrom(address from, address to, uint256 tokenId) public override {
        uint256 found = tokenId;
        for (uint256 i = 0; i < _rounds; ++i) {
            found = uint256(keccak256(abi.encode(found)));
        }
        _sink = found;
        super.transferFrom(from, to, tokenId);
    }
}
