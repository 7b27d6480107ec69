"""
What the works that name an address have paid it: here, and on other venues, sale by sale.

Sales here pay what the work asks or do not happen. Elsewhere a sale may pay less or nothing, and
it is listed all the same when the work named the address then. Works of others name nobody here:
of their sales stands what the address was paid, without a word on what for. What one sells
oneself is never a royalty.

Works are found by their maker, by the receiver they name now, and by what was paid. A sale that
paid nothing for a work of somebody else's making that has named another receiver since is missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, or_, select, true, union
from sqlalchemy.ext.asyncio import AsyncSession

from api.accounts.schemas import RoyaltiesOut, RoyaltyLineOut, TotalOut
from api.chains.mirror import BLOCKS
from api.orders.facts import TOKENS
from api.sales import elsewhere
from api.sales.elsewhere import NAMED, SALES
from api.tokens.filters import METADATA
from indexer.venues import KIND
from nft.types import WHOLE_BPS, Address

LONGEST = 200
"""Lines of a statement."""

_KEY = (SALES.c.chain_id, SALES.c.block_number, SALES.c.log_index)


@dataclass(frozen=True, slots=True)
class Line:
    """One sale of a work that names the address, or that paid it."""

    chain_id: int
    contract: Address
    token_id: int
    title: str | None
    timestamp: datetime
    transaction_hash: str
    seller: Address
    price: int
    currency: Address
    venue: elsewhere.VenueOut | None
    """None: sold here."""
    received: int
    owed: int | None
    """What the work asked for; None where we do not know that it names the address."""


async def statement(
    session: AsyncSession, chains: Iterable[int], receiver: Address, limit: int = LONGEST
) -> list[Line]:
    """The newest sales that paid an address a royalty, or should have."""
    sold = _candidates(chains, receiver, limit)
    query = (
        select(
            *SALES.c,
            BLOCKS.c.timestamp,
            NAMED.c.royalty_receiver.label("named"),
            NAMED.c.royalty_bps,
            METADATA.c.document["name"].as_string().label("title"),
        )
        .select_from(
            sold.join(SALES, and_(*(column == sold.c[column.name] for column in _KEY)))
            .join(BLOCKS, _same_block())
            .outerjoin(NAMED, true())
            .outerjoin(TOKENS, _same_work())
            .outerjoin(METADATA, METADATA.c.digest == TOKENS.c.metadata_digest)
        )
        .where(or_(SALES.c.kind != KIND, _concerns(receiver)))
        .order_by(BLOCKS.c.timestamp.desc(), SALES.c.chain_id, SALES.c.log_index.desc())
        .limit(limit)
    )
    return [_line(row, receiver) for row in (await session.execute(query)).all()]


def _same_block() -> ColumnElement[bool]:
    return and_(BLOCKS.c.chain_id == SALES.c.chain_id, BLOCKS.c.number == SALES.c.block_number)


def _same_work() -> ColumnElement[bool]:
    return and_(
        TOKENS.c.chain_id == SALES.c.chain_id,
        TOKENS.c.contract == SALES.c.contract,
        TOKENS.c.token_id == SALES.c.token_id,
    )


def _concerns(receiver: Address) -> ColumnElement[bool]:
    """Whether a sale elsewhere, by somebody else, named the receiver then, or nobody."""
    named = NAMED.c.royalty_receiver
    paid = and_(named.is_(None), _pays(receiver))
    return and_(SALES.c.seller != receiver, or_(named == receiver, paid))


def _pays(receiver: Address) -> ColumnElement[bool]:
    return SALES.c.payments.contains([{"receiver": str(receiver)}])


def _candidates(chains: Iterable[int], receiver: Address, limit: int) -> Subquery:
    """The newest sales by each of the ways to find them, each with an index of its own."""
    sale, of_works = select(*_KEY), select(*_KEY).join(TOKENS, _same_work())
    ways = [
        sale.where(SALES.c.royalty_receiver == receiver, SALES.c.royalty > 0),
        sale.where(_pays(receiver)),
        of_works.where(SALES.c.kind == KIND, TOKENS.c.creator == receiver),
        of_works.where(
            SALES.c.kind == KIND,
            TOKENS.c.royalty_receiver == receiver,
            TOKENS.c.royalty_receiver != TOKENS.c.creator,
            TOKENS.c.royalty_bps > 0,
        ),
    ]
    newest = (SALES.c.block_number.desc(), SALES.c.log_index.desc())
    found = [
        way.where(SALES.c.chain_id == chain_id).order_by(*newest).limit(limit).subquery().select()
        for chain_id in chains
        for way in ways
    ]
    return union(*found).subquery("sold")


def _line(row: Any, receiver: Address) -> Line:
    is_here = row.kind != KIND
    got = row.royalty if is_here else elsewhere.received(row.payments, receiver)
    owed = got
    if not is_here:
        owed = None if row.named is None else row.price * row.royalty_bps // WHOLE_BPS
    return Line(
        chain_id=row.chain_id,
        contract=row.contract,
        token_id=row.token_id,
        title=row.title,
        timestamp=datetime.fromtimestamp(row.timestamp, UTC),
        transaction_hash=str(row.transaction_hash),
        seller=row.seller,
        price=row.price,
        currency=row.currency,
        venue=None if is_here else elsewhere.venue_out(row.exchange),
        received=got,
        owed=owed,
    )


def totals(lines: list[Line]) -> dict[Address, int]:
    """What was received as royalties, by currency; what was paid for who knows what is left out."""
    sums: dict[Address, int] = {}
    for line in lines:
        if line.owed is not None and line.received:
            sums[line.currency] = sums.get(line.currency, 0) + line.received
    return sums


def statement_out(receiver: Address, lines: list[Line]) -> RoyaltiesOut:
    """A statement on the wire."""
    return RoyaltiesOut(
        account=str(receiver),
        totals=[
            TotalOut(currency=str(currency), amount=str(amount))
            for currency, amount in totals(lines).items()
        ],
        items=[
            RoyaltyLineOut(
                chain_id=str(line.chain_id),
                contract=str(line.contract),
                token_id=str(line.token_id),
                title=line.title,
                timestamp=line.timestamp,
                transaction_hash=line.transaction_hash,
                seller=str(line.seller),
                price=str(line.price),
                currency=str(line.currency),
                venue=line.venue,
                received=str(line.received),
                owed=None if line.owed is None else str(line.owed),
            )
            for line in lines
        ],
    )
