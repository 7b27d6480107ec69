// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Orders.sol";

/// @title IExchange
/// @notice Settles signed listings: the buyer receives the work; artist and seller are paid in the
/// same transaction, or nothing happens. Nobody can change it, stop it, or move what is not theirs.
///
/// @dev It holds only two kinds of money: payouts that were refused (credit), and its own fees.
/// `balance = totalCredit + fees` after every call.
interface IExchange {
    /// @notice Emitted for every sale. `price = royalty + fee + what the maker received`.
    /// @param orderHash The EIP-712 digest that the maker signed.
    /// @param royaltyReceiver Who was paid the royalty; zero when it was zero.
    /// @param flags Bit 0: the token gave no valid royalty answer.
    event OrderFilled(
        bytes32 indexed orderHash,
        address indexed maker,
        address indexed taker,
        address collection,
        uint256 tokenId,
        address currency,
        uint256 price,
        address royaltyReceiver,
        uint256 royalty,
        uint256 fee,
        uint8 flags
    );

    /// @notice Emitted when a maker cancels the orders of one nonce.
    event NonceCancelled(address indexed maker, uint256 nonce);

    /// @notice Emitted when a maker cancels everything signed so far.
    /// @param counter The counter that new orders must carry.
    event AllCancelled(address indexed maker, uint256 counter);

    /// @notice Emitted when a payout was refused and is kept for its owner.
    event Credited(address indexed account, address currency, uint256 amount);

    /// @notice Emitted when an account draws its credit.
    event Withdrawn(address indexed account, address currency, uint256 amount, address to);

    /// @notice Emitted when the fees kept so far go to the fee receiver.
    event FeesWithdrawn(address indexed receiver, address currency, uint256 amount);

    error Exchange_FeeReceiverZero();
    error Exchange_FeeTooHigh(uint256 feeBps, uint256 maxFeeBps);

    /// @notice Thrown for an order that this exchange does not settle.
    error Exchange_KindUnsupported(uint8 kind);
    error Exchange_BundleUnsupported();
    error Exchange_CriteriaUnsupported();
    error Exchange_MetadataDigestUnsupported();
    error Exchange_CurrencyUnsupported(address currency);
    error Exchange_MovingPriceUnsupported(uint256 price, uint256 endPrice);

    error Exchange_MakerZero();
    error Exchange_MakerIsTaker(address maker);
    error Exchange_TakerMismatch(address expected, address taker);
    error Exchange_PriceZero();
    error Exchange_WrongPayment(uint256 expected, uint256 sent);
    error Exchange_OrderNotStarted(uint256 start, uint256 timestamp);
    error Exchange_OrderExpired(uint256 end, uint256 timestamp);
    error Exchange_UnboundOrderTooLong(uint256 duration, uint256 maxDuration);
    error Exchange_FeeAboveMaximum(uint256 feeBps, uint256 maxFeeBps);
    error Exchange_RoyaltyAboveMaximum(uint256 royalty, uint256 maxRoyalty);
    error Exchange_PriceExceeded(uint256 royalty, uint256 fee, uint256 price);
    error Exchange_SignatureInvalid(bytes32 orderHash, address maker);
    error Exchange_NonceUsed(address maker, uint256 nonce);
    error Exchange_CounterMoved(uint256 expected, uint256 counter);
    error Exchange_MakerNotOwner(address maker, address owner);
    error Exchange_TransferCountMoved(uint256 expected, uint256 count);

    /// @notice Thrown when the collection did not hand the work over as it claimed.
    error Exchange_NotDelivered(address collection, uint256 tokenId);

    /// @notice Thrown when the transaction carries too little gas to give a call its full share.
    error Exchange_GasTooLow(uint256 gasLeft, uint256 gasNeeded);

    error Exchange_ReceiverZero();
    error Exchange_NothingToWithdraw(address account);
    error Exchange_WithdrawalRefused(address to);

    /// @notice Buys the work that `order` lists. The caller receives it by `transferFrom`, so a
    /// contract that buys is not called back.
    ///
    /// @dev Emits an {OrderFilled} event, and {Credited} for each payout that was refused.
    ///
    /// Requirements:
    /// - The order must be a listing at a fixed price, above zero, in the chain's own coin.
    /// - `msg.value` must equal the price.
    /// - The present time must lie from `start` to `end`, and the caller must be the order's taker
    ///   (or anyone, if that is zero) and not its maker.
    /// - The maker must have signed the order: by key (64 or 65 bytes, low s), else by ERC-1271.
    /// - The nonce must be unused and the counter be the maker's present one.
    /// - The work's transfer count must be the signed one. An unbound order may live 60 days.
    /// - The token's royalty answer must not exceed the price times `maxRoyaltyBps` (rounded up),
    ///   the fee must not exceed `maxFeeBps`, and both together must not exceed the price.
    ///   Nothing is ever paid short: what exceeds the maximum refuses the sale.
    function fill(Order calldata order, bytes calldata signature) external payable;

    /// @notice Cancels every order of the caller with one of these nonces. A nonce that was used
    /// or cancelled before is passed over.
    /// @dev Emits a {NonceCancelled} event for each nonce that was unused.
    function cancel(uint256[] calldata nonces) external;

    /// @notice Cancels every order that the caller has signed so far.
    /// @dev Emits an {AllCancelled} event. The counter jumps by 1 to 2^20, drawn from the last
    /// block's hash, so that an order signed in advance for the next counter stays dead.
    function cancelAll() external;

    /// @notice Sends the caller's credit to `to`.
    /// @dev Emits a {Withdrawn} event. Reverts when `to` refuses it.
    function withdraw(address to) external;

    /// @notice Sends the fees kept so far to the fee receiver; anyone may call.
    /// @dev Emits a {FeesWithdrawn} event. Reverts when the receiver refuses them.
    function withdrawFees() external;

    /// @notice What a refused payout left here for `account`.
    function credit(address account) external view returns (uint256 amount);

    /// @notice The sum of all credit.
    function totalCredit() external view returns (uint256 amount);

    /// @notice The fees kept and not withdrawn yet.
    function fees() external view returns (uint256 amount);

    /// @notice The platform's share of every price, rounded down to the smallest unit.
    function feeBps() external view returns (uint256 bps);

    /// @notice Who receives the fees.
    function feeReceiver() external view returns (address receiver);

    /// @notice The counter that the maker's orders must carry.
    function counterOf(address maker) external view returns (uint256 counter);

    /// @notice Whether an order with this nonce was filled or cancelled.
    function isNonceUsed(address maker, uint256 nonce) external view returns (bool used);

    /// @notice The digest that the maker signs, and the order's one name.
    function hashOrder(Order calldata order) external view returns (bytes32 orderHash);

    /// @notice Whether this exchange settles orders of a kind.
    function supportsKind(uint8 kind) external pure returns (bool supported);
}
