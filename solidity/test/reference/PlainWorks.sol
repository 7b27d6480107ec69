// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice ERC-721 as its text has it, with a count of movements: one mapping for each thing, every
/// rule a sentence, nothing packed. What is refused returns false and changes nothing.
contract PlainWorks {
    mapping(uint256 id => address owner) public ownerOf;
    mapping(uint256 id => address account) public approvedFor;
    mapping(uint256 id => uint256 times) public movements;
    mapping(address owner => uint256 works) public balanceOf;
    mapping(address owner => mapping(address operator => bool allowed)) public isOperator;

    function mint(address to, uint256 id) external {
        ownerOf[id] = to;
        balanceOf[to] += 1;
    }

    function setOperator(address caller, address operator, bool allowed) external {
        isOperator[caller][operator] = allowed;
    }

    function approve(address caller, address account, uint256 id) external returns (bool) {
        address owner = ownerOf[id];
        if (owner == address(0)) return false;
        if (caller != owner && !isOperator[owner][caller]) return false;
        approvedFor[id] = account;
        return true;
    }

    function transfer(address caller, address from, address to, uint256 id)
        external
        returns (bool)
    {
        if (to == address(0) || ownerOf[id] != from || !_mayMove(caller, id)) {
            return false;
        }
        _leave(from, id);
        ownerOf[id] = to;
        balanceOf[to] += 1;
        return true;
    }

    function burn(address caller, uint256 id) external returns (bool) {
        if (!_mayMove(caller, id)) return false;
        _leave(ownerOf[id], id);
        ownerOf[id] = address(0);
        return true;
    }

    function _leave(address owner, uint256 id) private {
        balanceOf[owner] -= 1;
        movements[id] += 1;
        approvedFor[id] = address(0);
    }

    function _mayMove(address caller, uint256 id) private view returns (bool) {
        address owner = ownerOf[id];
        if (owner == address(0)) return false;
        return caller == owner || caller == approvedFor[id] || isOperator[owner][caller];
    }
}
