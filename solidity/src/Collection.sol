// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {ERC721} from "solady/tokens/ERC721.sol";

import {ICollection} from "./interfaces/ICollection.sol";
import {IERC7572} from "./interfaces/IERC7572.sol";
import {ITransferCount} from "./interfaces/ITransferCount.sol";
import {CidText} from "./libraries/CidText.sol";
import {OwnershipWord} from "./libraries/OwnershipWord.sol";

/// @title Collection
/// @notice See {ICollection}.
contract Collection is ICollection, ERC721 {
    using OwnershipWord for uint256;

    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MAX_ROYALTY_BPS = 2500;
    uint256 private constant SERIAL_BITS = 96;
    bytes4 private constant ERC4906_ID = 0x49064906;

    /// @dev What Solady appends to an account before it hashes it to the slot of its balance.
    uint64 private constant BALANCE_SEED = 0x0a5a2e7a00000000;

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
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = metadataDigest_;
        return _mint(to, n, digests, royaltyBps, royaltyReceiver);
    }

    /// @inheritdoc ICollection
    function mintMany(
        address to,
        uint96 firstN,
        bytes32[] calldata metadataDigests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external returns (uint256 firstTokenId) {
        return _mint(to, firstN, metadataDigests, royaltyBps, royaltyReceiver);
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
        (uint256 slot, uint256 word) = _checkMayChange(tokenId);
        if (bps > MAX_ROYALTY_BPS) revert Collection_RoyaltyTooHigh(bps, MAX_ROYALTY_BPS);
        uint256 current = word.royaltyBps();
        if (bps > current && word.transferCount() != 0) {
            revert Collection_RoyaltyMayOnlyFall(tokenId, bps, current);
        }
        if (bps == current) return;

        OwnershipWord.store(slot, word.withRoyaltyBps(bps));
        emit RoyaltyChanged(tokenId, bps, _receiverOf(tokenId, word));
    }

    /// @inheritdoc ICollection
    function freeze(uint256 tokenId) external {
        (uint256 slot, uint256 word) = _checkMayChange(tokenId);
        OwnershipWord.store(slot, word.withFrozen());
        emit Frozen(tokenId);
    }

    /// @inheritdoc ICollection
    function burn(uint256 tokenId) external {
        _burn(msg.sender, tokenId);
        // The count has risen in the hook; nothing else of the word stays.
        uint256 slot = OwnershipWord.slotOf(tokenId);
        OwnershipWord.store(slot, OwnershipWord.load(slot).onlyTransferCount());
        _digests[tokenId] = 0;
    }

    /// @inheritdoc ICollection
    function metadataDigest(uint256 tokenId) external view returns (bytes32) {
        return _digests[tokenId];
    }

    /// @inheritdoc ITransferCount
    function transferCount(uint256 tokenId) external view returns (uint256) {
        return _wordOf(tokenId).transferCount();
    }

    /// @inheritdoc ITransferCount
    function ownerAndCount(uint256 tokenId) external view returns (address, uint256) {
        uint256 word = _wordOf(tokenId);
        return (word.owner(), word.transferCount());
    }

    /// @inheritdoc ICollection
    function isFrozen(uint256 tokenId) external view returns (bool) {
        return _wordOf(tokenId).isFrozen();
    }

    /// @inheritdoc ICollection
    function ownershipWord(uint256 tokenId) external view returns (bytes32) {
        return bytes32(_wordOf(tokenId));
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
        uint256 word = _wordOf(tokenId);
        uint256 bps = word.royaltyBps();
        receiver = _receiverOf(tokenId, word);
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
    function _beforeTokenTransfer(address, address, uint256) internal view override {
        _checkNoCoin();
    }

    /// @dev Counts every transfer and the burning, not the mint.
    function _afterTokenTransfer(address, address, uint256 tokenId) internal override {
        uint256 slot = OwnershipWord.slotOf(tokenId);
        uint256 word = OwnershipWord.load(slot);
        if (word.isExhausted()) revert Collection_TransferCountExhausted(tokenId);
        OwnershipWord.store(slot, word.plusOneTransfer());
    }

    /// @dev Mints works in a row. The balance is raised once, and each whole word written at once.
    function _mint(
        address to,
        uint96 firstN,
        bytes32[] memory digests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) private returns (uint256 firstTokenId) {
        // Check: the last number is one of the caller's, not the next creator's first.
        uint256 end = firstN + digests.length;
        if (end > 1 << SERIAL_BITS) revert Collection_SerialTooHigh(end);

        _addToBalance(to, digests.length);
        (uint256 word, address receiver) = _royaltyTerms(royaltyBps, royaltyReceiver);
        word |= uint160(to);
        firstTokenId = _ownId(firstN);
        for (uint256 i = 0; i < digests.length; ++i) {
            uint256 tokenId;
            // The sum was checked above.
            unchecked {
                tokenId = firstTokenId + i;
            }

            // Check: the metadata is named, and the whole word is zero: neither owned nor burned.
            bytes32 digest = digests[i];
            if (digest == 0) revert Collection_DigestZero();
            uint256 slot = OwnershipWord.slotOf(tokenId);
            if (OwnershipWord.load(slot) != 0) revert Collection_AlreadyMinted(tokenId);

            // Effect.
            OwnershipWord.store(slot, word);
            _digests[tokenId] = digest;
            emit Transfer(address(0), to, tokenId);
            emit Minted(tokenId, msg.sender, digest, royaltyBps, receiver);
        }
    }

    /// @dev Adds works to an account's balance, the low 32 bits of a slot that Solady derives
    /// from the account; the bits above are not used.
    function _addToBalance(address account, uint256 works) private {
        if (account == address(0)) revert TransferToZeroAddress();
        bytes32 slot = keccak256(abi.encodePacked(account, BALANCE_SEED));
        StorageSlot.Uint256Slot storage balance = StorageSlot.getUint256Slot(slot);
        uint256 raised = balance.value + works;
        if (raised > _MAX_ACCOUNT_BALANCE) revert AccountBalanceOverflow();
        balance.value = raised;
    }

    /// @dev The terms of a new work's word, and who receives its royalty.
    function _royaltyTerms(uint16 bps, address receiver)
        private
        returns (uint256 terms, address named)
    {
        if (bps > MAX_ROYALTY_BPS) revert Collection_RoyaltyTooHigh(bps, MAX_ROYALTY_BPS);
        if (receiver == address(0) || receiver == msg.sender) {
            return (OwnershipWord.terms(bps, 0), msg.sender);
        }
        return (OwnershipWord.terms(bps, _payeeNumber(receiver)), receiver);
    }

    /// @dev The receiver's number, given at the first use. Number 0 is the creator.
    function _payeeNumber(address receiver) private returns (uint256 index) {
        index = _payeeIndex[receiver];
        if (index == 0) {
            index = ++_payeeCount;
            assert(index <= type(uint32).max);
            _payeeIndex[receiver] = index;
            _payees[index] = receiver;
        }
    }

    /// @dev The caller must be the creator of a work that exists and is not frozen.
    function _checkMayChange(uint256 tokenId) private view returns (uint256 slot, uint256 word) {
        if (creatorOf(tokenId) != msg.sender) revert Collection_NotCreator(tokenId, msg.sender);
        slot = OwnershipWord.slotOf(tokenId);
        word = OwnershipWord.load(slot);
        if (word.owner() == address(0)) revert TokenDoesNotExist();
        if (word.isFrozen()) revert Collection_WorkFrozen(tokenId);
    }

    function _wordOf(uint256 tokenId) private view returns (uint256) {
        return OwnershipWord.load(OwnershipWord.slotOf(tokenId));
    }

    function _receiverOf(uint256 tokenId, uint256 word) private view returns (address) {
        uint256 index = word.payee();
        return index == 0 ? creatorOf(tokenId) : _payees[index];
    }

    function _ownId(uint96 n) private view returns (uint256) {
        return (uint256(uint160(msg.sender)) << SERIAL_BITS) | n;
    }

    function _checkNoCoin() private view {
        if (msg.value != 0) revert Collection_CoinNotAccepted();
    }
}
