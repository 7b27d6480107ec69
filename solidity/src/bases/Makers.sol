// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../interfaces/IExchange.sol";
import {IStanding} from "../interfaces/IStanding.sol";
import {MakerWord} from "../libraries/MakerWord.sol";

/// @title Makers
/// @notice What makers took back, and what they sold. See {IExchange}.
abstract contract Makers is IExchange {
    using MakerWord for MakerWord.Makers;

    uint256 private constant LONGEST_JUMP_MASK = (1 << 20) - 1;

    MakerWord.Makers private _makers;

    /// @inheritdoc IExchange
    function cancel(uint256[] calldata nonces) external {
        // Without the guard on purpose: nothing is called, and a maker may always cancel.
        for (uint256 i = 0; i < nonces.length; ++i) {
            uint256 nonce = nonces[i];
            if (_makers.use(msg.sender, nonce)) emit NonceCancelled(msg.sender, nonce);
        }
    }

    /// @inheritdoc IExchange
    function cancelAll() external {
        uint256 jump;
        // The jump is 2^20 at most, and no block number is zero here.
        unchecked {
            jump = 1 + (uint256(blockhash(block.number - 1)) & LONGEST_JUMP_MASK);
        }
        emit AllCancelled(msg.sender, _makers.advance(msg.sender, jump));
    }

    /// @inheritdoc IStanding
    function standing(address maker, uint256 nonce)
        external
        view
        returns (uint256 counter, bool used)
    {
        return (_makers.counterOf(maker), _makers.isUsed(maker, nonce));
    }

    /// @inheritdoc IExchange
    function counterOf(address maker) external view returns (uint256) {
        return _makers.counterOf(maker);
    }

    /// @inheritdoc IExchange
    function isNonceUsed(address maker, uint256 nonce) external view returns (bool) {
        return _makers.isUsed(maker, nonce);
    }

    /// @dev A nonce is used once, under the maker's present counter.
    function _spend(address maker, uint256 nonce, uint256 expected) internal {
        (bool fresh, uint256 counter) = _makers.spend(maker, nonce);
        if (!fresh) revert Exchange_NonceUsed(maker, nonce);
        if (counter != expected) revert Exchange_CounterMoved(expected, counter);
    }
}
