// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ITransferCount} from "../interfaces/ITransferCount.sol";

/// @title Questions
/// @notice Asks strangers' code what it says of itself, and survives every answer: none, too short,
/// too long, a revert, all gas burned.
library Questions {
    /// @notice What a question is given. Collections that search for an owner need some of it.
    uint256 internal constant GAS = 250_000;

    /// @notice What a wallet is given to check a signature; some do elliptic curves by hand.
    uint256 internal constant SIGNATURE_GAS = 2_000_000;

    /// @dev What ERC-165 grants.
    uint256 private constant INTERFACE_GAS = 30_000;

    /// @dev Thrown so that no answer is taken for one when there was no gas to give it.
    error Questions_GasTooLow(uint256 gasLeft, uint256 gasNeeded);

    /// @notice The first two words of an answer; `answered` is whether there were as many as
    /// `words`, 1 or 2.
    function ask(address target, uint256 gasGiven, uint256 words, bytes memory data)
        internal
        view
        returns (bool answered, uint256 first, uint256 second)
    {
        // A call passes on at most 63/64 of what is left once its own cost is paid.
        uint256 needed = gasGiven + gasGiven / 63 + 5000;
        if (gasleft() < needed) revert Questions_GasTooLow(gasleft(), needed);
        assembly ("memory-safe") {
            mstore(0x00, 0)
            mstore(0x20, 0)
            let success := staticcall(gasGiven, target, add(data, 0x20), mload(data), 0x00, 0x40)
            answered := and(success, iszero(lt(returndatasize(), shl(5, words))))
            first := mul(mload(0x00), answered)
            second := mul(mload(0x20), answered)
        }
    }

    /// @notice The owner of a work; zero when there is no valid answer.
    function ownerOf(address collection, uint256 tokenId) internal view returns (address) {
        return _askAddress(collection, abi.encodeCall(IERC721.ownerOf, (tokenId)));
    }

    /// @notice Owner and transfer count; `counts` is whether the collection counts.
    function ownerAndCount(address collection, uint256 tokenId)
        internal
        view
        returns (bool counts, address owner, uint256 count)
    {
        uint256 word;
        (counts, word, count) =
            ask(collection, GAS, 2, abi.encodeCall(ITransferCount.ownerAndCount, (tokenId)));
        if (word >> 160 != 0) return (false, address(0), 0);
        owner = address(uint160(word));
    }

    /// @notice Whether the operator may move the work for its owner.
    function mayMove(address collection, uint256 tokenId, address owner, address operator)
        internal
        view
        returns (bool)
    {
        address one = _askAddress(collection, abi.encodeCall(IERC721.getApproved, (tokenId)));
        if (one == operator) return true;
        return isYes(collection, abi.encodeCall(IERC721.isApprovedForAll, (owner, operator)));
    }

    function claims(address target, bytes4 id) internal view returns (bool) {
        (, uint256 word,) =
            ask(target, INTERFACE_GAS, 1, abi.encodeCall(IERC165.supportsInterface, (id)));
        return word == 1;
    }

    /// @notice An account's balance, and what the spender may take; zero without a valid answer.
    function purse(address currency, address account, address spender)
        internal
        view
        returns (uint256 balance, uint256 allowance)
    {
        balance = askWord(currency, abi.encodeCall(IERC20.balanceOf, (account)));
        allowance = askWord(currency, abi.encodeCall(IERC20.allowance, (account, spender)));
    }

    /// @notice Whether a wallet says that it signed (ERC-1271).
    function isSigned(address wallet, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        bytes memory data = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        (, uint256 word,) = ask(wallet, SIGNATURE_GAS, 1, data);
        return bytes32(word) == bytes32(IERC1271.isValidSignature.selector);
    }

    function isYes(address target, bytes memory data) internal view returns (bool) {
        return askWord(target, data) == 1;
    }

    /// @notice The first word of an answer; zero without one.
    function askWord(address target, bytes memory data) internal view returns (uint256 word) {
        (, word,) = ask(target, GAS, 1, data);
    }

    function _askAddress(address target, bytes memory data) private view returns (address) {
        uint256 word = askWord(target, data);
        return word >> 160 == 0 ? address(uint160(word)) : address(0);
    }
}
