// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ICollection} from "../interfaces/ICollection.sol";
import {IValidator} from "../interfaces/IValidator.sol";
import {Findings, Found} from "../libraries/Findings.sol";
import {OrderHash} from "../libraries/OrderHash.sol";
import {Questions} from "../libraries/Questions.sol";
import {Voucher} from "../types/Orders.sol";
import {Reasons} from "../types/Reasons.sol";
import {Inspections} from "./Inspections.sol";

/// @title VoucherInspections
/// @notice Why a voucher cannot be redeemed. See {IValidator}.
///
/// @dev The collection may be anything that calls itself one, so nothing of it is trusted: the
/// voucher is hashed here.
abstract contract VoucherInspections is IValidator, Inspections {
    using Findings for Found;

    uint256 private constant MAX_FEE_BPS = 500;
    uint256 private constant MAX_ROYALTY_BPS = 2500;
    uint256 private constant HIGH_BPS = 1000;
    uint16 private constant DEFAULT_ROYALTY = type(uint16).max;
    uint256 private constant SERIALS = 1 << 96;
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @inheritdoc IValidator
    function checkVoucher(
        address collection,
        Voucher calldata voucher,
        address signer,
        bytes calldata signature,
        uint32 n,
        address taker
    ) external view returns (uint16[] memory, uint16[] memory) {
        Found memory found;
        _inspectVoucherTerms(voucher, n, found);
        _inspectTime(voucher.start, voucher.end, found);
        if (taker != address(0) && voucher.recipient != address(0) && voucher.recipient != taker) {
            found.refuse(Reasons.TAKER_MISMATCH);
        }
        if (collection.code.length == 0) {
            found.refuse(Reasons.NO_CODE);
            return found.lists();
        }
        bytes32 voucherHash = _hashVoucher(collection, voucher);
        _inspectSigner(collection, voucher, signer, found);
        _inspectSignature(signer, voucherHash, signature, found);
        _inspectEdition(collection, voucher, voucherHash, n, taker, found);
        _inspectPayment(collection, voucher, taker, found);
        return found.lists();
    }

    function _inspectVoucherTerms(Voucher calldata voucher, uint32 n, Found memory found)
        private
        pure
    {
        if (voucher.maxFeeBps > MAX_FEE_BPS) found.refuse(Reasons.FEE_TOO_HIGH);
        if (voucher.metadataDigest == 0) found.refuse(Reasons.DIGEST_ZERO);
        if (voucher.royaltyBps == DEFAULT_ROYALTY) {
            if (voucher.royaltyReceiver != address(0)) found.refuse(Reasons.TERMS_INVALID);
        } else if (voucher.royaltyBps > MAX_ROYALTY_BPS) {
            found.refuse(Reasons.ROYALTY_TOO_HIGH);
        } else if (voucher.royaltyBps > HIGH_BPS) {
            found.warn(Reasons.HIGH_ROYALTY);
        }
        if (n >= voucher.editionSize || uint96(voucher.tokenId) + uint256(n) + 1 > SERIALS) {
            found.refuse(Reasons.EDITION_EXCEEDED);
        }
    }

    /// @dev The signer is the creator or a minter, and has not taken the voucher back.
    function _inspectSigner(
        address collection,
        Voucher calldata voucher,
        address signer,
        Found memory found
    ) private view {
        (bool answered, uint256 artist,) = Questions.ask(
            collection, Questions.GAS, 1, abi.encodeCall(ICollection.artist, ())
        );
        uint256 standing = Questions.askWord(collection, abi.encodeCall(ICollection.exchange, ()));
        if (!answered || standing == 0 || standing >> 160 != 0) {
            found.refuse(Reasons.KIND_UNKNOWN);
            return;
        }
        address creator = address(uint160(voucher.tokenId >> 96));
        bool creates = artist == 0 || artist == uint160(creator);
        bool mints = signer == creator
            || Questions.isYes(collection, abi.encodeCall(ICollection.isMinter, (creator, signer)));
        if (!creates || !mints) found.refuse(Reasons.SIGNER_NOT_ALLOWED);
        _inspectStanding(address(uint160(standing)), signer, voucher.nonce, voucher.counter, found);
    }

    function _inspectEdition(
        address collection,
        Voucher calldata voucher,
        bytes32 voucherHash,
        uint32 n,
        address taker,
        Found memory found
    ) private view {
        if (voucher.maxPerRecipient != 0 && taker != address(0)) {
            uint256 taken = Questions.askWord(
                collection, abi.encodeCall(ICollection.takenOf, (voucherHash, taker))
            );
            if (taken >= voucher.maxPerRecipient) found.refuse(Reasons.RECIPIENT_LIMIT);
        }
        if (found.has(Reasons.EDITION_EXCEEDED)) return;
        uint256 tokenId = voucher.tokenId + n;
        if (
            Questions.askWord(collection, abi.encodeCall(ICollection.ownershipWord, (tokenId))) != 0
        ) {
            found.refuse(Reasons.ALREADY_MINTED);
        }
        _inspectFrozen(collection, tokenId, found);
    }

    function _inspectPayment(
        address collection,
        Voucher calldata voucher,
        address taker,
        Found memory found
    ) private view {
        uint256 amount = voucher.price;
        if (voucher.currency != address(0)) {
            amount = _moved(voucher, taker);
            if (amount != 0 && voucher.currency.code.length == 0) {
                found.refuse(Reasons.CURRENCY_UNSUPPORTED);
                return;
            }
        }
        if (taker != address(0)) {
            _inspectPurse(voucher.currency, taker, collection, amount, found);
        }
    }

    /// @dev What leaves the taker in an ERC-20: nobody pays oneself.
    function _moved(Voucher calldata voucher, address taker) private pure returns (uint256 amount) {
        uint256 fee;
        if (voucher.feeReceiver != address(0) && voucher.maxFeeBps <= MAX_FEE_BPS) {
            fee = voucher.price / WHOLE_BPS * voucher.maxFeeBps + voucher.price % WHOLE_BPS
                * voucher.maxFeeBps / WHOLE_BPS;
        }
        if (taker != voucher.feeReceiver) amount += fee;
        if (uint160(taker) != uint160(voucher.tokenId >> 96)) amount += voucher.price - fee;
    }

    function _hashVoucher(address collection, Voucher calldata voucher)
        private
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256("Vernissage Collection"),
                keccak256("1"),
                block.chainid,
                collection
            )
        );
        return MessageHashUtils.toTypedDataHash(domain, OrderHash.hash(voucher));
    }
}
