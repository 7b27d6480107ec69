// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @notice A collection of somebody else's whose works a crowd passes on, so that a long history is
/// quickly made. Anyone may move anything to holder 1 to 65,535, whose address follows from the
/// number.
/// @dev Sixteen owners in a word: a development node hashes all storage anew for every block.
contract CrowdToken is IERC165 {
    string public constant name = "Crowd";
    string public constant symbol = "CROWD";

    uint160 private constant SPREAD = 0xC8BA5FD2B6A7D9B1D1F5A49E3A7C2C5F1E6D0B;

    mapping(uint256 place => uint256 numbers) private _owners;
    mapping(uint256 place => uint256 counts) private _balances;

    /// @notice Each move is a holder's number (20 bytes) and a token id (12 bytes): a mint, if it
    /// is new.
    function move(uint256[] calldata moves) external {
        for (uint256 i = 0; i < moves.length; ++i) {
            uint256 tokenId = uint96(moves[i]);
            uint256 to = moves[i] >> 96;
            uint256 from = _replace(_owners, tokenId, 16, to);
            if (from != 0) {
                _replace(_balances, from, 32, _at(_balances, from, 32) - 1);
            }
            _replace(_balances, to, 32, _at(_balances, to, 32) + 1);
            emit IERC721.Transfer(holder(from), holder(to), tokenId);
        }
    }

    function ownerOf(uint256 tokenId) external view returns (address owner) {
        owner = holder(_at(_owners, tokenId, 16));
        require(owner != address(0), "nobody's");
    }

    function balanceOf(address owner) external view returns (uint256) {
        for (uint256 number = 1; number < 65_536; ++number) {
            if (holder(number) == owner) {
                return _at(_balances, number, 32);
            }
        }
        return 0;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC721).interfaceId || id == type(IERC165).interfaceId;
    }

    function holder(uint256 number) public pure returns (address) {
        unchecked {
            return address(uint160(number) * SPREAD);
        }
    }

    function _at(mapping(uint256 => uint256) storage words, uint256 index, uint256 bits)
        private
        view
        returns (uint256)
    {
        uint256 each = 256 / bits;
        return (words[index / each] >> (index % each * bits)) & ((1 << bits) - 1);
    }

    function _replace(
        mapping(uint256 => uint256) storage words,
        uint256 index,
        uint256 bits,
        uint256 value
    ) private returns (uint256 before) {
        uint256 each = 256 / bits;
        uint256 shift = index % each * bits;
        uint256 word = words[index / each];
        uint256 mask = (1 << bits) - 1;
        before = (word >> shift) & mask;
        words[index / each] = (word & ~(mask << shift)) | (value << shift);
    }
}
