"""
Whether an order can be filled now, and every reason why not.

The same answers as `Validator` gives on the chain, from facts that the mirror or a node supplies.
Signatures and contracts without code are the chain's affair and are not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nft.merkle import MAX_SET_HEIGHT, set_leaf, verify_in_set
from nft.orders import UNBOUND, Acceptance, Item, Kind, Order, price_at, shares
from nft.reasons import TOKEN_LOCKED, Code, Reason
from nft.royalties import royalty_cap
from nft.tokens import creator_of
from nft.types import WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest

Found = Iterator[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """What the chain says about one work, as of one block."""

    owner: Address | None
    """None when the token was never minted or is burned."""
    transfer_count: int
    is_approved: bool
    """The exchange may move the token, by operator or single approval."""
    royalty: int
    """The answer to ERC-2981 for this work's part of the price."""
    royalty_receiver: Address
    metadata_digest: Digest = ZERO_DIGEST
    """As far as it is known; of a foreign collection it is not."""
    is_locked: bool = False
    """Its contract says that it cannot be moved; only foreign ones do (ERC-5192)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(WorkFacts):
    """
    What the chain says about an order's maker and first work.

    Of an offer the work is the one that a seller would give, and `is_approved` is the seller's.
    """

    is_nonce_used: bool
    counter: int
    fee_bps: int
    filled: bool = False
    cancelled: bool = False
    more: tuple[WorkFacts, ...] = ()
    """Of a bundle: about each further work, in its order."""
    is_currency_allowed: bool = True
    balance: int | None = None
    """Of the payer (the taker, of an offer the maker) in the currency; None where not known."""
    allowance: int | None = None
    """What the exchange may take of an ERC-20; None where it is not known."""
    is_paused: bool = False
    is_retired: bool = False


def reasons_not_fillable(
    order: Order,
    facts: Facts,
    *,
    now: int,
    taker: Address | None = None,
    acceptance: Acceptance | None = None,
) -> list[Reason]:
    """
    Every reason why the exchange would refuse this order at this moment, most telling first.

    An empty list means fillable. `now` in Unix seconds. Without a taker what depends on who takes
    it is left out; without an acceptance what depends on the work of an offer.
    """
    found: list[Reason] = []
    if order.kind is Kind.LISTING:
        found.extend(_of_listed_works(order, facts))
    elif acceptance is not None:
        found.extend(_of_offered_work(order, facts, acceptance, taker))
    elif order.kind is Kind.TOKEN_OFFER:
        found.extend(_of_wanted_work(order, facts))
    found.extend(_of_maker(order, facts))
    found.extend(_of_moment(order, facts, now, taker))
    found.extend(_of_money(order, facts, now, taker, acceptance))
    return found


def _of_listed_works(order: Order, facts: Facts) -> Found:
    works: Sequence[WorkFacts] = (facts, *facts.more)
    for item, work in zip(order.items, works, strict=False):
        yield from _of_listed_work(item, work, order.maker)


def _of_listed_work(item: Item, work: WorkFacts, maker: Address) -> Found:
    if work.owner is None:
        yield Reason.of(Code.TOKEN_GONE)
    elif work.owner != maker:
        yield Reason.of(Code.NOT_OWNER, f"the work now belongs to {work.owner}")
    if item.is_bound and work.transfer_count != item.transfer_count:
        signed, now = item.transfer_count, work.transfer_count
        yield Reason.of(Code.OWNERSHIP_MOVED, f"signed at transfer {signed}, the work is at {now}")
    if work.owner is not None and work.is_locked:
        yield TOKEN_LOCKED
    if work.owner is not None and not work.is_approved:
        yield Reason.of(Code.NOT_APPROVED)


def _of_wanted_work(order: Order, facts: Facts) -> Found:
    if order.metadata_digest not in (ZERO_DIGEST, facts.metadata_digest):
        yield Reason.of(Code.METADATA_MISMATCH)
    if facts.owner is None:
        yield Reason.of(Code.TOKEN_GONE)
    elif facts.is_locked:
        yield TOKEN_LOCKED


def _of_offered_work(
    order: Order, facts: Facts, acceptance: Acceptance, seller: Address | None
) -> Found:
    yield from _of_membership(order, facts, acceptance)
    yield from _of_wanted_work(order, facts)
    if facts.owner is None or seller is None:
        return
    if facts.owner != seller:
        yield Reason.of(Code.NOT_OWNER, f"the work belongs to {facts.owner}")
    if not facts.is_approved:
        yield Reason.of(Code.NOT_APPROVED)


def _of_membership(order: Order, facts: Facts, acceptance: Acceptance) -> Found:
    counted = acceptance.transfer_count
    if order.kind is Kind.SET_OFFER:
        leaf = set_leaf(acceptance.token_id, counted)
        is_short = len(acceptance.proof) <= MAX_SET_HEIGHT
        if not (is_short and verify_in_set(order.criteria, leaf, acceptance.proof)):
            yield Reason.of(Code.NOT_IN_SET)
        elif counted not in (UNBOUND, facts.transfer_count):
            yield Reason.of(Code.OWNERSHIP_MOVED)
        return
    if acceptance.proof:
        yield Reason.of(Code.NOT_IN_SET, "the offer is not for a set")
    if counted != UNBOUND:
        yield Reason.of(Code.OFFER_BOUND, "only a work of a set names a transfer count")
    if order.kind is Kind.TOKEN_OFFER and acceptance.token_id != order.token_id:
        yield Reason.of(Code.TOKEN_MISMATCH)
    if order.creator not in (None, creator_of(acceptance.token_id)):
        yield Reason.of(Code.TOKEN_MISMATCH, f"the offer is for works of {order.creator}")


def _of_maker(order: Order, facts: Facts) -> Found:
    if facts.is_nonce_used:
        yield Reason.of(Code.NONCE_USED, f"nonce {order.nonce} is used or cancelled")
    if facts.counter > order.counter:
        yield Reason.of(Code.COUNTER_MOVED)
    elif facts.counter < order.counter:
        yield Reason.of(Code.COUNTER_AHEAD)


def _of_moment(order: Order, facts: Facts, now: int, taker: Address | None) -> Found:
    if facts.is_retired:
        yield Reason.of(Code.RETIRED)
    elif facts.is_paused:
        yield Reason.of(Code.PAUSED)
    if now < order.start:
        yield Reason.of(Code.NOT_STARTED, "the order has not begun")
    if now > order.end:
        yield Reason.of(Code.EXPIRED, "the order has expired")
    if taker is not None and taker == order.maker:
        yield Reason.of(Code.MAKER_IS_TAKER)
    elif taker is not None and order.taker not in (ZERO_ADDRESS, taker):
        yield Reason.of(Code.TAKER_MISMATCH, f"the order is for {order.taker} alone")


def _of_money(
    order: Order,
    facts: Facts,
    now: int,
    taker: Address | None,
    acceptance: Acceptance | None,
) -> Found:
    price = price_at(order, now)
    if price == 0:
        yield Reason.of(Code.PRICE_ZERO, "the price has fallen to 0")
    if order.currency != ZERO_ADDRESS and not facts.is_currency_allowed:
        yield Reason.of(Code.CURRENCY_UNSUPPORTED)
    needed = price - _back_to_payer(order, facts, taker)
    if facts.balance is not None and facts.balance < needed:
        yield Reason.of(Code.BALANCE_TOO_LOW)
    if order.currency != ZERO_ADDRESS and facts.allowance is not None and facts.allowance < needed:
        yield Reason.of(Code.ALLOWANCE_TOO_LOW)
    if facts.fee_bps > order.max_fee_bps:
        yield Reason.of(Code.FEE_ABOVE_MAXIMUM)
    if order.kind in (Kind.LISTING, Kind.TOKEN_OFFER) or acceptance is not None:
        yield from _of_royalties(order, facts, price, acceptance)


def _back_to_payer(order: Order, facts: Facts, taker: Address | None) -> int:
    """Royalties that the payer of an ERC-20 is owed: nobody pays oneself."""
    payer = order.maker if order.kind.is_offer else taker
    if order.currency == ZERO_ADDRESS or payer is None:
        return 0
    return sum(one.royalty for one in (facts, *facts.more) if one.royalty_receiver == payer)


def _of_royalties(order: Order, facts: Facts, price: int, acceptance: Acceptance | None) -> Found:
    works: Sequence[WorkFacts] = (facts, *facts.more)
    for part, work in zip(shares(price, len(order.items)), works, strict=False):
        royalty = 0 if work.royalty_receiver == ZERO_ADDRESS else work.royalty
        fee = part * facts.fee_bps // WHOLE_BPS
        if royalty > royalty_cap(part, order.max_royalty_bps):
            yield Reason.of(Code.ROYALTY_ABOVE_MAXIMUM)
        elif royalty + fee > part:
            yield Reason.of(Code.PRICE_EXCEEDED)
        elif acceptance is not None and part - royalty - fee < acceptance.min_proceeds:
            yield Reason.of(Code.PROCEEDS_TOO_LOW)


def state_of(facts: Facts, reasons: list[Reason], *, order: Order, now: int) -> str:
    """The one word for an order: filled, cancelled, expired, not_fillable or fillable."""
    if facts.filled:
        return "filled"
    if facts.cancelled or facts.counter > order.counter:
        return "cancelled"
    if now > order.end:
        return "expired"
    return "not_fillable" if reasons else "fillable"
