"""
Which works changed since a moment, for whoever keeps a copy: on the chain, by what their contract
says of locks and lendings, and by listings that came to the book or left it.

A list is cut in one of two ways. Few changes are found by indexes, whatever the number of works:
the works' keys first, then the works. Where there are many, a page of them is soon together by
looking at works in the order asked for. Either is slow where the other is quick: a page of 60,000
works that all changed took 240 ms by their keys, and 1 ms by looking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from api.chains.mirror import BLOCKS, CURSORS
from api.orders.facts import ORDERS, TOKENS
from api.sales.notes import KINDS, NOTES

_WORKS = TOKENS.alias("changed")
_ORDER_TIMES = (ORDERS.c.created_at, ORDERS.c.hidden_at)

MANY = 10_000
"""Changes of which a page is looked for work by work: one in a thousand of ten million."""


@dataclass(frozen=True, slots=True)
class Since:
    """A moment, and the last block of each chain before it."""

    moment: datetime
    blocks: Mapping[int, int]
    """Number by chain; -1 where every block came after it."""
    are_many: bool = False
    """Whether more than `MANY` works changed since."""


async def since(session: AsyncSession, moment: datetime) -> Since:
    """Costs what came after the moment: blocks are read from each chain's head backward."""
    last = (
        select(BLOCKS.c.number)
        .where(
            BLOCKS.c.chain_id == CURSORS.c.chain_id,
            BLOCKS.c.timestamp < int(moment.timestamp()),
        )
        .order_by(BLOCKS.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.execute(select(CURSORS.c.chain_id, last.label("number")))
    after = Since(moment, {row.chain_id: -1 if row.number is None else row.number for row in rows})
    found = await session.execute(how_many(after))
    return replace(after, are_many=found.scalar_one() > MANY)


def how_many(after: Since) -> Select[int]:
    """Changes since, counted no further than to the first above `MANY`."""
    return select(func.count()).select_from(_changed(after).limit(MANY + 1).subquery())


def is_changed(after: Since) -> ColumnElement[bool]:
    """
    Of a row of `chain_tokens`.

    That a lending's time is over nobody says, so it is no change.
    """
    if not after.are_many:
        return tuple_(*_key(TOKENS)).in_(_changed(after))
    said = exists().where(_are_same(NOTES), NOTES.c.kind.in_(KINDS), _is_behind(NOTES, after))
    in_book = or_(*(column >= after.moment for column in _ORDER_TIMES))
    return or_(_is_behind(TOKENS, after), said, exists().where(_are_same(ORDERS), in_book))


def _changed(after: Since) -> CompoundSelect[Any]:
    """The keys of works, each as often as it changed in another way."""
    book = (select(*_key(ORDERS)).where(column >= after.moment) for column in _ORDER_TIMES)
    on_chain = (select(*_key(one)).where(_is_behind(one, after)) for one in (_WORKS, NOTES))
    return union_all(*on_chain, *book)


def _are_same(rows: FromClause) -> ColumnElement[bool]:
    return and_(*(one == other for one, other in zip(_key(rows), _key(TOKENS), strict=True)))


def _key(works: FromClause) -> tuple[ColumnElement[object], ...]:
    return works.c.chain_id, works.c.contract, works.c.token_id


def _is_behind(rows: FromClause, after: Since) -> ColumnElement[bool]:
    block = rows.c.block_number if rows is NOTES else rows.c.updated_block
    chains = after.blocks.items()
    return or_(false(), *(and_(rows.c.chain_id == one, block > number) for one, number in chains))
