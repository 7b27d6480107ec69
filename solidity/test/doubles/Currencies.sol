// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A currency that can be made to behave in every way seen in this field. Anyone may mint.
contract OddCoin is ERC20 {
    enum Manner {
        Good,
        ReturnsNothing,
        ReturnsFalse,
        ReturnsFalseAndMoves,
        Reverts,
        TakesAFee,
        PaysTooMuch,
        Blocks,
        CallsBack,
        Silent
    }

    uint8 private immutable _decimals;
    Manner private _manner;
    address private _blocked;
    address private _target;
    bytes private _data;

    bool public called;
    bool public succeeded;
    bytes public answer;

    constructor(uint8 decimals_) ERC20("Odd", "ODD") {
        _decimals = decimals_;
    }

    function become(Manner manner) external {
        _manner = manner;
    }

    /// @dev Refuses transfers to this account.
    function blockAccount(address account) external {
        (_manner, _blocked) = (Manner.Blocks, account);
    }

    /// @dev Calls this while it moves money, as an ERC-777 does.
    function arm(address target, bytes calldata data) external {
        (_manner, _target, _data) = (Manner.CallsBack, target, data);
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (_manner == Manner.Silent) {
            assembly ("memory-safe") {
                return(0x00, 0x00)
            }
        }
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (_manner == Manner.Reverts || (_manner == Manner.Blocks && to == _blocked)) {
            revert("no");
        }
        if (_manner == Manner.ReturnsFalse) return false;
        _transfer(msg.sender, to, amount);
        return _end();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (_manner == Manner.Reverts || (_manner == Manner.Blocks && to == _blocked)) {
            revert("no");
        }
        if (_manner == Manner.ReturnsFalse) return false;
        _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount);
        if (_manner == Manner.TakesAFee) _burn(to, amount / 100);
        if (_manner == Manner.PaysTooMuch) _mint(to, 1);
        if (_manner == Manner.CallsBack) {
            called = true;
            (succeeded, answer) = _target.call(_data);
        }
        return _end();
    }

    /// @dev The answer after money has moved.
    function _end() private view returns (bool) {
        if (_manner == Manner.ReturnsNothing) {
            assembly ("memory-safe") {
                return(0x00, 0x00)
            }
        }
        return _manner != Manner.ReturnsFalseAndMoves;
    }
}

/// @notice A currency that answers everything it does not know with silence, as the first wrapped
/// coin does: a permit seems to succeed and gives nothing.
contract PhantomPermitCoin is ERC20 {
    uint256 public phantomCalls;

    constructor() ERC20("Phantom", "PH") {}

    fallback() external {
        ++phantomCalls;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
