// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721} from "solady/tokens/ERC721.sol";

import {ICollection} from "../interfaces/ICollection.sol";
import {IERC7572} from "../interfaces/IERC7572.sol";
import {ITransferCount} from "../interfaces/ITransferCount.sol";
import {CidText} from "../libraries/CidText.sol";
import {OwnershipWord} from "../libraries/OwnershipWord.sol";
import {Identity} from "./Identity.sol";

/// @title Works
/// @notice The works of a collection: their words, metadata and royalties. See {ICollection}.
abstract contract Works is Identity, ERC721 {
    using OwnershipWord for uint256;

    /// @dev What a creator decides for all own works here. One slot.
    struct Creator {
        uint16 royaltyBps;
        uint32 payee;
        bool frozen;
    }

    uint256 internal constant WHOLE_BPS = 10_000;
    uint256 private constant MAX_ROYALTY_BPS = 2500;
    uint16 private constant DEFAULT_ROYALTY = type(uint16).max;
    uint256 private constant SERIAL_BITS = 96;
    bytes4 private constant ERC4906_ID = 0x49064906;

    mapping(uint256 tokenId => bytes32 digest) private _digests;
    mapping(uint256 index => address receiver) private _payees;
    mapping(address receiver => uint256 index) private _payeeIndex;
    uint256 private _payeeCount;
    mapping(address account => Creator creator) private _creators;

    /// @inheritdoc ICollection
    function setDefaultRoyalty(uint16 bps, address receiver) external {
        _checkCreatesHere(msg.sender);
        _checkRoyalty(bps);
        address named = receiver == address(0) ? msg.sender : receiver;
        Creator storage creator = _creators[msg.sender];
        creator.royaltyBps = bps;
        creator.payee = _payeeNumber(named, msg.sender);
        emit DefaultRoyaltyChanged(msg.sender, bps, named);
    }

    /// @inheritdoc ICollection
    function freezeAll() external {
        _checkCreatesHere(msg.sender);
        _checkNotAllFrozen(msg.sender);
        _creators[msg.sender].frozen = true;
        emit AllFrozen(msg.sender);
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
        _checkRoyalty(bps);
        uint256 current = word.royaltyBps();
        if (bps > current && word.transferCount() != 0) {
            revert Collection_RoyaltyMayOnlyFall(tokenId, bps, current);
        }
        if (bps == current) return;

        OwnershipWord.store(slot, word.withRoyaltyBps(bps));
        emit RoyaltyChanged(tokenId, bps, _payee(word.payee(), creatorOf(tokenId)));
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
        return _wordOf(tokenId).isFrozen() || isAllFrozen(creatorOf(tokenId));
    }

    /// @inheritdoc ICollection
    function ownershipWord(uint256 tokenId) external view returns (bytes32) {
        return bytes32(_wordOf(tokenId));
    }

    /// @inheritdoc ICollection
    function payees(uint256 index) external view returns (address) {
        return _payees[index];
    }

    /// @inheritdoc ICollection
    function defaultRoyalty(address account) external view returns (uint16 bps, address receiver) {
        Creator storage creator = _creators[account];
        return (creator.royaltyBps, _payee(creator.payee, account));
    }

    /// @inheritdoc IERC2981
    /// @dev Never reverts, for no price and for no id. Rounded down to the smallest unit.
    function royaltyInfo(uint256 tokenId, uint256 price)
        external
        view
        returns (address receiver, uint256 amount)
    {
        uint256 word = _wordOf(tokenId);
        receiver = _payee(word.payee(), creatorOf(tokenId));
        amount = _partOf(price, word.royaltyBps());
    }

    /// @inheritdoc ICollection
    function isAllFrozen(address creator) public view returns (bool) {
        return _creators[creator].frozen;
    }

    /// @inheritdoc ICollection
    function creatorOf(uint256 tokenId) public pure returns (address) {
        return address(uint160(tokenId >> SERIAL_BITS));
    }

    /// @inheritdoc ERC721
    function name() public view override returns (string memory) {
        return _name();
    }

    /// @inheritdoc ERC721
    function symbol() public view override returns (string memory) {
        return _symbol();
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        if (!_exists(tokenId)) revert TokenDoesNotExist();
        return string.concat("ipfs://", CidText.ofRawBlock(_digests[tokenId]));
    }

    /// @inheritdoc ERC721
    /// @dev Payable in the library for its own economy; coin sent along would be lost.
    function approve(address account, uint256 tokenId) public payable override {
        _checkNoCoin();
        _approve(msg.sender, account, tokenId);
    }

    /// @inheritdoc ERC721
    /// @dev The safe forms come through here too.
    function transferFrom(address from, address to, uint256 tokenId) public payable override {
        _checkNoCoin();
        _transfer(msg.sender, from, to, tokenId);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 id) public view override(ERC721, IERC165) returns (bool) {
        return super.supportsInterface(id) || id == type(IERC2981).interfaceId || id == ERC4906_ID
            || id == type(IERC7572).interfaceId || id == type(ITransferCount).interfaceId;
    }

    /// @dev As the library's, and the word says whether an approval stands.
    function _approve(address by, address account, uint256 tokenId) internal override {
        super._approve(by, account, tokenId);
        uint256 slot = OwnershipWord.slotOf(tokenId);
        uint256 word = OwnershipWord.load(slot);
        bool approved = account != address(0);
        if (word.isApproved() != approved) OwnershipWord.store(slot, word.withApproved(approved));
    }

    /// @dev Reads and writes the word once, where the library and a hook behind it would do so
    /// twice, and the approval only if there is one. Address zero is nobody, not everybody.
    function _transfer(address by, address from, address to, uint256 tokenId) internal override {
        (uint256 slot, uint256 word) = _existing(tokenId);
        if (word.owner() != from) revert TransferFromIncorrectOwner();
        word = _released(by, tokenId, slot, word);

        OwnershipWord.store(slot, word.withOwner(to));
        _takeFromBalance(from);
        _addToBalance(to, 1);
        emit Transfer(from, to, tokenId);
    }

    /// @dev Nothing of the word stays but the count, which has risen.
    function _burn(address by, uint256 tokenId) internal override {
        (uint256 slot, uint256 word) = _existing(tokenId);
        address holder = word.owner();
        word = _released(by, tokenId, slot, word);

        OwnershipWord.store(slot, word.onlyTransferCount());
        _digests[tokenId] = 0;
        _takeFromBalance(holder);
        emit Transfer(holder, address(0), tokenId);
    }

    /// @dev Mints works in a row. The balance is raised once, and each whole word written at once.
    function _mintRow(
        address to,
        uint256 firstTokenId,
        bytes32[] memory digests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) internal {
        _checkSerials(firstTokenId, digests.length);
        address creator = creatorOf(firstTokenId);
        (uint256 word, uint16 bps, address receiver) =
            _royaltyTerms(creator, royaltyBps, royaltyReceiver);
        word |= uint160(to);

        _addToBalance(to, digests.length);
        for (uint256 i = 0; i < digests.length; ++i) {
            uint256 tokenId;
            // The last number was checked above.
            unchecked {
                tokenId = firstTokenId + i;
            }
            bytes32 digest = digests[i];
            _write(tokenId, word, digest);
            emit Transfer(address(0), to, tokenId);
            emit Minted(tokenId, digest, bps, receiver);
        }
    }

    /// @dev Mints one work to its creator and moves it on to the collector: two entries in the
    /// work's history and one write of its word, with the movement already counted.
    function _mintThrough(
        address to,
        uint256 tokenId,
        bytes32 digest,
        uint16 royaltyBps,
        address royaltyReceiver
    ) internal {
        address creator = creatorOf(tokenId);
        (uint256 word, uint16 bps, address receiver) =
            _royaltyTerms(creator, royaltyBps, royaltyReceiver);
        word = (word | uint160(to)).plusOneTransfer();

        _addToBalance(to, 1);
        _write(tokenId, word, digest);
        emit Transfer(address(0), creator, tokenId);
        emit Transfer(creator, to, tokenId);
        emit Minted(tokenId, digest, bps, receiver);
    }

    /// @dev The last number is one of the creator's, not the next creator's first.
    function _checkSerials(uint256 firstTokenId, uint256 works) internal pure {
        uint256 end = uint96(firstTokenId) + works;
        if (end > 1 << SERIAL_BITS) revert Collection_SerialTooHigh(end);
    }

    function _checkNotAllFrozen(address creator) internal view {
        if (isAllFrozen(creator)) revert Collection_AllFrozen(creator);
    }

    /// @dev The same as price * bps / 10,000, without the product that could overflow.
    function _partOf(uint256 price, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return price / WHOLE_BPS * bps + price % WHOLE_BPS * bps / WHOLE_BPS;
        }
    }

    /// @dev Writes a new work, once: its whole word must be zero, so neither owned nor burned.
    function _write(uint256 tokenId, uint256 word, bytes32 digest) private {
        if (digest == 0) revert Collection_DigestZero();
        uint256 slot = OwnershipWord.slotOf(tokenId);
        if (OwnershipWord.load(slot) != 0) revert Collection_AlreadyMinted(tokenId);
        OwnershipWord.store(slot, word);
        _digests[tokenId] = digest;
    }

    /// @dev The word of a work that may leave its owner: once more moved, and approved to nobody.
    function _released(address by, uint256 tokenId, uint256 slot, uint256 word)
        private
        returns (uint256)
    {
        address holder = word.owner();
        uint256 approval = OwnershipWord.approvalOf(slot);
        bool isApproved = word.isApproved();
        if (
            by != holder && !(isApproved && OwnershipWord.load(approval) == uint160(by))
                && !isApprovedForAll(holder, by)
        ) revert NotOwnerNorApproved();
        if (word.isExhausted()) revert Collection_TransferCountExhausted(tokenId);

        if (isApproved) {
            OwnershipWord.store(approval, 0);
            word = word.withApproved(false);
        }
        return word.plusOneTransfer();
    }

    /// @dev Adds works to an account's balance, by fewer than there is memory for.
    function _addToBalance(address account, uint256 works) private {
        if (account == address(0)) revert TransferToZeroAddress();
        uint256 slot = OwnershipWord.balanceSlotOf(account);
        uint256 raised;
        unchecked {
            raised = OwnershipWord.load(slot) + works;
        }
        if (raised > _MAX_ACCOUNT_BALANCE) revert AccountBalanceOverflow();
        OwnershipWord.store(slot, raised);
    }

    /// @dev Whoever owns a work has a balance of at least one.
    function _takeFromBalance(address account) private {
        uint256 slot = OwnershipWord.balanceSlotOf(account);
        unchecked {
            OwnershipWord.store(slot, OwnershipWord.load(slot) - 1);
        }
    }

    /// @dev The terms of a new work's word, and what they are in words. The creator's default is
    /// copied, so that a later one changes nothing about this work.
    function _royaltyTerms(address account, uint16 bps, address receiver)
        private
        returns (uint256 terms, uint16, address)
    {
        if (bps == DEFAULT_ROYALTY) {
            if (receiver != address(0)) revert Collection_DefaultNamesReceiver(receiver);
            Creator storage creator = _creators[account];
            (uint16 share, uint32 index) = (creator.royaltyBps, creator.payee);
            return (OwnershipWord.terms(share, index), share, _payee(index, account));
        }
        _checkRoyalty(bps);
        address named = receiver == address(0) ? account : receiver;
        return (OwnershipWord.terms(bps, _payeeNumber(named, account)), bps, named);
    }

    /// @dev The receiver's number, given at the first use. Number 0 is the creator.
    function _payeeNumber(address receiver, address creator) private returns (uint32) {
        if (receiver == creator) return 0;
        uint256 index = _payeeIndex[receiver];
        if (index == 0) {
            index = ++_payeeCount;
            assert(index <= type(uint32).max);
            _payeeIndex[receiver] = index;
            _payees[index] = receiver;
        }
        return uint32(index);
    }

    /// @dev The caller must be the creator of a work that exists and is not frozen.
    function _checkMayChange(uint256 tokenId) private view returns (uint256 slot, uint256 word) {
        if (creatorOf(tokenId) != msg.sender) revert Collection_NotCreator(tokenId, msg.sender);
        (slot, word) = _existing(tokenId);
        if (word.isFrozen()) revert Collection_WorkFrozen(tokenId);
        _checkNotAllFrozen(msg.sender);
    }

    function _existing(uint256 tokenId) private view returns (uint256 slot, uint256 word) {
        slot = OwnershipWord.slotOf(tokenId);
        word = OwnershipWord.load(slot);
        if (word.owner() == address(0)) revert TokenDoesNotExist();
    }

    function _wordOf(uint256 tokenId) private view returns (uint256) {
        return OwnershipWord.load(OwnershipWord.slotOf(tokenId));
    }

    function _payee(uint256 index, address creator) private view returns (address) {
        return index == 0 ? creator : _payees[index];
    }

    function _checkRoyalty(uint256 bps) private pure {
        if (bps > MAX_ROYALTY_BPS) revert Collection_RoyaltyTooHigh(bps, MAX_ROYALTY_BPS);
    }

    function _checkNoCoin() private view {
        if (msg.value != 0) revert Collection_CoinNotAccepted();
    }
}
