"""
What becomes of certificates: revoked, suspended, valid again; and the lists that say so.

Each version of a certificate has one place, the same in the list of each purpose. The place is
given before the certificate is signed, in the transaction that keeps it: what is rolled back
leaves no gap, and what is done twice has one place.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates import issuers
from api.certificates.tables_issuer import StatusChangeRow, StatusEntryRow
from api.columns import of_work
from api.forms import due
from api.locks import hold
from api.parts import Parts
from indexer.commit import CHANNEL
from nft.anchors import Status
from nft.certificates import Issuer, rfc3339
from nft.errors import Conflict, Missing, Unacceptable
from nft.integrity import Document
from nft.status_lists import LIST_BITS, PURPOSES, Purpose, entry, issue_list
from nft.types import Address, TokenRef

TRIES = 16
"""Places that are tried in a list before the next is begun: it is then about two thirds full."""

DATED_EVERY = timedelta(minutes=5)
LIVES = timedelta(days=1)
"""How long a list may be believed; the same bytes are handed out for five minutes."""

REASONS = {
    "withdrawn_by_artist": "the artist took it back",
    "wrong_facts": "what it says of the work is wrong",
    "not_the_artist": "who minted the work is not its artist",
    "rights": "somebody else has rights in the work",
    "key_compromised": "the key that signed it leaked",
    "superseded": "another certificate of the work replaces it",
    "disputed": "a claim is being looked into",
    "settled": "the claim was looked into and not upheld",
    "error": "the change before was a mistake",
    "other": "see the note",
}
"""Why a status changed, in words that the public reads."""

OF_THE_DOCUMENT = frozenset({"key_compromised", "superseded"})
"""Reasons that another document does away with; all others are of the work, or of who made it."""

MARKED = {"revocation": Status.REVOKED, "suspension": Status.SUSPENDED}


class NoSuchList(Missing):
    """No status list has this purpose and number."""

    def __init__(self, purpose: str, number: int | str) -> None:
        super().__init__(f"there is no status list {purpose[:20]!r} {str(number)[:20]!r}")


class ReasonUnknown(Unacceptable):
    """The reason is none of those that the public is told."""

    field = "reason"

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason[:40]!r} is no reason: one of {', '.join(REASONS)}")


class StatusFixed(Conflict):
    """The status cannot become that: a revocation is for good, and nothing ends twice."""

    def __init__(self, found: Status, wanted: Status) -> None:
        super().__init__(f"the certificate is {found.word} and cannot become {wanted.word}")


def list_id(parts: Parts, purpose: Purpose, number: int) -> str:
    """A list's name: where it is under https, a URN on a local stack, as the issuer is a key."""
    if parts.public_url.startswith("https://"):
        return f"{parts.public_url}/api/status-lists/{purpose}/{number}"
    return f"urn:vernissage:status-list:{purpose}:{number}"


def _of(row: Any, token: TokenRef, version: int) -> Any:
    return and_(*of_work(row, token), col(row.version) == version)


# Places


async def allocate(
    session: AsyncSession, parts: Parts, token: TokenRef, version: int
) -> list[Document]:
    """
    `credentialStatus` of a certificate's version: its place, found or given now.

    The caller commits, together with the certificate. Several may ask at once, in transactions of
    READ COMMITTED: each version gets one place, and each place one version.
    """
    found = await _find(session, token, version)
    number = await _newest_list(session)
    while found is None:
        for _ in range(TRIES):
            await session.execute(
                insert(StatusEntryRow)
                .values(
                    list_number=number,
                    place=secrets.randbelow(LIST_BITS),
                    chain_id=token.chain_id,
                    contract=token.contract,
                    token_id=token.token_id,
                    version=version,
                )
                .on_conflict_do_nothing()
            )
            found = await _find(session, token, version)
            if found is not None:
                break
        number += 1
    at, place = found
    return [entry(list_id(parts, purpose, at), purpose, place) for purpose in PURPOSES]


async def _find(session: AsyncSession, token: TokenRef, version: int) -> tuple[int, int] | None:
    query = select(col(StatusEntryRow.list_number), col(StatusEntryRow.place))
    row = (await session.execute(query.where(_of(StatusEntryRow, token, version)))).one_or_none()
    return None if row is None else (row.list_number, row.place)


async def _newest_list(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(StatusEntryRow.list_number))) or 0


# Changes


@dataclass(frozen=True, slots=True)
class Change:
    """One turn of a certificate's status."""

    status: Status
    reason: str
    note: str
    changed_at: datetime

    def as_json(self) -> Document:
        """As it is shown."""
        return {
            "status": self.status.word,
            "reason": self.reason,
            "note": self.note,
            "changed_at": rfc3339(self.changed_at),
        }


