// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";

import {ICollection} from "../interfaces/ICollection.sol";

/// @title BoundedCalls
/// @notice Calls into code of strangers that can neither take more gas than it is given nor return
/// more than is read.
library BoundedCalls {
    /// @notice What a royalty look-up and a payout are given. A Safe needs some 7,000 to take coin.
    uint256 internal constant GAS = 100_000;

    /// @notice What the look-up costs by itself: a cold account, the code it may delegate to,
    /// and the copying around it.
    uint256 internal constant LOOKUP_OVERHEAD = 7000;

    /// @notice What a payout costs by itself: a cold account, the code it may delegate to, coin,
    /// and an account that is new.
    uint256 internal constant PAYOUT_OVERHEAD = 42_000;

    /// @notice The gas that must be left for a call to be given {GAS}: a call passes on at most
    /// 63/64 of what is left once its own cost is paid.
    function needed(uint256 overhead) internal pure returns (uint256) {
        return GAS + GAS / 63 + 1 + overhead;
    }

    /// @notice The token's royalty answer, of which 64 bytes are read.
    ///
    /// @dev No valid answer is: a revert, less than 64 bytes, a receiver that is zero or no
    /// address. A call to an account without code answers nothing and so falls under it.
    function royaltyInfo(address token, uint256 tokenId, uint256 price)
        internal
        view
        returns (bool valid, address receiver, uint256 amount)
    {
        bytes4 selector = IERC2981.royaltyInfo.selector;
        uint256 gasGiven = GAS;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(0x00, selector)
            mstore(0x04, tokenId)
            mstore(0x24, price)
            let success := staticcall(gasGiven, token, 0x00, 0x44, 0x00, 0x40)
            receiver := mload(0x00)
            amount := mload(0x20)
            mstore(0x40, free)
            valid := and(
                and(success, gt(returndatasize(), 0x3f)),
                and(iszero(shr(160, receiver)), iszero(iszero(receiver)))
            )
            receiver := mul(receiver, valid)
            amount := mul(amount, valid)
        }
    }

    /// @notice Sends coin; whatever the receiver returns is not read.
    function send(address to, uint256 amount) internal returns (bool success) {
        uint256 gasGiven = GAS;
        assembly ("memory-safe") {
            success := call(gasGiven, to, amount, 0x00, 0x00, 0x00, 0x00)
        }
    }

    /// @notice The digest of a work's metadata as the collection states it, or zero when it gives
    /// no answer of 32 bytes.
    function metadataDigest(address collection, uint256 tokenId)
        internal
        view
        returns (bytes32 digest)
    {
        bytes4 selector = ICollection.metadataDigest.selector;
        uint256 gasGiven = GAS;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, tokenId)
            let success := staticcall(gasGiven, collection, 0x00, 0x24, 0x00, 0x20)
            digest := mul(mload(0x00), and(success, gt(returndatasize(), 0x1f)))
        }
    }

    /// @notice Calls the contract itself with no more gas than is given.
    /// @return success Whether it went through.
    /// @return answer The first word that it returned or reverted with, padded with zeros.
    function callSelf(uint256 gasGiven, bytes memory data)
        internal
        returns (bool success, bytes32 answer)
    {
        assembly ("memory-safe") {
            mstore(0x00, 0)
            success := call(gasGiven, address(), 0, add(data, 0x20), mload(data), 0x00, 0x20)
            answer := mload(0x00)
        }
    }
}
