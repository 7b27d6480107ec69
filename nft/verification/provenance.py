"""
Through whose hands a work went: each move by its receipt, and all of them as one chain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from nft.proofs.evidence import Included
from nft.proofs.linked import Fact
from nft.types import ZERO_ADDRESS, Address, TokenRef
from nft.verification.blocks import Believed
from nft.verification.chain import moves, transaction_of
from nft.verification.extract_claims import COMPLETENESS, Completeness, ExtractClaims, Item, Price
from nft.verification.reading import time_of
from nft.verification.report import Check, Finding, failed, passed, unchecked, unless_unlinked
from nft.verification.sales import Sale, Venues


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history: whether the work moved so, and what else the line says."""

    moved: Finding
    told: Finding


def find_lines(claims: ExtractClaims, believed: Believed, exchange: Address | None) -> list[Line]:
    """What each line is worth; `exchange` is the one that the collection's code names."""
    venues = Venues(believed.proven, claims.block, claims.token.contract, exchange)
    return [_line(one, claims, believed, venues) for one in claims.items]


def check_lines(lines: list[Line]) -> list[Check]:
    """A check for each; that all moves are proven is for `provenance.chain` to say."""
    return [
        line.told.as_check(f"provenance.{position}", required=False)
        for position, line in enumerate(lines)
    ]


def _line(item: Item, claims: ExtractClaims, believed: Believed, venues: Venues) -> Line:
    shown, token = str(item.transaction_hash), claims.token
    if not item.is_move:
        told = unchecked("provenance.event", shown)
        return Line(told, told)
    where = item.where
    included = believed.proven.receipt(where.block, where.index) if where else None
    if where is None or included is None:
        told = unchecked("provenance.missing", shown)
        return Line(told, told)
    if not _is_at(item, included) or not _moved(item, token, included.told, where.log):
        told = failed("provenance.differs", shown)
        return Line(told, told)
    is_linked = believed.is_linked(where.block)
    proven = transaction_of(included.told, item.transaction_hash)
    moved, told = (
        unless_unlinked(found, where.block, is_linked=is_linked)
        for found in (
            passed("provenance.transfer", proven, **_hands(item)),
            _told(item, token, included.told, venues),
        )
    )
    if item.price is not None:
        # Whose log it is, the code says: that of the extract's block.
        told = unless_unlinked(told, claims.block, is_linked=believed.is_linked(claims.block))
    return Line(moved, told)


def _hands(item: Item) -> dict[str, str]:
    return {
        "from": str(item.sender),
        "to": str(item.receiver),
        "number": str(item.block_number),
    }


def _is_at(item: Item, shown: Fact[Included]) -> bool:
    """Block, time and transaction are those that the receipt's header has."""
    block = shown.block
    return (
        block.number == item.block_number
        and block.block_hash == item.block_hash
        and time_of(block.timestamp) == item.timestamp
        and shown.told.transaction_hash in (None, item.transaction_hash)
    )


def _moved(item: Item, token: TokenRef, included: Included, place: int) -> bool:
    logs = included.receipt.logs
    moved = None
    if place < len(logs):
        moved = moves(logs[place], token.contract, token.token_id)
    if moved is None or moved != (item.sender, item.receiver):
        return False
    is_mint, is_burn = moved[0] == ZERO_ADDRESS, moved[1] == ZERO_ADDRESS
    if item.event == "mint":
        return is_mint and not is_burn
    return not is_mint and is_burn == (item.event == "burn")


def _told(item: Item, token: TokenRef, included: Included, venues: Venues) -> Finding:
    shown, told = transaction_of(included, item.transaction_hash), _hands(item)
    if item.price is None:
        # A sale without a price says no more than a transfer.
        key = "transfer" if item.event == "sale" else item.event
        return passed(f"provenance.{key}", shown, **told)
    sale = _sale(item, token, included, venues)
    if sale is None:
        return unchecked("provenance.unpriced", shown, **told)
    if not _is_same(item, item.price, sale):
        return failed("provenance.differs", shown)
    told |= {"price": str(item.price.price), "currency": str(item.price.currency)}
    told |= {"exchange": str(sale.by)} if sale.kind != "voucher" else {}
    told |= {"from": str(sale.seller)}
    return passed(f"provenance.{sale.kind}", shown, **told)


def _sale(item: Item, token: TokenRef, included: Included, venues: Venues) -> Sale | None:
    """The sale that this move settled: one between other hands is none of it."""
    assert item.where is not None, "a move that is proven"
    found = venues.sale(included.receipt.logs, item.where, token)
    return None if found is None or found.hands != (item.sender, item.receiver) else found


def _is_same(item: Item, claimed: Price, sale: Sale) -> bool:
    told = sale.price
    if claimed.order_hash is None:
        told = replace(told, order_hash=None)
    return claimed == told and item.seller in (None, sale.seller)


def check_chain_of_owners(claims: ExtractClaims, lines: list[Line], state: Finding | None) -> Check:
    """
    All moves as one chain, and how much is thereby known.

    `state` is what was found of owner and counter; None where the layout is not known.
    """
    found = _whole(claims, lines, state)
    return found.as_check("provenance.chain", required=True)


def _whole(claims: ExtractClaims, lines: list[Line], state: Finding | None) -> Finding:
    pairs = zip(claims.items, lines, strict=True)
    steps = [(item, line.moved) for item, line in pairs if item.is_move]
    shown = str(len(steps))
    if any(item.where is not None and item.where.block > claims.block for item, _ in steps):
        # Counter and owner are those of the extract's block: what came later is none of theirs.
        return failed("provenance.later", shown)
    if not _is_continuous(claims, [item for item, _ in steps]):
        return failed("provenance.broken", shown)
    reached = _reached(claims, len(steps), state)
    if COMPLETENESS.index(claims.completeness) > COMPLETENESS.index(reached):
        return failed("provenance.claimed", shown)
    whole = passed(f"provenance.{claims.completeness}", shown)
    rests_on = [found for _, found in steps] + ([] if state is None else [state])
    first = next((found for found in rests_on if found.result != "pass"), None)
    return whole if first is None else replace(first, input=shown)


def _reached(claims: ExtractClaims, steps: int, state: Finding | None) -> Completeness:
    if state is None:
        return "attested"
    if claims.is_unborn or (claims.is_counted and claims.transfer_count == steps - 1):
        return "complete"
    return "continuous"


def _is_continuous(claims: ExtractClaims, steps: list[Item]) -> bool:
    """Each in its own place, from the mint on, each from whom the one before it went to."""
    places = [step.where for step in steps if step.where is not None]
    if any(
        (one.block, one.index, one.log) >= (next_.block, next_.index, next_.log)
        for one, next_ in pairwise(places)
    ):
        return False
    if not steps:
        return claims.is_unborn
    if steps[0].sender != ZERO_ADDRESS:
        return False
    if any(one.receiver != next_.sender for one, next_ in pairwise(steps)):
        return False
    return steps[-1].receiver == (claims.owner or ZERO_ADDRESS)
