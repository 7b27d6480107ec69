"""
From rows that are ready to mints: groups of works that one transaction can make.

A group begins as any mint does, with consent and pins, and is signed as one. Whatever stops in
between, a refused wallet or a killed process, its rows know their intent, and a lost answer is
found again: the group that waits is in the import, and its token ids can be minted once only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.imports import service
from api.imports.errors import NothingReady
from api.imports.files import Files, files_of
from api.imports.schemas import CostOut
from api.imports.sheets import list_at_in, royalties_in, work_in
from api.imports.standing import counted, standing_of, state_of
from api.imports.tables import ImportedRow, ImportRow
from api.mints import service as mints
from api.mints.schemas import MAX_WORKS, MediaIn, MintIn
from api.mints.steps import EACH_FURTHER_GAS, MINT_GAS, SPLITTER_GAS
from api.parts import Parts
from api.tables import IntentRow
from media.formats.kinds import kind_of
from nft.errors import ExchangeError
from nft.types import Address

APPROVAL_GAS = 60_000


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that one transaction mints."""

    rows: Sequence[ImportedRow]

    @property
    def works(self) -> int:
        """Tokens, copies counted."""
        return sum(int(row.work["copies"]) for row in self.rows)

    @property
    def is_listed(self) -> bool:
        """Whether anything is for sale at once: one more signature, and once an approval."""
        return any(row.work.get("list_at") for row in self.rows)


def groups_of(rows: Sequence[ImportedRow]) -> list[Group]:
    """
    Rows in the order of the sheet, together where collection and royalty are the same.

    An edition is one description and many tokens: it has a transaction of its own.
    """
    alike: dict[str, list[ImportedRow]] = {}
    groups: list[Group] = []
    for row in rows:
        if int(row.work["copies"]) > 1:
            groups.append(Group([row]))
            continue
        kind = json.dumps([row.work["contract"], row.work["royalties"]])
        alike.setdefault(kind, []).append(row)
    for same in alike.values():
        groups += [Group(same[at : at + MAX_WORKS]) for at in range(0, len(same), MAX_WORKS)]
    return sorted(groups, key=lambda group: group.rows[0].row)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of an import can be minted now."""

    groups: Sequence[Group]
    files: Files
    counts: dict[str, int]


async def waiting(session: AsyncSession, parts: Parts, row: ImportRow, *, now: datetime) -> Waiting:
    """The groups that could begin now."""
    rows = await service.rows_of(session, row)
    files = await files_of(session, row.owner, rows, now=now)
    standing = await standing_of(session, parts, rows, now=now)
    states = [state_of(one, files, standing) for one in rows]
    ready = [one for one, state in zip(rows, states, strict=True) if state == "ready"]
    counts = {str(state): count for state, count in counted(states).items()}
    return Waiting(groups_of(ready), files, counts)


async def begin(session: AsyncSession, parts: Parts, row: ImportRow, *, now: datetime) -> IntentRow:
    """
    Begin the mint of the next group; `row` was found for an update, so nobody else takes it too.

    Raises `NothingReady`, and whatever a mint raises; `row` in the answer is then the sheet's.
    """
    present = await waiting(session, parts, row, now=now)
    if not present.groups:
        raise NothingReady(present.counts)
    group = present.groups[0]
    body = _mint_of(row, group, present.files)
    try:
        intent = await mints.begin(session, parts, body, account=row.owner, now=now)
    except ExchangeError as error:
        _name_row(error, group)
        raise
    for place, one in enumerate(group.rows):
        one.intent_id, one.place = intent.id, place
        session.add(one)
    await session.flush()
    return intent


def _name_row(error: ExchangeError, group: Group) -> None:
    """Say which row of the sheet a refusal is about."""
    words = (error.field or "").split("/")
    place = int(words[1]) if words[0] == "works" and len(words) > 1 and words[1].isdigit() else 0
    extra = dict(getattr(error, "extra", None) or {})
    if len(group.rows) == 1 or words[0] == "works":
        error.__dict__["extra"] = {**extra, "row": group.rows[place].row}


def _mint_of(row: ImportRow, group: Group, files: Files) -> MintIn:
    """What a gallery would have asked for by hand."""
    first = group.rows[0]
    contract = first.work["contract"]
    given = {
        "chain_id": str(row.chain_id),
        "creator": row.creator,
        "contract": Address.parse(contract) if contract else None,
        # Every finding of these rows was answered, one by one or for all.
        "accept_findings": True,
        "royalties": royalties_in(first),
    }
    works = [work_in(one, _media(one, files)) for one in group.rows]
    if first.work["copies"] > 1:
        alone = works[0].model_dump(exclude={"list_at"})
        listed = list_at_in(first)
        return MintIn.model_validate(
            {**given, **alone, "list_at": listed, "copies": first.work["copies"]}
        )
    return MintIn.model_validate({**given, "works": works})


def _media(row: ImportedRow, files: Files) -> list[MediaIn]:
    """The files with their parts in the work: a picture is its image, a film has a cover."""
    found = []
    for position, fact in enumerate(row.files):
        upload = files.of(fact)
        assert upload is not None
        role = role_of(upload.type or "") if position == 0 else "image"
        found.append(MediaIn(upload_id=upload.id, role=role))
    return found


def role_of(media_type: str) -> str:
    """What a work's own file is in its metadata."""
    kind = kind_of(media_type)
    return kind if kind in ("image", "document") else "animation"


async def cost_of(session: AsyncSession, parts: Parts, row: ImportRow, *, now: datetime) -> CostOut:
    """What all that is ready costs at most; raises `Unreachable` when no node says its fee."""
    present = await waiting(session, parts, row, now=now)
    part = chain_of(parts, row.chain_id)
    fee = await to_thread.run_sync(lambda: part.chain.fees().max_fee)
    works = sum(group.works for group in present.groups)
    splitters = {
        json.dumps(group.rows[0].work["royalties"])
        for group in present.groups
        if len(group.rows[0].work["royalties"]) > 1
    }
    sold_from = {group.rows[0].work["contract"] for group in present.groups if group.is_listed}
    gas = sum(MINT_GAS + (group.works - 1) * EACH_FURTHER_GAS for group in present.groups)
    gas += len(splitters) * SPLITTER_GAS + len(sold_from) * APPROVAL_GAS
    listed = sum(group.is_listed for group in present.groups)
    prompts_each = 2 if row.creator == row.owner else 1  # A creator states the works as well.
    return CostOut(
        works=works,
        groups=len(present.groups),
        prompts=len(present.groups) * prompts_each + len(splitters) + len(sold_from) + listed,
        gas=str(gas),
        fee=str(fee),
        network_max=str(gas * fee),
        each=str(gas * fee // works if works else 0),
        quoted_at=now,
    )
