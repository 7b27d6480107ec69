// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title CloneArguments
/// @notice What a clone with immutable arguments (OpenZeppelin `Clones`) carries behind its code.
library CloneArguments {
    /// @dev How many bytes of the clone's code stand before its arguments.
    uint256 private constant START = 0x2d;

    /// @notice The first argument, an address, without the cost of copying the others.
    ///
    /// @dev In a delegated call `address()` is the clone. Behind the end of code lie zeros.
    function first() internal view returns (address argument) {
        assembly ("memory-safe") {
            extcodecopy(address(), 0x00, START, 0x20)
            argument := shr(96, shl(96, mload(0x00)))
        }
    }
}
