// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Acceptance, Bulk, Order, Permit} from "../types/Orders.sol";
import {ICredits} from "./ICredits.sol";
import {IGoverned} from "./IGoverned.sol";
import {IStanding} from "./IStanding.sol";

/// @title IExchange
/// @notice Settles signed orders: the work for the money, artist and platform paid in the same
/// transaction, or nothing happens. Nobody can change it or move what is not theirs.
///
/// @dev It holds only two kinds of money: payouts that were refused (credit), and its own fees.
/// `balance = totalCredit + fees` in every currency, after every call.
interface IExchange is ICredits, IGoverned, IStanding {
    /// @notice Emitted for every work sold. `price = royalty + fee + what the seller received`.
    /// A bundle is as many sales, each at an equal part of the price (the first takes the rest).
    /// @param orderHash The order's EIP-712 digest.
    /// @param maker Of a listing the seller, of an offer the buyer; `taker` is the other.
    /// @param royaltyReceiver Who was paid the royalty; zero when it was zero.
    /// @param flags Bit 0: the token gave no valid royalty answer. Bit 1: the maker bought (offer).
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

    /// @notice Emitted when a maker cancels everything signed with one nonce.
    event NonceCancelled(address indexed maker, uint256 nonce);

    /// @notice Emitted when a maker cancels everything signed so far.
    /// @param counter The counter that what is signed from now on must carry.
    event AllCancelled(address indexed maker, uint256 counter);

    event CurrencyAllowed(address indexed currency, bool allowed);

    /// @notice Emitted when an item of {buyAvailable} could not be filled.
    /// @param reason The first 4 bytes of what it reverted with.
    event OrderSkipped(bytes32 indexed orderHash, bytes4 reason);

    error Exchange_KindMismatch(uint8 kind);
    error Exchange_CriteriaMismatch(bytes32 criteria);
    error Exchange_BundleUnsupported();
    error Exchange_MetadataMismatch(bytes32 expected, bytes32 digest);
    error Exchange_CurrencyUnsupported(address currency);
    error Exchange_PriceRises(uint256 price, uint256 endPrice);
    error Exchange_OfferPriceMoves(uint256 price, uint256 endPrice);
    error Exchange_OfferBound(uint256 transferCount);
    error Exchange_TokenMismatch(uint256 expected, uint256 tokenId);
    error Exchange_NotInSet(uint256 tokenId);
    error Exchange_ProceedsTooLow(uint256 proceeds, uint256 minProceeds);
    error Exchange_MakerZero();
    error Exchange_MakerIsTaker(address maker);
    error Exchange_TakerMismatch(address expected, address taker);
    error Exchange_PriceZero();
    error Exchange_PriceTooHigh(uint256 price, uint256 maxPrice);
    error Exchange_WrongPayment(uint256 expected, uint256 sent);
    error Exchange_OrderNotStarted(uint256 start, uint256 timestamp);
    error Exchange_OrderExpired(uint256 end, uint256 timestamp);
    error Exchange_UnboundOrderTooLong(uint256 duration, uint256 maxDuration);
    error Exchange_FeeAboveMaximum(uint256 feeBps, uint256 maxFeeBps);
    error Exchange_RoyaltyAboveMaximum(uint256 royalty, uint256 maxRoyalty);
    error Exchange_PriceExceeded(uint256 royalty, uint256 fee, uint256 price);
    error Exchange_SignatureInvalid(bytes32 orderHash, address maker);
    error Exchange_BulkInvalid(uint256 index, uint256 height);
    error Exchange_NonceUsed(address maker, uint256 nonce);
    error Exchange_CounterMoved(uint256 expected, uint256 counter);
    error Exchange_MakerNotOwner(address maker, address owner);
    error Exchange_TransferCountMoved(uint256 expected, uint256 count);
    /// @notice Thrown when the collection did not hand the work over as it claimed.
    error Exchange_NotDelivered(address collection, uint256 tokenId);
    error Exchange_LengthMismatch(uint256 orders, uint256 others);
    error Exchange_NotSelf(address caller);
    error Exchange_ChangeRefused(address to);

