// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721} from "solady/tokens/ERC721.sol";

import {ICollection} from "./interfaces/ICollection.sol";
import {IERC7572} from "./interfaces/IERC7572.sol";
import {ITransferCount} from "./interfaces/ITransferCount.sol";
import {CidText} from "./libraries/CidText.sol";
import {OwnershipWord} from "./libraries/OwnershipWord.sol";

/// @title Collection
/// @notice See {ICollection}.
contract Collection is ICollection, ERC721 {
    using OwnershipWord for uint96;

    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MAX_ROYALTY_BPS = 2500;
    uint256 private constant SERIAL_BITS = 96;
    bytes4 private constant ERC4906_ID = 0x49064906;

    string private _name;
    string private _symbol;
    bytes32 private immutable _contractDigest;

    mapping(uint256 tokenId => bytes32 digest) private _digests;
    mapping(uint256 index => address receiver) private _payees;
    mapping(address receiver => uint256 index) private _payeeIndex;
    uint256 private _payeeCount;

    /// @param contractDigest_ The SHA-256 digest of the collection's own metadata, or zero.
    constructor(string memory name_, string memory symbol_, bytes32 contractDigest_) {
        _name = name_;
        _symbol = symbol_;
        _contractDigest = contractDigest_;
        emit ContractURIUpdated();
    }

    /// @inheritdoc ICollection
    function mint(
        address to,
        uint96 n,
        bytes32 metadataDigest_,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external returns (uint256 tokenId) {
        (uint96 word, address receiver) = _royaltyTerms(royaltyBps, royaltyReceiver);
        tokenId = _firstId(n);
        _mintWork(to, tokenId, metadataDigest_, word, royaltyBps, receiver);
    }

    /// @inheritdoc ICollection
    function mintMany(
        address to,
        uint96 firstN,
        bytes32[] calldata metadataDigests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external returns (uint256 firstTokenId) {
        (uint96 word, address receiver) = _royaltyTerms(royaltyBps, royaltyReceiver);
        firstTokenId = _firstId(firstN);
        for (uint96 i = 0; i < metadataDigests.length; ++i) {
            // The sum of two serials is checked: an id must not run over into another creator's.
            _mintWork(
                to, _firstId(firstN + i), metadataDigests[i], word, royaltyBps, receiver
            );
        }
    }

    /// @inheritdoc ICollection
    function setMetadata(uint256 tokenId, bytes32 metadataDigest_) external {
        _checkMayChange(tokenId);
        if (metadataDigest_ == 0) revert Collection_DigestZero();
        if (_digests[tokenId] == metadataDigest_) return;

        _digests[tokenId] = metadataDigest_;
        emit MetadataDigestChanged(tokenId, metadataDigest_);
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc ICollection
    function setRoyalty(uint256 tokenId, uint16 bps) external {
        _checkMayChange(tokenId);
        if (bps > MAX_ROYALTY_BPS) revert Collection_RoyaltyTooHigh(bps, MAX_ROYALTY_BPS);
        uint96 extra = _getExtraData(tokenId);
        uint256 current = extra.royaltyBps();
        if (bps > current && extra.transferCount() != 0) {
            revert Collection_RoyaltyMayOnlyFall(tokenId, bps, current);
        }
        if (bps == current) return;

        _setExtraData(tokenId, extra.withRoyaltyBps(bps));
        emit RoyaltyChanged(tokenId, bps, _receiverOf(tokenId, extra));
    }

    /// @inheritdoc ICollection
    function freeze(uint256 tokenId) external {
        _checkMayChange(tokenId);
        _setExtraData(tokenId, _getExtraData(tokenId).withFrozen());
        emit Frozen(tokenId);
    }

    /// @inheritdoc ICollection
    function burn(uint256 tokenId) external {
        _burn(msg.sender, tokenId);
        // The count has risen in the hook; nothing else of the word stays.
        _setExtraData(tokenId, _getExtraData(tokenId).onlyTransferCount());
        _digests[tokenId] = 0;
    }

    /// @inheritdoc ICollection
    function metadataDigest(uint256 tokenId) external view returns (bytes32) {
        return _digests[tokenId];
    }

    /// @inheritdoc ITransferCount
    function transferCount(uint256 tokenId) external view returns (uint256) {
        return _getExtraData(tokenId).transferCount();
    }

    /// @inheritdoc ICollection
    function isFrozen(uint256 tokenId) external view returns (bool) {
        return _getExtraData(tokenId).isFrozen();
    }

    /// @inheritdoc ICollection
    function ownershipWord(uint256 tokenId) external view returns (bytes32) {
        return bytes32(
            (uint256(_getExtraData(tokenId)) << 160) | uint256(uint160(_ownerOf(tokenId)))
        );
    }

    /// @inheritdoc ICollection
    function payees(uint256 index) external view returns (address) {
        return _payees[index];
    }

    /// @inheritdoc IERC2981
    /// @dev Never reverts, for no price and for no id. Rounded down to the smallest unit.
    function royaltyInfo(uint256 tokenId, uint256 price)
        external
        view
        returns (address receiver, uint256 amount)
    {
        uint96 extra = _getExtraData(tokenId);
        uint256 bps = extra.royaltyBps();
        receiver = _receiverOf(tokenId, extra);
        // The same as price * bps / 10,000, without the product that could overflow.
        unchecked {
            amount = price / WHOLE_BPS * bps + price % WHOLE_BPS * bps / WHOLE_BPS;
        }
    }

    /// @inheritdoc IERC7572
    function contractURI() external view returns (string memory) {
        if (_contractDigest == 0) return "";
        return string.concat("ipfs://", CidText.ofRawBlock(_contractDigest));
    }

    /// @inheritdoc ICollection
    function creatorOf(uint256 tokenId) public pure returns (address) {
        return address(uint160(tokenId >> SERIAL_BITS));
    }

    /// @inheritdoc ERC721
    function name() public view override returns (string memory) {
        return _name;
    }

    /// @inheritdoc ERC721
    function symbol() public view override returns (string memory) {
        return _symbol;
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        if (!_exists(tokenId)) revert TokenDoesNotExist();
        return string.concat("ipfs://", CidText.ofRawBlock(_digests[tokenId]));
    }

    /// @inheritdoc ERC721
    function approve(address account, uint256 tokenId) public payable override {
        _checkNoCoin();
        super.approve(account, tokenId);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 id) public view override(ERC721, IERC165) returns (bool) {
        return super.supportsInterface(id) || id == type(IERC2981).interfaceId || id == ERC4906_ID
            || id == type(IERC7572).interfaceId || id == type(ITransferCount).interfaceId;
    }

    /// @dev Transfers are payable in the library for its own economy; coin sent along would be lost.
    function _beforeTokenTransfer(address, address, uint256) internal override {
        _checkNoCoin();
    }

    /// @dev Counts every transfer and the burning, not the mint.
    function _afterTokenTransfer(address from, address, uint256 tokenId) internal override {
        if (from == address(0)) return;
        uint96 extra = _getExtraData(tokenId);
        if (extra.isExhausted()) revert Collection_TransferCountExhausted(tokenId);
        _setExtraData(tokenId, extra.plusOneTransfer());
    }

    function _mintWork(
        address to,
        uint256 tokenId,
        bytes32 digest,
        uint96 word,
        uint16 royaltyBps,
        address royaltyReceiver
    ) private {
        // Check: the metadata is named, and the whole word is zero: neither owned nor burned.
        if (digest == 0) revert Collection_DigestZero();
        if (_exists(tokenId) || _getExtraData(tokenId) != 0) {
            revert Collection_AlreadyMinted(tokenId);
        }

        // Effect.
        _digests[tokenId] = digest;
        _mintAndSetExtraDataUnchecked(to, tokenId, word);
        emit Minted(tokenId, msg.sender, digest, royaltyBps, royaltyReceiver);
    }

    /// @dev The upper part of a new work's word, and who receives its royalty.
    function _royaltyTerms(uint16 bps, address receiver)
        private
        returns (uint96 word, address named)
    {
        if (bps > MAX_ROYALTY_BPS) revert Collection_RoyaltyTooHigh(bps, MAX_ROYALTY_BPS);
        if (receiver == address(0) || receiver == msg.sender) {
            return (OwnershipWord.fresh(bps, 0), msg.sender);
        }
        return (OwnershipWord.fresh(bps, _payeeNumber(receiver)), receiver);
    }

    /// @dev The receiver's number, given at the first use. Number 0 is the creator.
    function _payeeNumber(address receiver) private returns (uint32 index) {
        index = uint32(_payeeIndex[receiver]);
        if (index == 0) {
            assert(_payeeCount < type(uint32).max);
            index = uint32(++_payeeCount);
            _payeeIndex[receiver] = index;
            _payees[index] = receiver;
        }
    }

    function _receiverOf(uint256 tokenId, uint96 extra) private view returns (address) {
        uint256 index = extra.payee();
        return index == 0 ? creatorOf(tokenId) : _payees[index];
    }

    function _firstId(uint96 n) private view returns (uint256) {
        return (uint256(uint160(msg.sender)) << SERIAL_BITS) | n;
    }

    function _checkMayChange(uint256 tokenId) private view {
        if (creatorOf(tokenId) != msg.sender) revert Collection_NotCreator(tokenId, msg.sender);
        if (!_exists(tokenId)) revert TokenDoesNotExist();
        if (_getExtraData(tokenId).isFrozen()) revert Collection_WorkFrozen(tokenId);
    }

    function _checkNoCoin() private view {
        if (msg.value != 0) revert Collection_CoinNotAccepted();
    }
}
