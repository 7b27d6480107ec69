"""
What a work was sold for on somebody else's exchange, read from what that exchange says.

A venue tells of each order what was given and what was received for it; the work's own `Transfer`
tells that it moved, and between whom. Both together are a sale. The price is what the buyer paid,
with everything that was put on top. Every payment is kept with its receiver, because a venue does
not say which of them is a royalty: that is for those to say who know whom the work names.

Where no price can be named nothing is told but the transfer: works for works, two currencies in
one order, works together with tokens that come in numbers, gifts. Works that one order sells
together share its price as ours do: equal parts, and the first takes what is left over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from nft.types import UINT256_MAX, ZERO_ADDRESS, Address, Digest


class Kind(Enum):
    """What an item is."""

    COIN = "coin"
    CURRENCY = "currency"
    WORK = "work"
    OTHER = "other"
    """Something whose worth beside a work cannot be told: ERC-1155, or what we do not know."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that an order gave, or that was received for it."""

    kind: Kind
    token: Address
    identifier: int
    amount: int
    receiver: Address | None = None
    """Who received it; None for what the order's maker gave."""


@dataclass(frozen=True, slots=True)
class Fill:
    """An order that was filled: what its maker gave, and what was received for it, by whom."""

    order_hash: Digest
    maker: Address
    taker: Address
    """Who received what was given; where orders were matched, whoever matched them."""
    given: tuple[Item, ...]
    received: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A work's `Transfer` between two people, in the same transaction."""

    contract: Address
    token_id: int
    sender: Address
    receiver: Address
    log_index: int


@dataclass(frozen=True, slots=True)
class Payment:
    """What somebody received of a price."""

    receiver: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A work's sale, in place of its `Transfer`."""

    move: Move
    order_hash: Digest
    maker: Address
    taker: Address
    currency: Address
    price: int
    payments: tuple[Payment, ...]
    """As the venue tells them, the seller's among them; one for each receiver."""
    works: int
    """How many works shared the order's price."""


@dataclass(frozen=True, slots=True)
class _Deal:
    """A fill that sells works for one currency."""

    fill: Fill
    is_offer: bool
    """Its maker bought; else sold."""
    works: tuple[Item, ...]
    currency: Address
    price: int
    payments: tuple[Payment, ...]

    @property
    def hash(self) -> Digest:
        """The order's."""
        return self.fill.order_hash

    def is_about(self, work: Item, move: Move) -> bool:
        """Whether a move of this work is the deal's: from its maker, or to whom it was meant."""
        if self.is_offer:
            return move.receiver == work.receiver
        return move.sender == self.fill.maker


Part = tuple[_Deal, int]
"""A work of a deal, by its place among the deal's works."""


def sales(fills: Sequence[Fill], matched: Collection[Digest], moves: Sequence[Move]) -> list[Sale]:
    """
    The sales of one transaction, in the order of its moves.

    `matched` are the hashes of orders that were filled against each other: the two sides of one
    move are one sale, at the price that the buyer's order gave, with the payments of both. A move
    is never more than one sale, nor a work of an order more than one move.
    """
    deals = [deal for fill in fills if (deal := _deal(fill, fill.order_hash in matched))]
    sold = _assigned([deal for deal in deals if not deal.is_offer], moves, {}, matched)
    bought = _assigned([deal for deal in deals if deal.is_offer], moves, sold, matched)
    told = (_told(move, sold.get(move.log_index), bought.get(move.log_index)) for move in moves)
    return [sale for sale in told if sale is not None]


def _deal(fill: Fill, is_matched: bool) -> _Deal | None:
    """What the fill sold and for how much; None where no price can be named."""
    if any(item.kind is Kind.OTHER for item in (*fill.given, *fill.received)):
        return None
    given = [item for item in fill.given if item.kind is Kind.WORK]
    own = {(item.token, item.identifier) for item in given}
    # A sale to somebody named says of the work itself, too, who is to receive it.
    asked = [
        item
        for item in fill.received
        if item.kind is Kind.WORK and (item.token, item.identifier) not in own
    ]
    paying, paid = _money(fill.given), _money(fill.received)
    is_offer = bool(paying)
    currencies = {_currency(item) for item in (*paying, *paid)}
    if len(currencies) != 1 or bool(given) == is_offer or bool(asked) != is_offer:
        return None
    price = sum(item.amount for item in (paying if is_offer else paid))
    if price > UINT256_MAX:
        return None  # No currency has so much of it: amounts that somebody made up.
    payments = [(item.receiver or ZERO_ADDRESS, item.amount) for item in paid]
    if is_offer and not is_matched:
        # Who accepts receives all that was offered, and pays the others of it.
        payments.append((fill.taker, price - sum(amount for _, amount in payments)))
    works, currency = tuple(asked if is_offer else given), currencies.pop()
    return _Deal(fill, is_offer, works, currency, price, _merged(payments))


def _money(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.kind is not Kind.WORK and item.amount]


def _currency(item: Item) -> Address:
    return ZERO_ADDRESS if item.kind is Kind.COIN else item.token


def _merged(payments: Iterable[tuple[Address, int]]) -> tuple[Payment, ...]:
    """One payment for each receiver, in the order of their first."""
    sums: dict[Address, int] = {}
    for receiver, amount in payments:
        if amount > 0:
            sums[receiver] = sums.get(receiver, 0) + amount
    return tuple(Payment(receiver, amount) for receiver, amount in sums.items())


def _assigned(
    deals: Iterable[_Deal],
    moves: Sequence[Move],
    taken: Mapping[int, Part],
    matched: Collection[Digest],
) -> dict[int, Part]:
    """
    Which move each work of each deal is, the earliest that fits, by the move's log.

    A move that is a deal's of `taken` already can only be that of an order matched with it.
    """
    by_work: dict[tuple[Address, int], list[Move]] = {}
    for move in moves:
        by_work.setdefault((move.contract, move.token_id), []).append(move)
    found: dict[int, Part] = {}
    for deal in deals:
        for place, work in enumerate(deal.works):
            for move in by_work.get((work.token, work.identifier), ()):
                if move.log_index in found or not deal.is_about(work, move):
                    continue
                other = taken.get(move.log_index)
                if other is None or (deal.hash in matched and other[0].hash in matched):
                    found[move.log_index] = deal, place
                    break
    return found


def _told(move: Move, sold: Part | None, bought: Part | None) -> Sale | None:
    """The sale that a move is, by what its seller and its buyer signed, or one of them."""
    part = bought or sold
    if part is None or (sold and bought and sold[0].currency != bought[0].currency):
        return None
    deal, place = part
    parties = (move.receiver, move.sender) if deal.is_offer else (move.sender, move.receiver)
    payments = [payment for side in (sold, bought) if side for payment in _parted(*side)]
    return Sale(
        move=move,
        order_hash=deal.hash,
        maker=parties[0],
        taker=parties[1],
        currency=deal.currency,
        price=_share(deal.price, len(deal.works), place),
        payments=_merged(payments),
        works=len(deal.works),
    )


def _parted(deal: _Deal, place: int) -> list[tuple[Address, int]]:
    """A work's part of each payment."""
    works = len(deal.works)
    return [(one.receiver, _share(one.amount, works, place)) for one in deal.payments]


def _share(amount: int, works: int, place: int) -> int:
    """As `nft.orders.shares` divides, one part of it."""
    part, rest = divmod(amount, works)
    return part if place else part + rest