    /// @notice Buys what a listing offers, at its price of this moment. The caller receives the
    /// work by `transferFrom`, so a contract that buys is not called back.
    ///
    /// @dev Emits an {OrderFilled} event for each work, and {Credited} for each payout refused.
    ///
    /// Requirements:
    /// - The exchange must be open: neither paused nor retired.
    /// - The price is above zero, below 2^128, and never rises. In coin, `msg.value` must equal a fixed price; of
    ///   a falling price (linear from `start` to `end`, rounded up) what is left over returns. In an
    ///   allowed ERC-20, `msg.value` must be zero and the caller pays by allowance.
    /// - The present time must lie from `start` to `end`, and the caller must be the order's taker
    ///   (or anyone, if that is zero) and not its maker.
    /// - The maker must have signed the order: by key (64 or 65 bytes, low s), else by ERC-1271.
    /// - The nonce must be unused and the counter be the maker's present one.
    /// - Each work's transfer count must be the signed one. An unbound order may live 60 days.
    /// - Each token's royalty answer must not exceed its price times `maxRoyaltyBps` (rounded up),
    ///   the fee must not exceed `maxFeeBps`, and both together must not exceed the price.
    ///   Nothing is ever paid short: what exceeds the maximum refuses the sale.
    function fill(Order calldata order, bytes calldata signature) external payable;

    /// @notice The same for an order that one signature covers together with others.
    function fillBulk(Order calldata order, bytes calldata signature, Bulk calldata bulk)
        external
        payable;

    /// @notice The same in an ERC-20, with the caller's permit tried first. Its outcome is ignored:
    /// the allowance decides.
    function fillWithPermit(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        Permit calldata permit
    ) external;

    /// @notice Buys all of these listings or none.
    /// @param bulks One for each order, or none at all. An empty proof means a plain signature.
    /// @dev Payouts to the same receiver in a row are paid as one. Coin left over returns.
    function buyMany(Order[] calldata orders, bytes[] calldata signatures, Bulk[] calldata bulks)
        external
        payable;

    /// @notice Buys those of these listings that can be had. Each is given at most `gasPerItem`;
    /// one that fails is skipped, with an {OrderSkipped} event, and its coin returns.
    /// @dev Reverts when too little gas is left to give an item its share.
    /// @return filled Which were bought.
    function buyAvailable(
        Order[] calldata orders,
        bytes[] calldata signatures,
        Bulk[] calldata bulks,
        uint256 gasPerItem
    ) external payable returns (bool[] memory filled);

    /// @notice Sells a work of the caller to the maker of an offer, who pays in an allowed ERC-20.
    ///
    /// @dev As {fill}, with the parts exchanged. An offer is unbound and has one price. Of a token
    /// offer the work must be the named one; of a set offer a leaf of its tree,
    /// `keccak256(keccak256(abi.encode(tokenId, transferCount)))`, nodes hashed in sorted pairs; of
    /// a collection offer any work of the collection, or of the creator that it names. An offer may
    /// name the metadata digest that the work must carry. The seller receives at least `minProceeds`.
    function accept(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        Acceptance calldata acceptance
    ) external;

    /// @notice Accepts all of these offers or none.
    function acceptMany(
        Order[] calldata orders,
        bytes[] calldata signatures,
        Bulk[] calldata bulks,
        Acceptance[] calldata acceptances
    ) external;

    /// @notice Cancels everything that the caller signed with one of these nonces: orders, auctions
    /// before their first bid, vouchers. A nonce used or cancelled before is passed over.
    /// @dev Emits a {NonceCancelled} event for each nonce that was unused. Never paused.
    function cancel(uint256[] calldata nonces) external;

    /// @notice Cancels everything that the caller has signed so far, auctions and vouchers too.
    /// @dev Emits an {AllCancelled} event. The counter jumps by 1 to 2^20, drawn from the last
    /// block's hash, so that what was signed in advance for the next counter stays dead.
    function cancelAll() external;

    /// @notice Allows or ends payment in an ERC-20. Owner only. It must move exactly the amounts it
    /// is told to, and be known by one address: under a second one the same balance would count as
    /// fees. Credit in a currency that is no longer allowed can still be drawn.
    function setCurrency(address currency, bool allowed) external;

    function isCurrencyAllowed(address currency) external view returns (bool allowed);

    /// @notice The counter that the maker's orders must carry.
    function counterOf(address maker) external view returns (uint256 counter);

    /// @notice Whether something signed with this nonce was filled or cancelled.
    function isNonceUsed(address maker, uint256 nonce) external view returns (bool used);

    /// @notice The digest that the maker signs, and the order's one name.
    function hashOrder(Order calldata order) external view returns (bytes32 orderHash);

    /// @notice The digest that the maker signs for a tree of orders: EIP-712 `BulkOrder`, whose one
    /// member `tree` is `Order[2]…[2]`, as often as the proof is long (1 to 10).
    function hashBulk(Order calldata order, Bulk calldata bulk) external view returns (bytes32);

    /// @notice The price of a listing at a moment from its start to its end.
    function priceAt(Order calldata order, uint256 timestamp) external pure returns (uint256);
}
