// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AuctionWord} from "../../src/libraries/AuctionWord.sol";
import {MakerWord} from "../../src/libraries/MakerWord.sol";
import {OwnershipWord} from "../../src/libraries/OwnershipWord.sol";

/// @notice What holds of the packed words for every value, proved by halmos. Each property has a
/// false twin, `check_False_…`, for which a counterexample must be found: a proof that would also
/// pass its twin shows nothing.
contract Words_Symbolic_Test {
    using AuctionWord for uint256;
    using MakerWord for MakerWord.Makers;
    using OwnershipWord for uint256;

    uint256 private constant ENDS_BELOW = type(uint32).max;

    MakerWord.Makers private _makers;

    /// @dev INV-05: a nonce goes from free to used, once, and no other nonce or counter with it.
    function check_INV05_UsingANonceTouchesItAlone(
        address maker,
        uint256 nonce,
        uint256 other,
        uint256 first,
        uint256 page,
        uint256 otherPage
    ) external {
        _fill(maker, nonce, first, page);
        if (nonce >> 8 != other >> 8) _makers.pages[maker][other >> 8].value = otherPage;
        uint256 counter = _makers.counterOf(maker);
        bool used = _makers.isUsed(maker, nonce);
        bool otherUsed = _makers.isUsed(maker, other);

        bool fresh = _makers.use(maker, nonce);

        assert(fresh == !used);
        assert(_makers.isUsed(maker, nonce));
        assert(other == nonce || _makers.isUsed(maker, other) == otherUsed);
        assert(_makers.counterOf(maker) == counter);
    }

    function check_False_UsingANonceUsesAnother(address maker, uint256 nonce, uint256 other)
        external
    {
        _makers.use(maker, nonce);

        assert(nonce == other || !_makers.isUsed(maker, other) || maker == address(0));
        assert(_makers.isUsed(maker, other));
    }

    /// @dev Spending is using, with the counter told.
    function check_INV05_SpendingIsUsing(address maker, uint256 nonce, uint256 first, uint256 page)
        external
    {
        _fill(maker, nonce, first, page);
        bool used = _makers.isUsed(maker, nonce);
        uint256 counter = _makers.counterOf(maker);

        (bool fresh, uint256 told) = _makers.spend(maker, nonce);

        assert(fresh == !used && told == counter);
        assert(_makers.isUsed(maker, nonce) && _makers.counterOf(maker) == counter);
    }

    function check_False_SpendingIsAlwaysFresh(address maker, uint256 nonce, uint256 first)
        external
    {
        _makers.words[maker].value = first;

        (bool fresh,) = _makers.spend(maker, nonce);

        assert(fresh);
    }

    /// @dev INV-05: the counter only rises, and no nonce is freed by it.
    function check_INV05_TheCounterOnlyRises(
        address maker,
        uint256 nonce,
        uint256 first,
        uint256 jump
    ) external {
        if (jump == 0 || jump > 1 << 20) return;
        if (first & MakerWord.COUNTER_MASK > MakerWord.COUNTER_MASK - jump) return;
        _makers.words[maker].value = first;
        bool used = _makers.isUsed(maker, nonce);
        uint256 before = _makers.counterOf(maker);

        uint256 counter = _makers.advance(maker, jump);

        assert(counter == before + jump && counter == _makers.counterOf(maker));
        assert(_makers.isUsed(maker, nonce) == used);
    }

    function check_False_TheCounterRisesByOne(address maker, uint256 jump) external {
        if (jump == 0 || jump > 1 << 20) return;

        assert(_makers.advance(maker, jump) == 1);
    }

    /// @dev The parts of a work's word do not run into each other.
    function check_OwnershipWordKeepsItsParts(
        uint256 word,
        uint256 bps,
        uint256 newBps,
        uint256 payee
    ) external pure {
        if (bps > 2500 || newBps > 2500 || payee > type(uint32).max) return;
        uint256 terms = OwnershipWord.terms(bps, payee);
        assert(terms.royaltyBps() == bps && terms.payee() == payee);
        assert(terms.owner() == address(0) && terms.transferCount() == 0 && !terms.isFrozen());

        uint256 changed = word.withRoyaltyBps(newBps);
        assert(changed.royaltyBps() == newBps && changed.owner() == word.owner());
        assert(changed.payee() == word.payee() && changed.isFrozen() == word.isFrozen());
        assert(changed.transferCount() == word.transferCount());

        uint256 frozen = word.withFrozen();
        assert(frozen.isFrozen() && frozen.owner() == word.owner());
        assert(frozen.royaltyBps() == word.royaltyBps());
        assert(frozen.payee() == word.payee() && frozen.transferCount() == word.transferCount());
    }

    function check_False_OwnershipWordHoldsAnyRoyalty(uint256 bps, uint256 payee) external pure {
        assert(OwnershipWord.terms(bps, payee).royaltyBps() == bps);
    }

    /// @dev Approval and owner change alone, and nothing of the rest with them.
    function check_OwnershipWordChangesHands(uint256 word, address to, bool approved)
        external
        pure
    {
        uint256 changed = word.withApproved(approved);
        assert(changed.isApproved() == approved);
        assert(changed.withApproved(word.isApproved()) == word);

        uint256 given = word.withOwner(to);
        assert(given.owner() == to && given.isApproved() == word.isApproved());
        assert(given.withOwner(word.owner()) == word);
    }

    function check_False_OwnershipWordChangesHandsWithItsApproval(uint256 word, address to)
        external
        pure
    {
        assert(!word.withOwner(to).isApproved());
    }

    /// @dev Moving raises the count by one and leaves all else; a burning leaves the count alone.
    function check_OwnershipWordCounts(uint256 word) external pure {
        if (word.isExhausted()) return;
        uint256 moved = word.plusOneTransfer();
        assert(moved.transferCount() == word.transferCount() + 1);
        assert(moved.owner() == word.owner() && moved.royaltyBps() == word.royaltyBps());
        assert(moved.payee() == word.payee() && moved.isFrozen() == word.isFrozen());

        uint256 burned = moved.onlyTransferCount();
        assert(burned.owner() == address(0) && burned.royaltyBps() == 0 && burned.payee() == 0);
        assert(!burned.isApproved());
        assert(!burned.isFrozen() && burned.transferCount() == moved.transferCount());
        assert(burned != 0);
    }

    function check_False_OwnershipWordCountsWithoutEnd(uint256 word) external pure {
        assert(word.plusOneTransfer().transferCount() == word.transferCount() + 1);
    }

    /// @dev Two works never share a word, and none lies on another's approval, one above the word,
    /// as far as ids of one creator's row go.
    function check_WorksInARowHaveSlotsOfTheirOwn(uint256 id, uint256 other) external pure {
        if (id == other || id >> 32 != other >> 32) return;
        uint256 slot = OwnershipWord.slotOf(id);
        uint256 another = OwnershipWord.slotOf(other);
        unchecked {
            assert(slot != another && slot + 1 != another && another + 1 != slot);
        }
    }

    function check_False_WorksInARowHaveNeighbouringSlots(uint256 id) external pure {
        unchecked {
            if (id >> 32 != (id + 1) >> 32) return;
            assert(OwnershipWord.slotOf(id) + 1 == OwnershipWord.slotOf(id + 1));
        }
    }

    /// @dev A bid's word says what went into it, and is none of the words that mean an end.
    function check_AuctionWordSaysWhatWentIn(address who, uint256 bid, uint256 until)
        external
        pure
    {
        if (bid > AuctionWord.MAX_AMOUNT || until >= ENDS_BELOW || who == address(0)) return;
        uint256 word = AuctionWord.pack(who, bid, until);

        assert(word.bidder() == who && word.end() == until && word.isStanding());
    }

    function check_False_AuctionWordHoldsAnyEnd(address who, uint256 until) external pure {
        if (who == address(0)) return;

        assert(AuctionWord.pack(who, AuctionWord.UNIT, until).end() == until);
    }

    function _fill(address maker, uint256 nonce, uint256 first, uint256 page) private {
        _makers.words[maker].value = first;
        if (nonce >= MakerWord.FIRST_PAGE) _makers.pages[maker][nonce >> 8].value = page;
    }
}
