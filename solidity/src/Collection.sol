// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "solady/utils/EIP712.sol";

import {Credits} from "./bases/Credits.sol";
import {Identity} from "./bases/Identity.sol";
import {Works} from "./bases/Works.sol";
import {ICollection} from "./interfaces/ICollection.sol";
import {IERC7572} from "./interfaces/IERC7572.sol";
import {IStanding} from "./interfaces/IStanding.sol";
import {CidText} from "./libraries/CidText.sol";
import {OrderHash} from "./libraries/OrderHash.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Voucher} from "./types/Orders.sol";

/// @title Collection
/// @notice See {ICollection}. Here: who may mint, and the works sold by voucher.
contract Collection is Works, Credits, EIP712 {
    uint256 private constant MAX_FEE_BPS = 500;

    address private immutable _exchange;

    mapping(address creator => mapping(address minter => bool allowed)) private _minters;
    mapping(bytes32 voucherHash => mapping(address account => uint256 works)) private _taken;

    /// @dev Of an artist's collection, once its description has changed; zero before.
    bytes32 private _contractDigest;

    /// @param contractDigest The SHA-256 digest of the house's own description, or zero.
    /// @param exchange_ Where cancels of vouchers are kept, of the house and of every clone.
    constructor(
        string memory name_,
        string memory symbol_,
        bytes32 contractDigest,
        address exchange_
    ) Identity(name_, symbol_, contractDigest) {
        _exchange = exchange_;
        emit ContractURIUpdated();
    }

    /// @inheritdoc ICollection
    function mint(
        address to,
        uint256 tokenId,
        bytes32 metadataDigest,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external {
        _checkMayMint(tokenId);
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = metadataDigest;
        _mintRow(to, tokenId, digests, royaltyBps, royaltyReceiver);
    }

    /// @inheritdoc ICollection
    function mintMany(
        address to,
        uint256 firstTokenId,
        bytes32[] calldata metadataDigests,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external {
        _checkMayMint(firstTokenId);
        _mintRow(to, firstTokenId, metadataDigests, royaltyBps, royaltyReceiver);
    }

    /// @inheritdoc ICollection
    function mintEdition(
        address to,
        uint256 firstTokenId,
        uint256 size,
        bytes32 metadataDigest,
        uint16 royaltyBps,
        address royaltyReceiver
    ) external {
        _checkMayMint(firstTokenId);
        if (size == 0) revert Collection_EditionEmpty();
        bytes32[] memory digests = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            digests[i] = metadataDigest;
        }
        emit EditionMinted(firstTokenId, size);
        _mintRow(to, firstTokenId, digests, royaltyBps, royaltyReceiver);
    }

    /// @inheritdoc ICollection
    function redeem(Voucher calldata voucher, address signer, bytes calldata signature, uint32 n)
        external
        payable
        nonReentrant
    {
        // Check: the voucher is good for this work, this caller, now, and this payment.
        _checkVoucher(voucher, n);

        // Check: somebody who may mint now signed it, and has not taken it back.
        bytes32 voucherHash = hashVoucher(voucher);
        _checkSigned(voucher, voucherHash, signer, signature);

        // Effect: the share of one account, where the voucher limits it.
        if (voucher.maxPerRecipient != 0) {
            uint256 taken = _taken[voucherHash][msg.sender];
            if (taken >= voucher.maxPerRecipient) {
                revert Collection_VoucherRecipientLimit(taken, voucher.maxPerRecipient);
            }
            _taken[voucherHash][msg.sender] = taken + 1;
        }

        // Check and effect: the work is minted, once.
        uint256 tokenId = voucher.tokenId + n;
        _mintThrough(
            msg.sender, tokenId, voucher.metadataDigest, voucher.royaltyBps, voucher.royaltyReceiver
        );

        uint256 fee =
            voucher.feeReceiver == address(0) ? 0 : _partOf(voucher.price, voucher.maxFeeBps);
        emit VoucherFilled(
            voucherHash,
            signer,
            msg.sender,
            tokenId,
            voucher.currency,
            voucher.price,
            voucher.feeReceiver,
            fee
        );

        // Interaction.
        _payOut(voucher, fee);
    }

    /// @inheritdoc ICollection
    function setMinter(address minter, bool allowed) external {
        _checkCreatesHere(msg.sender);
        if (_minters[msg.sender][minter] == allowed) return;

        _minters[msg.sender][minter] = allowed;
        emit MinterChanged(msg.sender, minter, allowed);
    }

    /// @inheritdoc ICollection
    function setContractMetadata(bytes32 contractDigest) external {
        address only = artist();
        // The house has no artist, and nobody calls from the address zero.
        if (msg.sender != only) revert Collection_NotArtist(msg.sender, only);
        _checkNotAllFrozen(msg.sender);
        if (contractDigest == 0) revert Collection_DigestZero();
        if (contractDigest == _currentContractDigest()) return;

        _contractDigest = contractDigest;
        emit ContractURIUpdated();
    }

    /// @inheritdoc ICollection
    function isMinter(address creator, address minter) external view returns (bool) {
        return _minters[creator][minter];
    }

    /// @inheritdoc ICollection
    function takenOf(bytes32 voucherHash, address account) external view returns (uint256) {
        return _taken[voucherHash][account];
    }

    /// @inheritdoc ICollection
    function exchange() external view returns (address) {
        return _exchange;
    }

    /// @inheritdoc IERC7572
    function contractURI() external view returns (string memory) {
        bytes32 digest = _currentContractDigest();
        if (digest == 0) return "";
        return string.concat("ipfs://", CidText.ofRawBlock(digest));
    }

    /// @inheritdoc ICollection
    function hashVoucher(Voucher calldata voucher) public view returns (bytes32) {
        return _hashTypedData(OrderHash.hash(voucher));
    }

    function _domainNameAndVersion()
        internal
        pure
        override
        returns (string memory name_, string memory version)
    {
        return ("Vernissage Collection", "1");
    }

    /// @dev Pays from the buyer: the fee, and the rest to the creator. What is refused stays here
    /// as credit.
    function _payOut(Voucher calldata voucher, uint256 fee) private {
        address creator = creatorOf(voucher.tokenId);
        uint256 rest;
        // The fee is at most a twentieth of the price.
        unchecked {
            rest = voucher.price - fee;
        }
        if (voucher.currency == address(0)) {
            _pay(voucher.feeReceiver, fee);
            _pay(creator, rest);
        } else {
            _payFrom(msg.sender, voucher.currency, voucher.feeReceiver, fee);
            _payFrom(msg.sender, voucher.currency, creator, rest);
        }
    }

    /// @dev The caller is the creator named by the id, or a minter whom that creator named.
    function _checkMayMint(uint256 tokenId) private view {
        address creator = creatorOf(tokenId);
        _checkCreatesHere(creator);
        if (msg.sender != creator && !_minters[creator][msg.sender]) {
            revert Collection_NotMinter(creator, msg.sender);
        }
    }

    /// @dev What a voucher says of time, recipient, edition, fee and payment.
    function _checkVoucher(Voucher calldata voucher, uint32 n) private view {
        if (block.timestamp < voucher.start) {
            revert Collection_VoucherNotStarted(voucher.start, block.timestamp);
        }
        if (block.timestamp > voucher.end) {
            revert Collection_VoucherExpired(voucher.end, block.timestamp);
        }
        if (voucher.recipient != address(0) && voucher.recipient != msg.sender) {
            revert Collection_VoucherRecipient(voucher.recipient, msg.sender);
        }
        if (n >= voucher.editionSize) {
            revert Collection_VoucherEditionExceeded(n, voucher.editionSize);
        }
        _checkSerials(voucher.tokenId, uint256(n) + 1);
        if (voucher.maxFeeBps > MAX_FEE_BPS) {
            revert Collection_VoucherFeeTooHigh(voucher.maxFeeBps, MAX_FEE_BPS);
        }
        uint256 expected = voucher.currency == address(0) ? voucher.price : 0;
        if (msg.value != expected) revert Collection_VoucherPayment(expected, msg.value);
    }

    /// @dev The signer may mint in the creator's name at this moment, signed, and has cancelled
    /// neither the nonce nor everything.
    function _checkSigned(
        Voucher calldata voucher,
        bytes32 voucherHash,
        address signer,
        bytes calldata signature
    ) private view {
        address creator = creatorOf(voucher.tokenId);
        _checkCreatesHere(creator);
        if (signer != creator && !_minters[creator][signer]) {
            revert Collection_VoucherSigner(creator, signer);
        }
        if (!Signatures.isValid(signer, voucherHash, signature)) {
            revert Collection_VoucherSignatureInvalid(voucherHash, signer);
        }
        (uint256 counter, bool used) = IStanding(_exchange).standing(signer, voucher.nonce);
        if (used) revert Collection_VoucherNonceUsed(signer, voucher.nonce);
        if (counter != voucher.counter) {
            revert Collection_VoucherCounterMoved(voucher.counter, counter);
        }
    }

    function _currentContractDigest() private view returns (bytes32) {
        bytes32 changed = _contractDigest;
        return changed == 0 ? _firstContractDigest() : changed;
    }
}
