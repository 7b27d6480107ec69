// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Refuses coin, in one of the ways to do so; or takes it with some effort.
contract Receiver {
    enum Manner {
        Accepts,
        Reverts,
        BurnsGas,
        RevertsWithMegabyte,
        NeedsGas,
        CountsGas
    }

    Manner public manner;
    uint256 public received;

    constructor(Manner manner_) {
        manner = manner_;
    }

    function become(Manner manner_) external {
        manner = manner_;
    }

    /// @dev Lets the receiver act in its own name.
    function act(address target, bytes calldata data) external payable returns (bytes memory) {
        (bool success, bytes memory result) = target.call{value: msg.value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
        return result;
    }

    receive() external payable {
        if (manner == Manner.Reverts) revert("no");
        if (manner == Manner.BurnsGas) {
            assembly {
                invalid()
            }
        }
        if (manner == Manner.RevertsWithMegabyte) {
            assembly {
                revert(0x00, 1000000)
            }
        }
        // Refuses cheaply what it is given too little gas for.
        if (manner == Manner.CountsGas) require(gasleft() > 90_000, "too little gas");
        // A Safe or a proxy needs more than the 2,300 gas of a plain transfer.
        if (manner == Manner.NeedsGas) received += msg.value;
    }
}

/// @notice Calls back when it is paid, and remembers what came of it.
contract Reenterer {
    address private _target;
    bytes private _data;

    uint256 public calls;
    bool public succeeded;
    bytes public answer;

    function arm(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function act(address target, bytes calldata data) external payable {
        (bool success,) = target.call{value: msg.value}(data);
        require(success, "act failed");
    }

    receive() external payable {
        if (_target == address(0)) return;
        ++calls;
        (succeeded, answer) = _target.call(_data);
    }

    function onERC721Received(address, address, uint256, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return this.onERC721Received.selector;
    }
}
