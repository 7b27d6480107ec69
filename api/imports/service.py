"""
Taking a sheet: what is new or changed is taken, what is bound stays, what is gone goes.

A dry run does all of this and is rolled back, so that its report is the report.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from anyio import to_thread
from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.imports.errors import FileNamedTwice, ImportSigning, NoSuchImport, TooManyImports
from api.imports.files import files_of, missing, unanswered
from api.imports.schemas import (
    AnswerIn,
    FileIn,
    ImportedOut,
    ImportIn,
    NoticeOut,
    ProblemOut,
    ReportOut,
    TakenOut,
)
from api.imports.sheets import row_of, terms_of
from api.imports.standing import is_bound, standing_of
from api.imports.tables import ImportedRow, ImportRow
from api.locks import hold
from api.parts import Parts
from nft.sheets.cells import composed
from nft.sheets.works import FileFact, Sheet, SheetWork, read_sheet
from nft.types import Address, Digest

MAX_IMPORTS = 100

Key = tuple[Digest, int]
Outcome = Literal["new", "changed", "unchanged", "bound"]


@dataclass(slots=True)
class _Taken:
    """What a sheet came to."""

    bound: list[ImportedRow] = field(default_factory=list)
    fresh: list[ImportedRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    notices: list[NoticeOut] = field(default_factory=list)
    works: list[TakenOut] = field(default_factory=list)

    def note(self, work: SheetWork, outcome: Outcome) -> None:
        """Count a row, and say what becomes of it."""
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        told = TakenOut(row=work.row, file=work.file, title=work.title, outcome=outcome)
        self.works.append(told)


async def take(
    session: AsyncSession, parts: Parts, body: ImportIn, *, account: Address, now: datetime
) -> ImportedOut:
    """
    Take a sheet, or in a dry run say what taking it would do.

    With problems and without `partial` nothing is kept. Raises `CreatorNotYou`, `NoSuchChain`,
    `FileNamedTwice` or `TooManyImports`; whatever is wrong in the sheet is in the report.
    """
    part = chain_of(parts, body.chain_id)
    chain_id = part.deployment.chain_id
    creator = body.creator or account
    folder = _folder(body.files)
    most = parts.uploads.max_bytes
    terms = await terms_of(session, part, creator, account=account, folder=folder, most=most)
    sheet = await to_thread.run_sync(read_sheet, body.sheet, terms)
    await alone(session, account)
    row = await _import_row(session, body, account, creator, chain_id, now=now)
    before = await _candidates(session, row, sheet, folder)
    standing = await standing_of(session, parts, before, now=now)
    bound = [one for one in before if is_bound(one, standing)]
    free = [one for one in before if not is_bound(one, standing)]
    taken = _sort_out(row, sheet, folder, bound=bound, free=free)
    problems = sorted(
        [*taken.problems, *(problem.as_json() for problem in sheet.problems)],
        key=lambda one: int(one["row"]),
    )
    is_kept = not body.dry_run and (body.partial or not problems)
    await _keep(session, row, taken, free=free, now=now)
    row.rows, row.problems, row.updated_at = sheet.rows, problems, now
    await session.flush()
    report = _report(taken, problems, rows=sheet.rows, free=free)
    rows = [*taken.bound, *taken.fresh]
    lacking = await _lacking(session, account, taken.fresh, now=now)
    if not is_kept:
        await session.rollback()
    return ImportedOut(
        id=row.id if is_kept else None,
        kept=is_kept,
        report=report.model_copy(update={"accepted": len(rows)}),
        works=taken.works,
        missing=[one.name for one in lacking],
    )


async def alone(session: AsyncSession, account: Address) -> None:
    """
    Wait until no other request changes rows of the account, and keep others waiting.

    A sheet takes rows away that are free, a mint binds them: side by side, a row that was just
    bound would be taken away, come again as a free one, and be minted twice.
    """
    await hold(session, f"import:{account}")


def _folder(files: Sequence[FileIn]) -> dict[str, FileFact]:
    found: dict[str, FileFact] = {}
    for position, one in enumerate(files):
        name = composed(one.name)
        if name in found:
            raise FileNamedTwice(position, name)
        found[name] = FileFact(name, one.size, one.sha256)
    return found


async def _import_row(
    session: AsyncSession,
    body: ImportIn,
    account: Address,
    creator: Address,
    chain_id: int,
    *,
    now: datetime,
) -> ImportRow:
    """The import of that name."""
    query = select(ImportRow).where(
        col(ImportRow.owner) == account,
        col(ImportRow.chain_id) == chain_id,
        col(ImportRow.name) == body.name,
    )
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        mine = select(func.count()).where(col(ImportRow.owner) == account)
        if (await session.execute(mine)).scalar_one() >= MAX_IMPORTS:
            raise TooManyImports(MAX_IMPORTS)
        row = ImportRow(
            id=secrets.token_hex(16),
            owner=account,
            creator=creator,
            chain_id=chain_id,
            name=body.name,
            rows=0,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
    row.creator = creator
    return row


def _key(work: SheetWork, folder: dict[str, FileFact]) -> Key:
    sha256 = folder[work.file].sha256
    assert sha256 is not None
    return sha256, work.edition_number


async def _candidates(
    session: AsyncSession, row: ImportRow, sheet: Sheet, folder: dict[str, FileFact]
) -> Sequence[ImportedRow]:
    """Rows that the sheet may be about: of this import, or of any with the same id or file."""
    ids = [work.external_id for work in sheet.works if work.external_id]
    keys = [_key(work, folder) for work in sheet.works]
    same = [col(ImportedRow.import_id) == row.id]
    if ids:
        same.append(col(ImportedRow.external_id).in_(ids))
    if keys:
        same.append(tuple_(col(ImportedRow.file_sha256), col(ImportedRow.edition_number)).in_(keys))
    query = select(ImportedRow).where(
        col(ImportedRow.owner) == row.owner,
        col(ImportedRow.chain_id) == row.chain_id,
        or_(*same),
    )
    return (await session.execute(query)).scalars().all()


def _sort_out(
    row: ImportRow,
    sheet: Sheet,
    folder: dict[str, FileFact],
    *,
    bound: Sequence[ImportedRow],
    free: Sequence[ImportedRow],
) -> _Taken:
    """Which works are bound already, which are as before, which are changed or new."""
    taken = _Taken()
    bound_by_id = {one.external_id: one for one in bound if one.external_id}
    bound_by_key = {(one.file_sha256, one.edition_number): one for one in bound}
    known = {one.digest: one for one in free}
    names = {one.external_id for one in free if one.external_id}
    keys = {(one.file_sha256, one.edition_number) for one in free}
    for work in sheet.works:
        key, digest = _key(work, folder), work.digest(folder)
        held = bound_by_id.get(work.external_id) or bound_by_key.get(key)
        if held is not None and _is_anothers(held, work):
            taken.problems.append(_of_another(sheet, work, held))
            continue
        if held is not None:
            _stay(taken, held, row, work, digest)
            continue
        before = known.get(digest)
        changed = work.external_id in names or key in keys
        taken.note(work, "unchanged" if before else "changed" if changed else "new")
        taken.fresh.append(row_of(row, work, folder, digest=digest, before=before))
    return taken


def _is_anothers(held: ImportedRow, work: SheetWork) -> bool:
    """Whether the file is that of a work with another inventory number."""
    return bool(held.external_id and work.external_id) and held.external_id != work.external_id


def _of_another(sheet: Sheet, work: SheetWork, held: ImportedRow) -> dict[str, Any]:
    why = (
        f"this file, with this number in its edition, is minted or on its way as inventory number "
        f"{held.external_id[:80]!r}; leave the row out, or number the edition"
    )
    found = sheet.table.problem(work.row, "external_id", "FileMinted", why, work.external_id)
    return found.as_json()


def _stay(
    taken: _Taken, held: ImportedRow, row: ImportRow, work: SheetWork, digest: Digest
) -> None:
    """A bound row is what it was; that the sheet now says something else is told."""
    if held in taken.bound:
        return
    held.import_id, held.row = row.id, work.row
    taken.bound.append(held)
    taken.note(work, "bound")
    if held.digest != digest:
        why = (
            "the row differs from what was minted or is on its way, which stays as it is; a "
            "description can be corrected on the work's own page"
        )
        taken.notices.append(NoticeOut(row=work.row, rule="ChangedAfterMint", detail=why))


async def _keep(
    session: AsyncSession,
    row: ImportRow,
    taken: _Taken,
    *,
    free: Sequence[ImportedRow],
    now: datetime,
) -> None:
    """Put the fresh rows in the place of the free ones."""
    for one in taken.bound:
        session.add(one)
    ids = [one.id for one in free]
    for one in free:
        session.expunge(one)
    await session.flush()
    await session.execute(delete(ImportedRow).where(col(ImportedRow.id).in_(ids)))
    for one in taken.fresh:
        one.created_at = one.created_at or now
        session.add(one)
    await session.flush()


def _report(
    taken: _Taken,
    problems: list[dict[str, Any]],
    *,
    rows: int,
    free: Sequence[ImportedRow],
) -> ReportOut:
    stayed = taken.counts.get("unchanged", 0) + taken.counts.get("changed", 0)
    return ReportOut(
        rows=rows,
        accepted=0,
        removed=max(0, len(free) - stayed),
        problems=[ProblemOut(**one) for one in problems],
        notices=taken.notices,
        **taken.counts,
    )


async def _lacking(
    session: AsyncSession, account: Address, rows: Iterable[ImportedRow], *, now: datetime
) -> list[FileIn]:
    found = list(rows)
    return missing(found, await files_of(session, account, found, now=now))


async def find(
    session: AsyncSession, owner: Address, import_id: str, *, for_update: bool = False
) -> ImportRow:
    """An account's own import, `alone` with it for an update. Raises `NoSuchImport`."""
    if for_update:
        await alone(session, owner)
    is_ours = re.fullmatch(r"[0-9a-f]{32}", import_id)
    row = await session.get(ImportRow, import_id) if is_ours else None
    if row is None or row.owner != owner:
        raise NoSuchImport(import_id)
    return row


