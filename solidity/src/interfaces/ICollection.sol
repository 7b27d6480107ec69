// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";

import {Voucher} from "../types/Orders.sol";
import {ICredits} from "./ICredits.sol";
import {IERC7572} from "./IERC7572.sol";
import {ITransferCount} from "./ITransferCount.sol";

/// @title ICollection
/// @notice A collection of ERC-721 works. Each work's id names its creator,
/// `uint160(creator) << 96 | n`; only that creator, or a minter whom the creator names, may mint it,
/// and only the creator may correct and freeze it. Nobody else has any power here.
///
/// @dev One code serves two: deployed whole, it is the house collection, open to every creator and
/// without an artist; cloned by the factory, it is the collection of one artist, the only creator
/// there. A clone's name, symbol and artist are arguments in its code: there is nothing to initialise.
///
/// @dev One storage word says owner, royalty and history of a work, from the low bits up:
/// owner 160 | royalty bps 14 | frozen 1 | approved 1 | payee 32 | transfer count 48.
interface ICollection is IERC2981, IERC7572, ITransferCount, ICredits {
    /// @notice Emitted after the Transfer of a mint; the id names the creator.
    /// @param royaltyReceiver Who receives the royalty; never zero.
    event Minted(
        uint256 indexed tokenId, bytes32 metadataDigest, uint16 royaltyBps, address royaltyReceiver
    );

    /// @notice Emitted before the works of an edition that share one description.
    event EditionMinted(uint256 indexed firstTokenId, uint256 size);

    /// @notice Emitted for each work sold by a voucher, after its two Transfers (to the creator, and
    /// on to the buyer) and its {Minted}. `price = fee + what the creator received`.
    /// @param voucherHash The voucher's EIP-712 digest.
    /// @param signer The creator, or the minter who signed in the creator's name.
    event VoucherFilled(
        bytes32 indexed voucherHash,
        address indexed signer,
        address indexed buyer,
        uint256 tokenId,
        address currency,
        uint256 price,
        address feeReceiver,
        uint256 fee
    );

    /// @notice Emitted when a creator names a minter or takes the name back.
    event MinterChanged(address indexed creator, address indexed minter, bool allowed);

    /// @notice Emitted when a creator sets the royalty of works minted from now on without one.
    event DefaultRoyaltyChanged(address indexed creator, uint16 bps, address receiver);

    /// @notice Emitted when a creator gives up changing all works here, minted or not yet.
    event AllFrozen(address indexed creator);

    /// @notice Emitted when the creator points the work to other metadata.
    event MetadataDigestChanged(uint256 indexed tokenId, bytes32 digest);

    /// @notice The same for marketplaces (ERC-4906).
    event MetadataUpdate(uint256 _tokenId);

