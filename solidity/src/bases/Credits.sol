// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICredits} from "../interfaces/ICredits.sol";
import {BoundedCalls} from "../libraries/BoundedCalls.sol";
import {TokenCalls} from "../libraries/TokenCalls.sol";

/// @title Credits
/// @notice Pays, or keeps what was refused. See {ICredits}.
abstract contract Credits is ICredits, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    mapping(address currency => mapping(address account => uint256 amount)) private _credits;
    mapping(address currency => uint256 amount) private _totals;

    /// @inheritdoc ICredits
    function withdraw(address currency, address to) external nonReentrant {
        _withdraw(msg.sender, currency, to);
    }

    /// @inheritdoc ICredits
    function withdrawFor(address account, address currency) external nonReentrant {
        _withdraw(account, currency, account);
    }

    /// @inheritdoc ICredits
    function credit(address account, address currency) external view returns (uint256) {
        return _credits[currency][account];
    }

    /// @inheritdoc ICredits
    function totalCredit(address currency) public view returns (uint256) {
        return _totals[currency];
    }

    /// @dev Pays coin that is here, or keeps it as credit when the receiver refuses it.
    function _pay(address to, uint256 amount) internal {
        if (amount == 0) return;
        uint256 gasBefore = gasleft();
        if (BoundedCalls.send(to, amount)) return;

        // A payout starved of gas by the caller is no refusal.
        _checkGas(gasBefore, BoundedCalls.needed(BoundedCalls.PAYOUT_OVERHEAD));
        _keep(to, address(0), amount);
    }

    /// @dev Moves an ERC-20 from its payer to the receiver or, where that fails, to here as credit.
    /// What arrives is counted: a currency that keeps a part of it back is refused.
    function _payFrom(address payer, address currency, address to, uint256 amount) internal {
        if (amount == 0 || payer == to) return;
        if (_move(payer, currency, to, amount)) return;
        if (to == address(this) || !_move(payer, currency, address(this), amount)) {
            revert Credits_NotPaid(currency, to, amount);
        }
        _keep(to, currency, amount);
    }

    /// @dev Whether the transfer succeeded; reverts when it did and another amount arrived.
    function _move(address payer, address currency, address to, uint256 amount)
        private
        returns (bool)
    {
        uint256 before = TokenCalls.balanceOf(currency, to);
        if (!IERC20(currency).trySafeTransferFrom(payer, to, amount)) return false;
        if (TokenCalls.balanceOf(currency, to) != before + amount) {
            revert Credits_NotPaid(currency, to, amount);
        }
        return true;
    }

    /// @dev Keeps what is here for its owner.
    function _keep(address account, address currency, uint256 amount) internal {
        _credits[currency][account] += amount;
        _totals[currency] += amount;
        emit Credited(account, currency, amount);
    }

    /// @dev Sends money that is here, or reverts.
    function _sendAll(address currency, address to, uint256 amount) internal returns (bool sent) {
        if (currency == address(0)) {
            (sent,) = to.call{value: amount}("");
        } else {
            sent = IERC20(currency).trySafeTransfer(to, amount);
        }
    }

    function _checkGas(uint256 left, uint256 needed) internal pure {
        if (left < needed) revert Credits_GasTooLow(left, needed);
    }

    function _withdraw(address account, address currency, address to) private {
        // Check: there is something, and somebody to send it to.
        if (to == address(0)) revert Credits_ReceiverZero();
        uint256 amount = _credits[currency][account];
        if (amount == 0) revert Credits_NothingToWithdraw(account, currency);

        // Effect: the credit is gone before the money leaves.
        _credits[currency][account] = 0;
        _totals[currency] -= amount;
        emit Withdrawn(account, currency, amount, to);

        // Interaction.
        if (!_sendAll(currency, to, amount)) revert Credits_WithdrawalRefused(to, currency);
    }
}
