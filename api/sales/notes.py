"""
What contracts of others say of their works besides: locked (ERC-5192), lent (ERC-4907).

The last word of a kind counts, as far as the mirror has read; it falls with its block. Each is
found at the end of an index, however often a contract says it. That a lock holds is the contract's
affair: here it is believed, because a work that is said to be locked is no work to pay for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, case, false, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import FromClause
from sqlmodel import SQLModel

import indexer.foreign_tables  # fills the metadata
import indexer.tables  # noqa: F401
from nft.types import ZERO_ADDRESS, Address, TokenRef

NOTES = SQLModel.metadata.tables["chain_notes"]
TOKENS = SQLModel.metadata.tables["chain_tokens"]


KINDS = ("locked", "unlocked", "user_changed")


def _last(kind: str) -> FromClause:
    """The last note of a kind about a row of `chain_tokens`; of works of ours there are none."""
    return (
        select(NOTES.c.block_number, NOTES.c.log_index, NOTES.c.said)
        .where(
            TOKENS.c.metadata_digest.is_(None),
            NOTES.c.chain_id == TOKENS.c.chain_id,
            NOTES.c.contract == TOKENS.c.contract,
            NOTES.c.token_id == TOKENS.c.token_id,
            NOTES.c.kind == kind,
        )
        .order_by(NOTES.c.block_number.desc(), NOTES.c.log_index.desc())
        .limit(1)
        .lateral(f"last_{kind}")
    )


_LOCKED, _UNLOCKED, _LENT = map(_last, KINDS)

_IS_LATER = tuple_(_LOCKED.c.block_number, _LOCKED.c.log_index) > tuple_(
    _UNLOCKED.c.block_number, _UNLOCKED.c.log_index
)

_SAYS_LOCKED: ColumnElement[bool | None] = case(
    (_UNLOCKED.c.block_number.is_not(None), func.coalesce(_IS_LATER, false())),
    (_LOCKED.c.block_number.is_not(None), true()),
)

IS_LOCKED: ColumnElement[bool] = func.coalesce(_SAYS_LOCKED, false())
"""Of a row of `chain_tokens` that `with_locks` joined."""

LOCK_BLOCK: ColumnElement[int | None] = func.greatest(
    _LOCKED.c.block_number, _UNLOCKED.c.block_number
)


def with_locks(works: FromClause) -> FromClause:
    """A join that has `chain_tokens`, with what is said of locks."""
    return works.outerjoin(_LOCKED, true()).outerjoin(_UNLOCKED, true())


@dataclass(frozen=True, slots=True)
class Said:
    """What a contract said last of one of its works."""

    is_locked: bool | None = None
    """None: it said nothing of it."""
    user: Address | None = None
    expires: int = 0
    """The last second of the user's time, in Unix seconds."""
    last_block: int | None = None

    def user_at(self, now: int) -> Address | None:
        """Who may use the work at a moment, by the rule of ERC-4907: through its last second."""
        return self.user if self.expires >= now else None


NOTHING_SAID = Said()


async def said_of(session: AsyncSession, refs: Collection[TokenRef]) -> Mapping[TokenRef, Said]:
    """What was said last of each of these works; one query. Of most there is nothing."""
    if not refs:
        return {}
    keys = [(ref.chain_id, ref.contract, ref.token_id) for ref in refs]
    query = (
        select(
            TOKENS.c.chain_id,
            TOKENS.c.contract,
            TOKENS.c.token_id,
            _SAYS_LOCKED.label("is_locked"),
            _LENT.c.said.label("lent"),
            func.greatest(LOCK_BLOCK, _LENT.c.block_number).label("last_block"),
        )
        .select_from(with_locks(TOKENS).outerjoin(_LENT, true()))
        .where(tuple_(TOKENS.c.chain_id, TOKENS.c.contract, TOKENS.c.token_id).in_(keys))
    )
    return {
        TokenRef(row.chain_id, row.contract, row.token_id): _said(row)
        for row in await session.execute(query)
    }


def _said(row: Row[Any]) -> Said:
    lent: Mapping[str, str] = row.lent or {}
    user = Address.parse(lent["user"]) if lent else ZERO_ADDRESS
    return Said(
        is_locked=row.is_locked,
        user=None if user == ZERO_ADDRESS else user,
        expires=int(lent.get("expires", 0)),
        last_block=row.last_block,
    )
