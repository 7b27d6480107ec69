// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721A} from "../../node_modules/erc721a/contracts/ERC721A.sol";
import {ERC721 as SoladyERC721} from "solady/tokens/ERC721.sol";

/// @notice OpenZeppelin's ERC-721 behind a variable of its own: owners begin a slot later.
contract ShiftedToken is Ownable, ERC721 {
    constructor() Ownable(msg.sender) ERC721("Shifted", "SHIFT") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }
}

/// @notice Solady's ERC-721, which keeps other data beside the owner.
contract SoladyToken is SoladyERC721 {
    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
        _setExtraData(tokenId, type(uint96).max);
    }

    function burn(uint256 tokenId) external {
        _burn(tokenId);
    }

    function name() public pure override returns (string memory) {
        return "Solady";
    }

    function symbol() public pure override returns (string memory) {
        return "SOLADY";
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }
}

/// @notice ERC-721A, which writes the owner of a row of works once. The first id is 1.
contract RowToken is ERC721A {
    constructor() ERC721A("Row", "ROW") {}

    function mint(address to, uint256 quantity) external {
        _mint(to, quantity);
    }

    function burn(uint256 tokenId) external {
        _burn(tokenId);
    }

    function _startTokenId() internal pure override returns (uint256) {
        return 1;
    }
}

/// @notice Owners where OpenZeppelin's upgradeable ERC-721 keeps them (ERC-7201).
contract NamespacedToken {
    struct ERC721Storage {
        string name;
        string symbol;
        mapping(uint256 tokenId => address owner) owners;
    }

    bytes32 private constant LOCATION =
        0x80bb2b638cc20bc4d0a60d66940f3ab4a00c1d7b313497ca82fb0b4ab0079300;

    function mint(address to, uint256 tokenId) external {
        _storage().owners[tokenId] = to;
    }

    function ownerOf(uint256 tokenId) external view returns (address) {
        return _storage().owners[tokenId];
    }

    function _storage() private pure returns (ERC721Storage storage found) {
        assembly ("memory-safe") {
            found.slot := LOCATION
        }
    }
}