async def history(session: AsyncSession, token: TokenRef, version: int) -> list[Change]:
    """Every turn, oldest first; none: it was always valid."""
    rows = await session.scalars(
        select(StatusChangeRow)
        .where(_of(StatusChangeRow, token, version))
        .order_by(col(StatusChangeRow.id))
    )
    return [Change(Status(row.status), row.reason, row.note, row.changed_at) for row in rows]


async def status_of(session: AsyncSession, token: TokenRef, version: int) -> Status:
    """How a certificate stands now."""
    found = await history(session, token, version)
    return found[-1].status if found else Status.VALID


async def change(session: AsyncSession, token: TokenRef, version: int, change: Change) -> None:
    """
    Write down a turn; the caller commits. One at a time, so that readers of the table miss none.

    Raises `ReasonUnknown`, `StatusFixed`.
    """
    if change.reason not in REASONS:
        raise ReasonUnknown(change.reason)
    await hold(session, "vernissage status")
    found = await status_of(session, token, version)
    if found in (change.status, Status.REVOKED):
        raise StatusFixed(found, change.status)
    session.add(
        StatusChangeRow(
            chain_id=token.chain_id,
            contract=token.contract,
            token_id=token.token_id,
            version=version,
            status=change.status,
            reason=change.reason,
            note=change.note,
            changed_at=change.changed_at,
        )
    )
    await session.flush()
    await due.put(session, token)
    said = json.dumps({"chain_id": token.chain_id})
    await session.execute(select(func.pg_notify(CHANNEL, said)))


async def carry_over(session: AsyncSession, token: TokenRef, version: int, now: datetime) -> None:
    """
    Let a new version begin suspended where the one before it was called back.

    Versions come by what artists do, too: whoever's certificate was revoked would correct a word,
    or sign a statement, and have one that is valid. The issuer ends it once it looked. The caller
    commits, and holds the work.
    """
    before = await history(session, token, version - 1)
    last = before[-1] if before else None
    if last is None or last.status == Status.VALID or last.reason in OF_THE_DOCUMENT:
        return
    note = last.note or f"version {version - 1} was {last.status.word}"
    turn = Change(Status.SUSPENDED, last.reason, note, now)
    await change(session, token, version, turn)


def standing_changes() -> Select[int, Address, int, int, int, datetime]:
    """The newest turn of every certificate that ever had one."""
    row = StatusChangeRow
    key = (col(row.chain_id), col(row.contract), col(row.token_id), col(row.version))
    return (
        select(*key, col(row.status), col(row.changed_at))
        .ext(distinct_on(*key))
        .order_by(*key, col(row.id).desc())
    )


# Lists


async def draw_list(
    session: AsyncSession, parts: Parts, issuer: Issuer, purpose: str, number: int, *, now: datetime
) -> Document:
    """A list as it is now, signed; the same bytes for some minutes. Raises `NoSuchList`."""
    if purpose not in MARKED or number > await _newest_list(session) or number < 0:
        raise NoSuchList(purpose, number)
    turned = standing_changes().subquery()
    entries = StatusEntryRow
    rows = (
        await session.execute(
            select(col(entries.place), turned.c.status, turned.c.changed_at)
            .join(
                turned,
                (turned.c.chain_id == col(entries.chain_id))
                & (turned.c.contract == col(entries.contract))
                & (turned.c.token_id == col(entries.token_id))
                & (turned.c.version == col(entries.version)),
            )
            .where(col(entries.list_number) == number)
        )
    ).all()
    seconds = DATED_EVERY.total_seconds()
    dated = datetime.fromtimestamp(now.timestamp() // seconds * seconds, now.tzinfo)
    since = max([dated, *(row.changed_at for row in rows)])
    wanted = _purpose(purpose)
    return issue_list(
        list_id(parts, wanted, number),
        wanted,
        [row.place for row in rows if row.status == MARKED[wanted]],
        issuer,
        valid_from=since,
        valid_until=since + LIVES,
    )


@dataclass(frozen=True, slots=True)
class Named:
    """A list that a certificate names, and the certificate's issuer."""

    issuer: str
    purpose: str
    list_id: str


async def draw_named(
    session: AsyncSession, parts: Parts, named: Iterable[Named], *, now: datetime
) -> list[Document]:
    """
    Those lists of ours among the named, as they are now.

    Each is signed in the name of its certificate's issuer, since nobody else's word counts there.
    """
    found = []
    for one in named:
        number = one.list_id.replace(":", "/").rpartition("/")[2]
        if one.purpose not in MARKED or not number.isdecimal():
            continue
        if one.list_id != list_id(parts, _purpose(one.purpose), int(number[:18])):
            continue
        issuer = await issuers.speaker_for(session, parts, one.issuer)
        if issuer is None:
            continue
        with suppress(NoSuchList):
            found.append(await draw_list(session, parts, issuer, one.purpose, int(number), now=now))
    return found


def _purpose(text: str) -> Purpose:
    return "revocation" if text == "revocation" else "suspension"
