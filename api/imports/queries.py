"""
Imports as they are read: how far rows are, which files are missing, what waits to be signed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.imports import service
from api.imports.files import Files, files_of, findings, missing, unanswered
from api.imports.schemas import (
    FindingOut,
    GroupOut,
    ImportDetailOut,
    ImportList,
    ImportOut,
    ProblemOut,
    RowList,
    RowOut,
    RowState,
)
from api.imports.standing import Standing, counted, standing_of, state_of
from api.imports.tables import ImportedRow, ImportRow
from api.intents.evidence import on_the_book
from api.parts import Parts
from api.tables import IntentRow
from nft.types import Address, Digest, TokenRef

PAGE = 200


@dataclass(frozen=True, slots=True)
class _Seen:
    """An import with everything that is computed."""

    rows: Sequence[ImportedRow]
    files: Files
    standing: Standing

    @property
    def states(self) -> list[RowState]:
        return [state_of(row, self.files, self.standing) for row in self.rows]


async def _see(session: AsyncSession, parts: Parts, row: ImportRow, *, now: datetime) -> _Seen:
    rows = await service.rows_of(session, row)
    files = await files_of(session, row.owner, rows, now=now)
    return _Seen(rows, files, await standing_of(session, parts, rows, now=now))


async def list_imports(
    session: AsyncSession, parts: Parts, owner: Address, *, now: datetime
) -> ImportList:
    """An account's imports, the last touched first."""
    query = select(ImportRow).where(col(ImportRow.owner) == owner)
    rows = (await session.execute(query.order_by(col(ImportRow.updated_at).desc()))).scalars()
    items = []
    for row in rows.all():
        seen = await _see(session, parts, row, now=now)
        items.append(_out(row, seen))
    return ImportList(items=items)


def _out(row: ImportRow, seen: _Seen) -> ImportOut:
    return ImportOut(
        id=row.id,
        name=row.name,
        chain_id=str(row.chain_id),
        creator=str(row.creator),
        rows=row.rows,
        counts=counted(seen.states),
        problems=len(row.problems),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def get_import(
    session: AsyncSession, parts: Parts, row: ImportRow, *, now: datetime
) -> ImportDetailOut:
    """One import whole."""
    seen = await _see(session, parts, row, now=now)
    waiting: Counter[str] = Counter()
    for one in seen.rows:
        if not (one.intent_id and one.intent_id in seen.standing):
            waiting.update(str(finding["code"]) for finding in unanswered(one, seen.files).values())
    return ImportDetailOut(
        **_out(row, seen).model_dump(),
        report=[ProblemOut(**one) for one in row.problems],
        missing=missing([one for one in seen.rows if not _is_held(one, seen)], seen.files),
        groups=await _groups(session, seen),
        findings=dict(waiting),
    )


def _is_held(row: ImportedRow, seen: _Seen) -> bool:
    return row.intent_id is not None and row.intent_id in seen.standing


async def _groups(session: AsyncSession, seen: _Seen) -> list[GroupOut]:
    """Mints that have begun, in the order of the sheet."""
    unlisted = await _unlisted(session, set(seen.standing))
    members: dict[str, list[ImportedRow]] = {}
    for row in seen.rows:
        if row.intent_id is not None and row.intent_id in seen.standing:
            members.setdefault(row.intent_id, []).append(row)
    return [
        GroupOut(
            intent_id=intent_id,
            works=sum(int(one.work["copies"]) for one in rows),
            first_row=rows[0].row,
            title=rows[0].work["title"],
            state=seen.standing[intent_id],
            unlisted=intent_id in unlisted,
            sign_url=f"/sign/{intent_id}",
        )
        for intent_id, rows in members.items()
    ]


async def _unlisted(session: AsyncSession, ids: set[str]) -> set[str]:
    """Mints whose listings are not all on the book."""
    if not ids:
        return set()
    query = select(col(IntentRow.id), col(IntentRow.facts)["names"]).where(
        col(IntentRow.id).in_(ids)
    )
    names = {
        intent_id: {Digest.parse(text) for text in told or []}
        for intent_id, told in await session.execute(query)
    }
    there = await on_the_book(session, [name for told in names.values() for name in told])
    return {intent_id for intent_id, told in names.items() if not told <= there}


async def list_rows(
    session: AsyncSession,
    parts: Parts,
    row: ImportRow,
    *,
    after: int = 0,
    only: RowState | None = None,
    now: datetime,
) -> RowList:
    """Rows after a row of the sheet, at most `PAGE`; `only` those that are so far."""
    seen = await _see(session, parts, row, now=now)
    states = dict(zip((one.id for one in seen.rows), seen.states, strict=True))
    wanted = [
        one for one in seen.rows if one.row > after and (only is None or states[one.id] == only)
    ]
    shown = wanted[:PAGE]
    tokens = await _tokens(session, [one for one in shown if states[one.id] == "minted"])
    return RowList(
        items=[_row_out(one, states[one.id], seen, tokens.get(one.id)) for one in shown],
        next=str(shown[-1].row) if len(wanted) > PAGE else None,
    )


def _row_out(row: ImportedRow, state: RowState, seen: _Seen, token: TokenRef | None) -> RowOut:
    uploads = [upload for fact in row.files if (upload := seen.files.of(fact)) is not None]
    problem = next((one.problem for one in uploads if one.problem), None) or seen.files.unfit(row)
    return RowOut(
        id=row.id,
        row=row.row,
        file=row.files[0]["name"],
        title=row.work["title"],
        external_id=row.external_id,
        state=state,
        problem=problem if state == "refused" else None,
        findings=[
            FindingOut(
                code=str(one["code"]), detail=str(one["detail"]), accepted=name in row.accepted
            )
            for name, one in findings(row, seen.files).items()
        ],
        intent_id=row.intent_id if _is_held(row, seen) else None,
        work_url=f"/works/{token.path}" if token else None,
    )


async def _tokens(session: AsyncSession, rows: Sequence[ImportedRow]) -> dict[str, TokenRef]:
    """The (first) token of each minted row."""
    ids = {row.intent_id for row in rows if row.intent_id}
    if not ids:
        return {}
    query = select(IntentRow).where(col(IntentRow.id).in_(ids))
    intents = {one.id: one for one in (await session.execute(query)).scalars()}
    found = {}
    for row in rows:
        intent = intents.get(row.intent_id or "")
        if intent is not None and intent.contract is not None and row.place is not None:
            token_id = int(intent.facts["token_ids"][row.place])
            found[row.id] = TokenRef(intent.chain_id, intent.contract, token_id)
    return found
