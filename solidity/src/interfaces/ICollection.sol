// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";

import {IERC7572} from "./IERC7572.sol";
import {ITransferCount} from "./ITransferCount.sol";

/// @title ICollection
/// @notice A collection of ERC-721 works, open to every creator. Each work's id names its creator,
/// `uint160(creator) << 96 | n`, and only that creator may mint, correct and freeze it. Nobody else
/// has any power here: there is no owner, no minter, no upgrade.
///
/// @dev One storage word says owner, royalty and history of a work, from the low bits up:
/// owner 160 | royalty bps 14 | frozen 1 | spare 1 | payee 32 | transfer count 48.
interface ICollection is IERC2981, IERC7572, ITransferCount {
    /// @notice Emitted after the Transfer of a mint.
    /// @param royaltyReceiver Who receives the royalty; never zero.
    event Minted(
        uint256 indexed tokenId,
        address indexed creator,
        bytes32 metadataDigest,
        uint16 royaltyBps,
        address royaltyReceiver
    );

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

    /// @notice Mints the caller's work number `n`.
    ///
    /// @dev Emits a {Transfer} and a {Minted} event. The receiver is not called back.
    ///
    /// Requirements:
    /// - The id must never have been minted.
    /// - `metadataDigest` must not be zero.
    /// - `royaltyBps` must be at most 2,500.
    ///
    /// @param to The first owner; must not be zero.
    /// @param n The caller's own number of the work.
    /// @param metadataDigest The SHA-256 digest of the metadata, one raw block.
    /// @param royaltyReceiver Who receives the royalty; zero means the caller.
    /// @return tokenId `uint160(caller) << 96 | n`.
    function mint(
        address to,
        uint96 n,
        bytes32 metadataDigest,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external returns (uint256 tokenId);

    /// @notice Mints the caller's works `firstN`, `firstN + 1`, … in one transaction, with the
    /// requirements and events of {mint} for each.
    /// @return firstTokenId The id of the first; the others follow it.
    function mintMany(
        address to,
        uint96 firstN,
        bytes32[] calldata metadataDigests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external returns (uint256 firstTokenId);

    /// @notice Points the work to other metadata.
    ///
    /// @dev Emits a {MetadataDigestChanged} and a {MetadataUpdate} event, if the digest changes.
    ///
    /// Requirements:
    /// - The work must exist and must not be frozen.
    /// - The caller must be its creator.
    /// - `metadataDigest` must not be zero.
    function setMetadata(uint256 tokenId, bytes32 metadataDigest) external;

    /// @notice Changes the royalty of the work.
    ///
    /// @dev Emits a {RoyaltyChanged} event, if the royalty changes.
    ///
    /// Requirements:
    /// - The work must exist and must not be frozen.
    /// - The caller must be its creator.
    /// - `bps` must be at most 2,500, and not above the present royalty once the work has moved.
    function setRoyalty(uint256 tokenId, uint16 bps) external;

    /// @notice Gives up, for good, changing the work's metadata and royalty.
    ///
    /// @dev Emits a {Frozen} event.
    ///
    /// Requirements:
    /// - The work must exist and must not be frozen.
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

    /// @notice Whether the creator has given up changing the work.
    function isFrozen(uint256 tokenId) external view returns (bool frozen);

    /// @notice The creator named by an id, whether minted or not.
    function creatorOf(uint256 tokenId) external pure returns (address creator);

    /// @notice The storage word of a work, as a proof of storage shows it.
    function ownershipWord(uint256 tokenId) external view returns (bytes32 word);

    /// @notice The royalty receiver numbered `index`; never changes once set. Number 0, the
    /// creator of whichever work, answers zero, and so does a number not given yet.
    function payees(uint256 index) external view returns (address receiver);
}
