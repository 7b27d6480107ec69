// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Answers every call with the bytes it was told, or reverts with them.
contract Answerer {
    bytes private _data;
    bool private _reverts;

    function set(bytes calldata data, bool reverts) external {
        (_data, _reverts) = (data, reverts);
    }

    fallback() external payable {
        bytes memory data = _data;
        bool reverts = _reverts;
        assembly ("memory-safe") {
            if reverts { revert(add(data, 0x20), mload(data)) }
            return(add(data, 0x20), mload(data))
        }
    }
}