    /// @notice Part of ERC-4906; this collection changes works one at a time.
    event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);

    /// @notice Emitted when the creator gives up changing the work.
    event Frozen(uint256 indexed tokenId);

    /// @notice Emitted when the creator changes the royalty of the work.
    event RoyaltyChanged(uint256 indexed tokenId, uint16 bps, address receiver);

    /// @notice Thrown when the caller is not the creator named by the id.
    error Collection_NotCreator(uint256 tokenId, address caller);

    /// @notice Thrown when the id was minted before, even if the work was burned since.
    error Collection_AlreadyMinted(uint256 tokenId);

    /// @notice Thrown when works minted together would run past the creator's last number.
    error Collection_SerialTooHigh(uint256 end);

    /// @notice Thrown when a metadata digest is zero.
    error Collection_DigestZero();

    /// @notice Thrown when a royalty is above the highest that the collection allows.
    error Collection_RoyaltyTooHigh(uint256 bps, uint256 maxBps);

    /// @notice Thrown when the royalty of a work that has moved would rise.
    error Collection_RoyaltyMayOnlyFall(uint256 tokenId, uint256 bps, uint256 currentBps);

    /// @notice Thrown when the work is frozen.
    error Collection_WorkFrozen(uint256 tokenId);

    /// @notice Thrown when coin is sent along with an approval or a transfer: it would be lost.
    error Collection_CoinNotAccepted();

    /// @notice Thrown when a work has moved as often as can be counted.
    error Collection_TransferCountExhausted(uint256 tokenId);

    /// @notice Thrown when the creator's default royalty is asked for and a receiver is named too.
    error Collection_DefaultNamesReceiver(address receiver);

    /// @notice Thrown when an edition has no works.
    error Collection_EditionEmpty();

    /// @notice Thrown when the caller may not mint in the name of the creator.
    error Collection_NotMinter(address creator, address caller);

    /// @notice Thrown when an id names another creator than the artist of this collection.
    error Collection_NotArtist(address creator, address artist);

    /// @notice Thrown when all works of the creator are frozen.
    error Collection_AllFrozen(address creator);

    /// @notice Thrown when a voucher cannot be filled.
    error Collection_VoucherNotStarted(uint256 start, uint256 timestamp);
    error Collection_VoucherExpired(uint256 end, uint256 timestamp);
    error Collection_VoucherRecipient(address expected, address caller);
    error Collection_VoucherSigner(address creator, address signer);
    error Collection_VoucherSignatureInvalid(bytes32 voucherHash, address signer);
    error Collection_VoucherNonceUsed(address signer, uint256 nonce);
    error Collection_VoucherCounterMoved(uint256 expected, uint256 counter);
    error Collection_VoucherEditionExceeded(uint256 n, uint256 editionSize);
    error Collection_VoucherRecipientLimit(uint256 taken, uint256 maxPerRecipient);
    error Collection_VoucherFeeTooHigh(uint256 feeBps, uint256 maxFeeBps);
    error Collection_VoucherPayment(uint256 expected, uint256 sent);

    /// @notice Mints a work.
    ///
    /// @dev Emits a {Transfer} and a {Minted} event. The receiver is not called back.
    ///
    /// Requirements:
    /// - The id must never have been minted.
    /// - The caller must be the creator that the id names, or a minter of that creator; in an
    ///   artist's collection that creator is the artist.
    /// - `metadataDigest` must not be zero.
    /// - `royaltyBps` must be at most 2,500, or 65,535 for the creator's default, share and receiver,
    ///   as it is now; then `royaltyReceiver` must be zero.
    ///
    /// @param to The first owner; must not be zero.
    /// @param tokenId `uint160(creator) << 96 | n`, with any `n` of the creator's choice.
    /// @param metadataDigest The SHA-256 digest of the metadata, one raw block.
    /// @param royaltyReceiver Who receives the royalty; zero means the creator.
    function mint(
        address to,
        uint256 tokenId,
        bytes32 metadataDigest,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external;

    /// @notice Mints the works `firstTokenId`, `firstTokenId + 1`, … in one transaction, with the
    /// requirements and events of {mint} for each.
    function mintMany(
        address to,
        uint256 firstTokenId,
        bytes32[] calldata metadataDigests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external;

    /// @notice Mints an edition: `size` works in a row that share one description; the number of a
    /// work is its distance from the first id, plus one.
    /// @dev Emits an {EditionMinted} event, and those of {mint} for each.
    function mintEdition(
        address to,
        uint256 firstTokenId,
        uint256 size,
        bytes32 metadataDigest,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external;

    /// @notice Buys the work number `n` (from 0) of a voucher that was signed in the creator's name
    /// and mints it: to the creator first, then on to the caller.
    ///
    /// @dev Emits two {Transfer}s, {Minted} and {VoucherFilled}, and {Credited} for each payout
    /// refused. The transfer count is 1 afterwards. The word of the work is what makes it happen
    /// once: the voucher's nonce is not used up, so that one voucher serves a whole edition.
    ///
    /// Requirements:
    /// - The time lies from `start` to `end`, the caller is the recipient, if one is named.
    /// - `signer` is the creator or, at this moment, a minter of the creator, signed the voucher (by
    ///   key, else by ERC-1271), and has not cancelled its nonce or counter at the exchange.
    /// - `n` is below `editionSize`, and the caller has taken fewer than `maxPerRecipient`.
    /// - `maxFeeBps` is at most 500. Coin: `msg.value` is the price, no more. ERC-20: the caller's
    ///   allowance for this collection covers it. A price of zero is a gift.
    /// - Everything that {mint} demands of a work.
    function redeem(Voucher calldata voucher, address signer, bytes calldata signature, uint32 n)
        external
        payable;

    /// @notice Lets somebody mint in the caller's name, by transaction or by voucher, or no longer.
    ///
    /// @dev Emits a {MinterChanged} event, if it changes. A minter taken back can do nothing more,
    /// and no voucher of theirs can be filled. In an artist's collection: artist only.
    function setMinter(address minter, bool allowed) external;

    /// @notice Sets the royalty of the caller's works minted from now on with `royaltyBps` 65,535.
    ///
    /// @dev Emits a {DefaultRoyaltyChanged} event. In an artist's collection: artist only.
    ///
    /// @param bps At most 2,500.
    /// @param receiver Zero means the caller.
    function setDefaultRoyalty(uint16 bps, address receiver) external;

    /// @notice Gives up, for good, changing any of the caller's works here and, in an artist's
    /// collection, its description. Minting goes on.
    ///
    /// @dev Emits an {AllFrozen} event; reverts the second time. In an artist's collection: artist
    /// only.
    function freezeAll() external;

    /// @notice Points an artist's collection to another description of itself; artist only.
    /// @dev Emits a {ContractURIUpdated} event, if the digest changes.
    function setContractMetadata(bytes32 contractDigest) external;

    /// @notice Points the work to other metadata.
    ///
    /// @dev Emits a {MetadataDigestChanged} and a {MetadataUpdate} event, if the digest changes.
    ///
    /// Requirements:
    /// - The work must exist and must not be frozen, alone or with all of its creator.
    /// - The caller must be its creator.
    /// - `metadataDigest` must not be zero.
    function setMetadata(uint256 tokenId, bytes32 metadataDigest) external;

    /// @notice Changes the royalty of the work.
    ///
    /// @dev Emits a {RoyaltyChanged} event, if the royalty changes.
    ///
    /// Requirements:
    /// - The work must exist and must not be frozen, alone or with all of its creator.
    /// - The caller must be its creator.
    /// - `bps` must be at most 2,500, and not above the present royalty once the work has moved.
    function setRoyalty(uint256 tokenId, uint16 bps) external;

    /// @notice Gives up, for good, changing the work's metadata and royalty. See {freezeAll}.
    ///
    /// @dev Emits a {Frozen} event.
    ///
    /// Requirements:
    /// - The work must exist and must not be frozen, alone or with all of its creator.
    /// - The caller must be its creator.
    function freeze(uint256 tokenId) external;

    /// @notice Destroys the work. Approval, digest, royalty and payee are cleared; the transfer
    /// count rises and stays, so that the id can never be minted again.
    ///
    /// Requirements:
    /// - The caller must be the owner of the work or approved by the owner.
    function burn(uint256 tokenId) external;

    /// @notice The SHA-256 digest of the work's metadata; zero when there is no such work.
    function metadataDigest(uint256 tokenId) external view returns (bytes32 digest);

    /// @notice The artist of this collection; zero in the house collection, open to all.
    function artist() external view returns (address);

    /// @notice Whether somebody may mint in a creator's name.
    function isMinter(address creator, address minter) external view returns (bool allowed);

    /// @notice The royalty of a creator's works minted without one.
    function defaultRoyalty(address creator) external view returns (uint16 bps, address receiver);

    /// @notice Whether a creator has given up changing all works here.
    function isAllFrozen(address creator) external view returns (bool frozen);

    /// @notice How many works of a voucher an account has taken, where the voucher limits it.
    function takenOf(bytes32 voucherHash, address account) external view returns (uint256 taken);

    /// @notice The digest that is signed, and the voucher's one name.
    function hashVoucher(Voucher calldata voucher) external view returns (bytes32 voucherHash);

    /// @notice Where cancels of vouchers are kept.
    function exchange() external view returns (address exchangeAddress);

    /// @notice Whether the creator has given up changing the work, alone or with all others.
    function isFrozen(uint256 tokenId) external view returns (bool frozen);

    /// @notice The creator named by an id, whether minted or not.
    function creatorOf(uint256 tokenId) external pure returns (address creator);

    /// @notice The storage word of a work, as a proof of storage shows it.
    function ownershipWord(uint256 tokenId) external view returns (bytes32 word);

    /// @notice The royalty receiver numbered `index`; never changes once set. Number 0, the
    /// creator of whichever work, answers zero, and so does a number not given yet.
    function payees(uint256 index) external view returns (address receiver);
}
