// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {
    ERC721Consecutive
} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Consecutive.sol";

/// @notice A collection of somebody else's that mints its first works by ERC-2309, in ranges, when
/// it is created, and says by ERC-4906 when their description changes. Anyone may do anything.
contract ConsecutiveToken is ERC721Consecutive {
    mapping(uint256 tokenId => string uri) private _uris;

    constructor(string memory name, address[] memory receivers, uint96[] memory sizes)
        ERC721(name, "RANGE")
    {
        for (uint256 i = 0; i < receivers.length; ++i) {
            _mintConsecutive(receivers[i], sizes[i]);
        }
    }

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function burn(uint256 tokenId) external {
        _burn(tokenId);
    }

    function setTokenURI(uint256 tokenId, string calldata uri) external {
        _uris[tokenId] = uri;
        emit IERC4906.MetadataUpdate(tokenId);
    }

    function refresh(uint256 fromTokenId, uint256 toTokenId) external {
        emit IERC4906.BatchMetadataUpdate(fromTokenId, toTokenId);
    }

    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        return _uris[tokenId];
    }
}
