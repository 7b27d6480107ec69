// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An ERC-20 that behaves, or not, in one of the ways that currencies in use do not.
contract OddCoin {
    enum Manner {
        Behaves,
        ReturnsNothing,
        ReturnsFalse,
        Reverts,
        TakesFee,
        MovesNothing
    }

    Manner public manner;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address account => mapping(address spender => uint256 amount)) public allowance;
    mapping(address account => bool blocked) public isBlocked;

    address private _target;
    bytes private _data;
    uint256 public calls;
    bool public succeeded;

    constructor(Manner manner_) {
        manner = manner_;
    }

    function become(Manner manner_) external {
        manner = manner_;
    }

    function block_(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    /// @dev Calls a target in the middle of every transfer, before anything has moved.
    function arm(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    /// @dev Takes from a balance what nobody sent, as a currency that rebases does.
    function burn(address from, uint256 amount) external {
        balanceOf[from] -= amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (_target != address(0)) {
            ++calls;
            (succeeded,) = _target.call(_data);
        }
        if (manner == Manner.Reverts || isBlocked[to]) revert("no");
        if (manner == Manner.ReturnsFalse) return false;
        if (manner == Manner.MovesNothing) return true;

        balanceOf[from] -= amount;
        balanceOf[to] += manner == Manner.TakesFee ? amount - amount / 100 : amount;
        if (manner == Manner.ReturnsNothing) {
            assembly ("memory-safe") {
                return(0x00, 0x00)
            }
        }
        return true;
    }
}
