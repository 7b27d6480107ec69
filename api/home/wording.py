"""
What is set aside, line by line, and what became of it after a purchase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.intents.queries import get_intent
from api.intents.wording import Say
from api.orders.queries import find_many
from api.orders.reading import order_out
from api.orders.schemas import OrderOut
from api.parts import Parts
from api.tokens.queries import get_token
from api.tokens.schemas import MediaOut, TokenOut
from indexer.tables import SaleRow
from nft.errors import ExchangeError
from nft.types import Address, Digest, TokenRef

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One work that is set aside."""

    order: OrderOut
    title: str
    artist: str
    picture: MediaOut | None
    url: str
    is_good: bool
    why: str
    """Why it cannot be had, when it cannot."""
    without: str
    """The address of this page without the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """All lines in one currency."""

    currency: str
    count: int
    price: int
    seller: int
    royalty: int
    platform_fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One work after a purchase: had, or not."""

    title: str
    artist: str
    picture: MediaOut | None
    url: str
    words: str
    price: str | None
    currency: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a purchase of several works."""

    words: str
    lines: Sequence[Got]


def read_names(texts: Sequence[str]) -> list[Digest]:
    """Order hashes as they stand in an address; what is none is passed over."""
    found: list[Digest] = []
    for text in texts[:MOST]:
        try:
            found.append(Digest.parse(text.strip().lower()))
        except ExchangeError:
            continue
    return list(dict.fromkeys(found))


async def _orders(
    session: AsyncSession, parts: Parts, names: Sequence[Digest], now: datetime
) -> list[tuple[OrderOut, TokenOut | None]]:
    known = await find_many(session, parts, names)
    orders = [order_out(known[name], parts, {}, now) for name in names if name in known]
    return [(order, await _token(session, parts, order)) for order in orders]


async def _token(session: AsyncSession, parts: Parts, order: OrderOut) -> TokenOut | None:
    ref = TokenRef(int(order.chain_id), Address.parse(order.contract), int(order.token_id))
    try:
        return await get_token(session, parts, ref)
    except ExchangeError:
        return None


def _shown(order: OrderOut, token: TokenOut | None) -> dict[str, Any]:
    pictures = [file for file in token.media if file.role == "image"] if token else []
    return {
        "title": token.title if token else "",
        "artist": token.artist if token else "",
        "picture": pictures[0] if pictures else None,
        "url": f"/works/{order.chain_id}/{order.contract}/{order.token_id}",
    }


async def lines_of(
    session: AsyncSession, parts: Parts, texts: Sequence[str], now: datetime, say: Say
) -> list[Line]:
    """What is set aside, in its order."""
    names = read_names(texts)
    over = {
        "filled": say("Somebody else has bought it."),
        "cancelled": say("Its seller took it back."),
        "expired": say("The offer has expired."),
        "not_fillable": say("It cannot be had at the moment."),
    }
    lines = []
    for order, token in await _orders(session, parts, names, now):
        others = ",".join(str(name) for name in names if str(name) != order.hash)
        lines.append(
            Line(
                order=order,
                is_good=order.state == "fillable" and order.split is not None,
                why=over.get(order.state, ""),
                without=f"/cart?orders={others}" if others else "/cart",
                **_shown(order, token),
            )
        )
    return lines


def totals_of(lines: Sequence[Line]) -> list[Total]:
    """What is to be paid, in each currency, for the lines that can be had."""
    good = [(line.order, line.order.split) for line in lines if line.is_good]
    totals = []
    for currency in dict.fromkeys(order.currency for order, _ in good):
        splits = [split for order, split in good if order.currency == currency and split]
        sums = [
            sum(int(getattr(split, name)) for split in splits)
            for name in ("seller", "royalty", "platform_fee")
        ]
        totals.append(
            Total(
                currency=currency,
                count=len(splits),
                price=sum(sums),
                seller=sums[0],
                royalty=sums[1],
                platform_fee=sums[2],
            )
        )
    return totals


async def outcome_of(
    session: AsyncSession, parts: Parts, intent_id: str, now: datetime, say: Say
) -> Outcome | None:
    """What a purchase brought, by the sales that its transaction made; None when it is unknown."""
    try:
        intent = await get_intent(session, parts, intent_id, now=now)
    except ExchangeError:
        return None
    names = read_names([str(one) for one in intent.request.get("orders") or []])
    transaction = intent.result.transaction_hash if intent.result else None
    paid: dict[str, int] = {}
    if transaction:
        sales = await session.execute(
            select(SaleRow).where(
                col(SaleRow.chain_id) == int(intent.chain_id),
                col(SaleRow.order_hash).in_(names),
                col(SaleRow.transaction_hash) == Digest.parse(transaction),
            )
        )
        for sale in sales.scalars():
            paid[str(sale.order_hash)] = paid.get(str(sale.order_hash), 0) + sale.price
    lines = []
    for order, token in await _orders(session, parts, names, now):
        price = paid.get(order.hash)
        words = say("yours now")
        if price is None:
            words = say("was gone; nothing was paid for it")
        lines.append(
            Got(
                words=words,
                price=None if price is None else str(price),
                currency=order.currency,
                **_shown(order, token),
            )
        )
    return Outcome(_outcome_words(len(paid), len(lines), say), lines)


def _outcome_words(had: int, asked: int, say: Say) -> str:
    if not had:
        return say("Nothing was bought, and nothing was paid but the network’s fee.")
    if had == asked:
        return say("All of them are yours.")
    return say(
        "%(had)s of %(asked)s are yours. What was sent for the others came back in the same "
        "transaction."
    ) % {"had": had, "asked": asked}
