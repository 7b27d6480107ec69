// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISplitter, Share} from "./interfaces/ISplitter.sol";
import {PackedShares} from "./libraries/PackedShares.sol";

/// @title Splitter
/// @notice See {ISplitter}. A clone has its shares in its own code; this contract itself has none,
/// and takes no coin.
contract Splitter is ISplitter, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint256 private constant WHOLE_BPS = 10_000;

    address private immutable _implementation = address(this);

    mapping(address currency => mapping(address receiver => uint256 amount)) private _released;
    mapping(address currency => uint256 amount) private _totals;

    /// @notice Takes coin. Nothing is written, so that a payout of little gas arrives.
    receive() external payable {
        if (address(this) == _implementation) revert Splitter_NoShares();
    }

    /// @inheritdoc ISplitter
    function release(address receiver, address currency) external nonReentrant {
        // Check: something is owed.
        uint256 amount = _owed(receiver, currency);
        if (amount == 0) revert Splitter_NothingToRelease(receiver, currency);

        // Effect: it is counted before it leaves.
        _released[currency][receiver] += amount;
        _totals[currency] += amount;
        emit Released(receiver, currency, amount);

        // Interaction.
        bool sent;
        if (currency == address(0)) {
            (sent,) = receiver.call{value: amount}("");
        } else {
            sent = IERC20(currency).trySafeTransfer(receiver, amount);
        }
        if (!sent) revert Splitter_ReleaseRefused(receiver, currency);
    }

    /// @inheritdoc ISplitter
    function releasable(address receiver, address currency)
        external
        view
        nonReentrantView
        returns (uint256)
    {
        return _owed(receiver, currency);
    }

    /// @inheritdoc ISplitter
    function released(address receiver, address currency) external view returns (uint256) {
        return _released[currency][receiver];
    }

    /// @inheritdoc ISplitter
    function totalReleased(address currency) external view returns (uint256) {
        return _totals[currency];
    }

    /// @inheritdoc ISplitter
    function shares() external view returns (Share[] memory) {
        return PackedShares.unpack(_packed());
    }

    /// @dev The share, rounded down, of all that ever came in, less what was released. A currency
    /// that takes some of a balance back owes nothing until as much has come in again.
    function _owed(address receiver, address currency) private view returns (uint256) {
        uint256 here = currency == address(0)
            ? address(this).balance
            : IERC20(currency).balanceOf(address(this));
        uint256 total = here + _totals[currency];
        uint256 bps = PackedShares.bpsOf(_packed(), receiver);
        uint256 due = _released[currency][receiver];
        // The same as total * bps / 10,000, without the product that could overflow.
        unchecked {
            uint256 part = total / WHOLE_BPS * bps + total % WHOLE_BPS * bps / WHOLE_BPS;
            return part > due ? part - due : 0;
        }
    }

    function _packed() private view returns (bytes memory) {
        if (address(this) == _implementation) return "";
        return Clones.fetchCloneArgs(address(this));
    }
}
