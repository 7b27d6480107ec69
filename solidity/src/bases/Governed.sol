// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGoverned} from "../interfaces/IGoverned.sol";
import {Credits} from "./Credits.sol";

/// @title Governed
/// @notice See {IGoverned}.
abstract contract Governed is Credits, IGoverned, Ownable2Step {
    uint256 private constant MAX_FEE_BPS = 500;
    uint256 private constant FEE_NOTICE = 7 days;
    uint256 private constant PAUSE = 7 days;
    uint256 private constant PAUSE_EVERY = 30 days;

    /// @dev One slot, so that a sale reads all of it at once.
    struct Terms {
        uint16 feeBps;
        uint16 nextFeeBps;
        uint40 nextFeeFrom;
        uint40 pausedUntil;
        uint40 mayPauseFrom;
        bool retired;
        /// Coin kept as fees, where it is counted; see {_countFee}.
        uint96 counted;
    }

    Terms private _terms;
    address private _feeReceiver;
    address private _guardian;

    /// @param owner_ An argument, since a contract that deploys for others is nobody to be owner.
    constructor(address owner_, address feeReceiver_, uint16 feeBps_) Ownable(owner_) {
        _checkFee(feeBps_);
        _terms.feeBps = feeBps_;
        _terms.nextFeeBps = feeBps_;
        emit FeeChanged(feeBps_, block.timestamp);
        _setFeeReceiver(feeReceiver_);
    }

    /// @inheritdoc IGoverned
    function setFee(uint16 feeBps_) external onlyOwner {
        _checkFee(feeBps_);
        uint256 current = feeBps();
        uint256 from = feeBps_ > current ? block.timestamp + FEE_NOTICE : block.timestamp;
        _terms.feeBps = uint16(current);
        _terms.nextFeeBps = feeBps_;
        _terms.nextFeeFrom = uint40(from);
        emit FeeChanged(feeBps_, from);
    }

    /// @inheritdoc IGoverned
    function setFeeReceiver(address receiver) external onlyOwner {
        _setFeeReceiver(receiver);
    }

    /// @inheritdoc IGoverned
    function setGuardian(address account) external onlyOwner {
        _guardian = account;
        emit GuardianChanged(account);
    }

    /// @inheritdoc IGoverned
    function pause() external {
        _checkGuardian();
        uint256 from = _terms.mayPauseFrom;
        if (block.timestamp < from) revert Governed_PausedTooRecently(from);

        _terms.pausedUntil = uint40(block.timestamp + PAUSE);
        _terms.mayPauseFrom = uint40(block.timestamp + PAUSE_EVERY);
        emit Paused(msg.sender, block.timestamp + PAUSE);
    }

    /// @inheritdoc IGoverned
    function unpause() external {
        _checkGuardian();
        _terms.pausedUntil = 0;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IGoverned
    function retire() external onlyOwner {
        _terms.retired = true;
        emit Retired();
    }

    /// @inheritdoc IGoverned
    function withdrawFees(address currency) external nonReentrant {
        uint256 amount = _takeFees(currency);
        if (amount == 0) revert Governed_NoFees(currency);

        address receiver = _feeReceiver;
        emit FeesWithdrawn(receiver, currency, amount);

        // Interaction.
        if (!_sendAll(currency, receiver, amount)) revert Governed_FeesRefused(receiver, currency);
    }

    /// @inheritdoc IGoverned
    function fees(address currency) external view nonReentrantView returns (uint256) {
        return _feesIn(currency);
    }

    /// @inheritdoc IGoverned
    function nextFee() external view returns (uint256 bps, uint256 from) {
        return (_terms.nextFeeBps, _terms.nextFeeFrom);
    }

    /// @inheritdoc IGoverned
    function feeReceiver() external view returns (address) {
        return _feeReceiver;
    }

    /// @inheritdoc IGoverned
    function guardian() external view returns (address) {
        return _guardian;
    }

    /// @inheritdoc IGoverned
    function pausedUntil() external view returns (uint256) {
        return _terms.pausedUntil;
    }

    /// @inheritdoc IGoverned
    function mayPauseFrom() external view returns (uint256) {
        return _terms.mayPauseFrom;
    }

    /// @inheritdoc IGoverned
    function isRetired() external view returns (bool) {
        return _terms.retired;
    }

    /// @inheritdoc IGoverned
    function isOpen() external view returns (bool) {
        return !_terms.retired && block.timestamp >= _terms.pausedUntil;
    }

    /// @inheritdoc IGoverned
    function feeBps() public view returns (uint256) {
        return _feeNow(_terms);
    }

    /// @dev The fee of a new sale; reverts when there can be none.
    function _openFee() internal view returns (uint256) {
        // Read together, so that the compiler reads the slot once.
        Terms storage terms = _terms;
        (bool retired, uint256 until) = (terms.retired, terms.pausedUntil);
        (uint256 bps, uint256 nextBps, uint256 from) =
            (terms.feeBps, terms.nextFeeBps, terms.nextFeeFrom);
        if (retired) revert Governed_Retired();
        if (block.timestamp < until) revert Governed_Paused(until);
        return block.timestamp < from ? bps : nextBps;
    }

    /// @dev The fees in a currency: all that lies here and is nobody's credit. An heir that keeps
    /// other money counts its fees instead, and overrides this and {_takeFees}.
    function _feesIn(address currency) internal view virtual returns (uint256) {
        uint256 here = currency == address(0)
            ? address(this).balance
            : IERC20(currency).balanceOf(address(this));
        return here - totalCredit(currency);
    }

    /// @dev The fees in a currency, about to leave.
    function _takeFees(address currency) internal virtual returns (uint256) {
        return _feesIn(currency);
    }

    /// @dev Counts a fee that is kept in coin, in the word that every sale reads. No sum of coin
    /// comes near 2^96 wei.
    function _countFee(uint256 amount) internal {
        _terms.counted += uint96(amount);
    }

    function _countedFees() internal view returns (uint256) {
        return _terms.counted;
    }

    function _takeCountedFees() internal returns (uint256 amount) {
        amount = _terms.counted;
        _terms.counted = 0;
    }

    function _setFeeReceiver(address receiver) private {
        if (receiver == address(0)) revert Governed_FeeReceiverZero();
        _feeReceiver = receiver;
        emit FeeReceiverChanged(receiver);
    }

    function _checkGuardian() private view {
        if (msg.sender != _guardian) revert Governed_NotGuardian(msg.sender);
    }

    function _checkFee(uint256 bps) private pure {
        if (bps > MAX_FEE_BPS) revert Governed_FeeTooHigh(bps, MAX_FEE_BPS);
    }

    function _feeNow(Terms storage terms) private view returns (uint256) {
        return block.timestamp < terms.nextFeeFrom ? terms.feeBps : terms.nextFeeBps;
    }
}
