// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ITransferCount} from "../interfaces/ITransferCount.sol";

/// @title TokenCalls
/// @notice What a sale asks of a collection or a currency. An answer that is too short, or no address, is zero.
/// A refusal is passed on as it is.
///
/// @dev None of them looks whether there is code: an account without code answers nothing, and so
/// owns no work. Whoever calls {move} must ask for an owner as well.
library TokenCalls {
    function ownerOf(address collection, uint256 tokenId) internal view returns (address owner) {
        bytes4 selector = IERC721.ownerOf.selector;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, tokenId)
            if iszero(staticcall(gas(), collection, 0x00, 0x24, 0x00, 0x20)) {
                let free := mload(0x40)
                returndatacopy(free, 0x00, returndatasize())
                revert(free, returndatasize())
            }
            owner := mload(0x00)
            owner := mul(owner, and(gt(returndatasize(), 0x1f), iszero(shr(160, owner))))
        }
    }

    function ownerAndCount(address collection, uint256 tokenId)
        internal
        view
        returns (address owner, uint256 count)
    {
        bytes4 selector = ITransferCount.ownerAndCount.selector;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, tokenId)
            if iszero(staticcall(gas(), collection, 0x00, 0x24, 0x00, 0x40)) {
                let free := mload(0x40)
                returndatacopy(free, 0x00, returndatasize())
                revert(free, returndatasize())
            }
            owner := mload(0x00)
            let valid := and(gt(returndatasize(), 0x3f), iszero(shr(160, owner)))
            owner := mul(owner, valid)
            count := mul(mload(0x20), valid)
        }
    }

    /// @notice What an account holds of a currency; zero when the currency does not say.
    function balanceOf(address currency, address account) internal view returns (uint256 amount) {
        bytes4 selector = IERC20.balanceOf.selector;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, account)
            let success := staticcall(gas(), currency, 0x00, 0x24, 0x00, 0x20)
            amount := mul(mload(0x00), and(success, gt(returndatasize(), 0x1f)))
        }
    }

    /// @notice Calls `transferFrom`; what it returns is not read.
    function move(address collection, address from, address to, uint256 tokenId) internal {
        bytes4 selector = IERC721.transferFrom.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 0x04), from)
            mstore(add(free, 0x24), to)
            mstore(add(free, 0x44), tokenId)
            if iszero(call(gas(), collection, 0x00, free, 0x64, 0x00, 0x00)) {
                returndatacopy(free, 0x00, returndatasize())
                revert(free, returndatasize())
            }
        }
    }
}
