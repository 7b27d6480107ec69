"""
How far each row has come, computed from uploads, intents, the mirror and the clock.

A row is *bound* as long as its mint has happened or may still happen. Only what is bound is never
taken anew; a mint that failed, ran out or was given up sets its rows free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.imports.files import Files, unanswered
from api.imports.schemas import RowState
from api.imports.tables import ImportedRow
from api.intents.queries import describe
from api.parts import Parts
from api.tables import IntentRow, IntentTransactionRow
from indexer.tables import TokenChangeRow
from media.uploads import CHECKING, READY, REFUSED

BOUND: tuple[RowState, ...] = ("preparing", "prepared", "sent", "minted")

_MAY_HAPPEN = ("submitted", "in_block", "confirmed", "final", "unknown")

Standing = Mapping[str, RowState]
"""By intent; one that binds nothing is not in it."""


async def standing_of(
    session: AsyncSession, parts: Parts, rows: Iterable[ImportedRow], *, now: datetime
) -> Standing:
    """The intents of these rows that bind them, and how far each has come."""
    ids = {row.intent_id for row in rows if row.intent_id is not None}
    if not ids:
        return {}
    intents = (
        (await session.execute(select(IntentRow).where(col(IntentRow.id).in_(ids)))).scalars().all()
    )
    minted = await _minted(session, ids)
    reported = await _reported(session, ids)
    found: dict[str, RowState] = {}
    for intent in intents:
        if intent.id in minted:
            found[intent.id] = "minted"
        elif intent.id in reported:
            if await _may_still_happen(session, parts, intent, now=now):
                found[intent.id] = "sent"
        elif intent.abandoned_at is None and intent.expires_at > now:
            found[intent.id] = "preparing" if intent.plan is None else "prepared"
    return found


async def _minted(session: AsyncSession, ids: set[str]) -> set[str]:
    """Which of them the mirror shows: the very work, as `api.intents.evidence` has it."""
    digest: ColumnElement[str] = "0x" + func.encode(col(TokenChangeRow.metadata_digest), "hex")
    query = (
        select(col(IntentRow.id))
        .join(
            TokenChangeRow,
            (col(TokenChangeRow.chain_id) == col(IntentRow.chain_id))
            & (col(TokenChangeRow.contract) == col(IntentRow.contract))
            & (col(TokenChangeRow.token_id) == col(IntentRow.token_id)),
        )
        .where(
            col(IntentRow.id).in_(ids),
            col(TokenChangeRow.event) == "minted",
            digest == col(IntentRow.facts)["metadata_digest"].astext,
        )
    )
    return set((await session.execute(query)).scalars())


async def _reported(session: AsyncSession, ids: set[str]) -> set[str]:
    query = select(col(IntentTransactionRow.intent_id)).where(
        col(IntentTransactionRow.intent_id).in_(ids)
    )
    return set((await session.execute(query)).scalars())


async def _may_still_happen(
    session: AsyncSession, parts: Parts, intent: IntentRow, *, now: datetime
) -> bool:
    """
    Whether a transaction that was reported can still mint, or its steps can be signed again.

    While the intent lives, a failed transaction is repeated with the same token ids, which the
    contract takes once only. Afterwards the node is asked what became of it.
    """
    if intent.abandoned_at is None and intent.expires_at > now:
        return True
    told = await describe(session, parts, intent, now=now)
    return any(report.state in _MAY_HAPPEN for report in told.transactions)


def is_bound(row: ImportedRow, standing: Standing) -> bool:
    """Whether the row must not be minted anew."""
    return row.intent_id is not None and row.intent_id in standing


def state_of(row: ImportedRow, files: Files, standing: Standing) -> RowState:
    """The one word for a row."""
    if row.intent_id is not None and row.intent_id in standing:
        return standing[row.intent_id]
    uploads = [files.of(fact) for fact in row.files]
    states = [upload.state if upload is not None else "missing" for upload in uploads]
    if REFUSED in states:
        return "refused"
    if "missing" in states:
        return "missing"
    if "receiving" in states:
        return "receiving"
    if CHECKING in states:
        return "checking"
    assert set(states) == {READY}
    if files.unfit(row):
        return "refused"
    return "unanswered" if unanswered(row, files) else "ready"


def counted(states: Sequence[RowState]) -> dict[RowState, int]:
    """How many rows are how far."""
    found: dict[RowState, int] = {}
    for state in states:
        found[state] = found.get(state, 0) + 1
    return found