async def rows_of(session: AsyncSession, row: ImportRow) -> list[ImportedRow]:
    """All rows of an import in the order of the sheet."""
    query = select(ImportedRow).where(col(ImportedRow.import_id) == row.id)
    return list((await session.execute(query.order_by(col(ImportedRow.row)))).scalars())


async def answer(session: AsyncSession, row: ImportRow, body: AnswerIn, *, now: datetime) -> int:
    """Note findings as accepted; returns how many were answered."""
    rows = [one for one in await rows_of(session, row) if body.all or one.id in set(body.rows)]
    files = await files_of(session, row.owner, rows, now=now)
    count = 0
    for one in rows:
        wanted = [
            name
            for name, finding in unanswered(one, files).items()
            if body.codes is None or finding["code"] in body.codes
        ]
        if wanted:
            one.accepted = sorted({*one.accepted, *wanted})
            session.add(one)
            count += len(wanted)
    await session.flush()
    return count


async def forget(session: AsyncSession, parts: Parts, row: ImportRow, *, now: datetime) -> None:
    """
    Throw an import away; raises `ImportSigning` while mints of it are under way.

    Its minted rows stay known without it, so that no later sheet mints them again.
    """
    rows = await rows_of(session, row)
    standing = await standing_of(session, parts, rows, now=now)
    open_rows = [
        one for one in rows if is_bound(one, standing) and standing[str(one.intent_id)] != "minted"
    ]
    if open_rows:
        raise ImportSigning(len(open_rows))
    free = [one.id for one in rows if not is_bound(one, standing)]
    await session.execute(delete(ImportedRow).where(col(ImportedRow.id).in_(free)))
    await session.delete(row)
