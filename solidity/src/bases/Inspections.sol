// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155} from "@openzeppelin/contracts/interfaces/IERC1155.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../interfaces/ICollection.sol";
import {IGoverned} from "../interfaces/IGoverned.sol";
import {IStanding} from "../interfaces/IStanding.sol";
import {BoundedCalls} from "../libraries/BoundedCalls.sol";
import {Findings, Found} from "../libraries/Findings.sol";
import {Questions} from "../libraries/Questions.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {UNBOUND} from "../types/Orders.sol";
import {Reasons} from "../types/Reasons.sol";

/// @title Inspections
/// @notice What orders, auctions and vouchers are all asked. See {IValidator}.
abstract contract Inspections {
    using Findings for Found;

    uint256 internal constant WHOLE_BPS = 10_000;
    uint256 private constant HIGH_ROYALTY_PART = 10;
    bytes32 private constant ERC6492_SUFFIX =
        0x6492649264926492649264926492649264926492649264926492649264926492;

    /// @dev One work, its part of the price, and who would have to move it.
    struct Work {
        address collection;
        uint256 tokenId;
        uint256 transferCount;
        /// Zero leaves out whose it is and whether it may be moved.
        address seller;
        address operator;
        uint256 price;
        uint256 maxRoyaltyBps;
        uint256 feeBps;
    }

    /// @dev Who would be paid for a work, and what.
    struct Shares {
        bool known;
        address receiver;
        uint256 royalty;
        uint256 proceeds;
    }

    /// @dev The platform's state, and its fee until the end of what was signed.
    function _inspectPlatform(
        IGoverned platform,
        uint256 maxFeeBps,
        uint256 until,
        Found memory found
    ) internal view returns (uint256 feeBps) {
        if (platform.isRetired()) found.refuse(Reasons.RETIRED);
        else if (!platform.isOpen()) found.refuse(Reasons.PAUSED);

        feeBps = platform.feeBps();
        (uint256 nextBps, uint256 from) = platform.nextFee();
        if (feeBps > maxFeeBps) found.refuse(Reasons.FEE_ABOVE_MAXIMUM);
        else if (nextBps > maxFeeBps && from <= until) found.warn(Reasons.FEE_WILL_RISE);
    }

    function _inspectTime(uint256 start, uint256 end, Found memory found) internal view {
        if (end < start) found.refuse(Reasons.END_BEFORE_START);
        if (block.timestamp < start) found.refuse(Reasons.NOT_STARTED);
        if (block.timestamp > end) found.refuse(Reasons.EXPIRED);
    }

    function _inspectSignature(
        address signer,
        bytes32 digest,
        bytes calldata signature,
        Found memory found
    ) internal view {
        address recovered = Signatures.recover(digest, signature);
        if (recovered != address(0) && recovered == signer) return;
        if (signer.code.length == 0) {
            bool wrapped = signature.length > 32
                && bytes32(signature[signature.length - 32:]) == ERC6492_SUFFIX;
            found.refuse(wrapped ? Reasons.WALLET_NOT_DEPLOYED : Reasons.SIGNATURE_INVALID);
        } else if (!Questions.isSigned(signer, digest, signature)) {
            found.refuse(Reasons.SIGNATURE_INVALID);
        }
    }

    /// @dev What the signer has taken back, as the exchange keeps it.
    function _inspectStanding(
        address exchange,
        address signer,
        uint256 nonce,
        uint256 counter,
        Found memory found
    ) internal view {
        (bool answered, uint256 current, uint256 used) = Questions.ask(
            exchange, Questions.GAS, 2, abi.encodeCall(IStanding.standing, (signer, nonce))
        );
        if (!answered) found.refuse(Reasons.KIND_UNKNOWN);
        else if (used != 0) found.refuse(Reasons.NONCE_USED);
        if (current > counter) found.refuse(Reasons.COUNTER_MOVED);
        else if (answered && current < counter) found.refuse(Reasons.COUNTER_AHEAD);
    }

    /// @dev Whether the work is there, is the seller's and may be moved, and what its sale pays.
    function _inspectWork(Work memory work, Found memory found)
        internal
        view
        returns (Shares memory shares)
    {
        if (work.collection.code.length == 0) {
            found.refuse(Reasons.NO_CODE);
            return shares;
        }
        _inspectCollection(work.collection, found);
        address owner = _inspectOwner(work, found);
        if (owner == address(0)) {
            found.refuse(Reasons.TOKEN_GONE);
        } else if (work.seller != address(0)) {
            if (owner != work.seller) found.refuse(Reasons.NOT_OWNER);
            if (!Questions.mayMove(work.collection, work.tokenId, work.seller, work.operator)) {
                found.refuse(Reasons.NOT_APPROVED);
            }
        }
        _inspectFrozen(work.collection, work.tokenId, found);
        return _inspectRoyalty(work, found);
    }

    /// @dev Warns unless the work's description can change no more. Collections that are not like
    /// ours do not say, and are not warned of.
    function _inspectFrozen(address collection, uint256 tokenId, Found memory found) internal view {
        (bool answered, uint256 frozen,) = Questions.ask(
            collection, Questions.GAS, 1, abi.encodeCall(ICollection.isFrozen, (tokenId))
        );
        if (answered && frozen == 0) found.warn(Reasons.METADATA_NOT_FROZEN);
    }

    /// @dev Whether the payer has the amount, and lets the spender take it where that is needed.
    function _inspectPurse(
        address currency,
        address payer,
        address spender,
        uint256 amount,
        Found memory found
    ) internal view {
        if (currency == address(0)) {
            if (payer.balance < amount) found.refuse(Reasons.BALANCE_TOO_LOW);
            return;
        }
        (uint256 balance, uint256 allowance) = Questions.purse(currency, payer, spender);
        if (balance < amount) found.refuse(Reasons.BALANCE_TOO_LOW);
        if (allowance < amount) found.refuse(Reasons.ALLOWANCE_TOO_LOW);
    }

    function _inspectCollection(address collection, Found memory found) private view {
        if (!Questions.claims(collection, type(IERC721).interfaceId)) {
            found.warn(Reasons.NO_ERC721_CLAIMED);
        }
        if (Questions.claims(collection, type(IERC1155).interfaceId)) {
            found.warn(Reasons.ALSO_ERC1155);
        }
    }

    function _inspectOwner(Work memory work, Found memory found) private view returns (address) {
        if (work.transferCount == UNBOUND) {
            return Questions.ownerOf(work.collection, work.tokenId);
        }
        (bool counts, address owner, uint256 count) =
            Questions.ownerAndCount(work.collection, work.tokenId);
        if (!counts) {
            found.refuse(Reasons.COUNT_UNSUPPORTED);
            return Questions.ownerOf(work.collection, work.tokenId);
        }
        if (count != work.transferCount) found.refuse(Reasons.OWNERSHIP_MOVED);
        return owner;
    }

    /// @dev The same arithmetic as the contracts have. A price so high that it overflows them is
    /// none that they settle.
    function _inspectRoyalty(Work memory work, Found memory found)
        private
        view
        returns (Shares memory shares)
    {
        uint256 gasNeeded = BoundedCalls.needed(BoundedCalls.LOOKUP_OVERHEAD);
        if (gasleft() < gasNeeded) revert Questions.Questions_GasTooLow(gasleft(), gasNeeded);
        (bool valid, address receiver, uint256 royalty) =
            BoundedCalls.royaltyInfo(work.collection, work.tokenId, work.price);
        if (!valid || receiver == work.operator) {
            found.warn(Reasons.NO_ROYALTY_ANSWER);
            (valid, receiver, royalty) = (false, address(0), 0);
        }
        if (
            _overflows(work.price, work.feeBps)
                || (valid && _overflows(work.price, work.maxRoyaltyBps))
        ) {
            found.refuse(Reasons.TERMS_INVALID);
            return shares;
        }

        uint256 fee = work.price * work.feeBps / WHOLE_BPS;
        uint256 cap = valid ? (work.price * work.maxRoyaltyBps + WHOLE_BPS - 1) / WHOLE_BPS : 0;
        if (royalty > work.price / HIGH_ROYALTY_PART) found.warn(Reasons.HIGH_ROYALTY);
        if (royalty > cap) {
            found.refuse(Reasons.ROYALTY_ABOVE_MAXIMUM);
        } else if (royalty > work.price || fee > work.price - royalty) {
            found.refuse(Reasons.PRICE_EXCEEDED);
        } else {
            shares = Shares(true, receiver, royalty, work.price - fee - royalty);
        }
    }

    function _overflows(uint256 price, uint256 bps) private pure returns (bool) {
        return bps != 0 && price > (type(uint256).max - WHOLE_BPS + 1) / bps;
    }
}
