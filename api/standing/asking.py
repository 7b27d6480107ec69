"""
Asking a domain what it publishes, and keeping the answer with its date, whatever it was.

The reading is noted before the host is asked, so that many requests at once cannot have us ask one
host more often than it should be asked. No database connection waits while the host does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.locks import hold
from api.parts import Parts
from api.standing.errors import DomainDoesNotSaySo, DomainSilent, TooMuchSaid
from api.standing.tables import BindingRow, ReadingRow
from nft.bindings import DomainSaysOtherwise
from nft.outgoing import AddressRefused, AnswerRefused, NoAnswer
from nft.types import Digest

Says = Literal["held", "lost", "silent"]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OF_A_HOST = 20
"""So often one host is asked within an hour: for statements that come, and again for those kept.

Beyond that a statement that comes has it asked once a minute, and whoever comes in between is
answered by what it said then. Strangers can use up any number; so they keep nobody waiting.
"""
_READING = CapacityLimiter(16)
"""Threads that wait for strangers' hosts, which may take their time; others have work to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking."""

    reading_id: int
    url: str
    outcome: Says
    detail: str
    body: bytes = b""

    def check(self) -> None:
        """Raises `DomainDoesNotSaySo` or `DomainSilent` unless it says what it should."""
        if self.outcome == "lost":
            raise DomainDoesNotSaySo(self.url, self.detail)
        if self.outcome == "silent":
            raise DomainSilent(self.url, self.detail)


async def ask(
    parts: Parts,
    url: str,
    *,
    check: Callable[[bytes], None],
    binding: Digest | None = None,
    now: datetime,
) -> Answer:
    """
    Fetch one document and see whether it says what it should; both are kept.

    `check` raises `DomainSaysOtherwise`. Raises `TooMuchSaid` where the host was asked too often,
    and said nothing to this question within the last minute.
    """
    try:
        reading_id = await _note(parts, url, binding, now, is_again=False)
    except TooMuchSaid:
        heard = await _heard(parts, url, check, binding, now)
        if heard is None:
            raise
        return heard
    answer = await _fetched(parts, reading_id, url, check)
    await _keep(parts, answer)
    return answer


async def ask_again(
    parts: Parts,
    url: str,
    *,
    check: Callable[[bytes], None],
    binding: Digest,
    then: Callable[[AsyncSession, Answer], Awaitable[None]],
    now: datetime,
) -> None:
    """
    The same for a binding that is kept; `then` writes what follows along with the answer.

    What strangers had the host asked does not count here: whoever posts a signature of their own
    for somebody's domain would else keep it from being read, until it counts as silent.
    """
    reading_id = await _note(parts, url, binding, now, is_again=True)
    answer = await _fetched(parts, reading_id, url, check)
    await _keep(parts, answer, then)


async def _heard(
    parts: Parts, url: str, check: Callable[[bytes], None], binding: Digest | None, now: datetime
) -> Answer | None:
    """What the host said within the last minute, as an answer to this; None where it was silent."""
    newest = (
        select(col(ReadingRow.body), col(ReadingRow.read_at))
        .where(
            col(ReadingRow.host) == _host(url),
            col(ReadingRow.read_at) > now - MINUTE,
            col(ReadingRow.url) == url,
            col(ReadingRow.body).is_not(None),
        )
        .order_by(col(ReadingRow.read_at).desc())
        .limit(1)
    )
    async with parts.sessions.begin() as session:
        last = (await session.execute(newest)).one_or_none()
        if last is None:
            return None
        reading_id = await _add(session, url, binding, last.read_at)
        answer = _judged(reading_id, url, last.body, check)
        await _write(session, answer)
    return answer


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


async def _fetched(
    parts: Parts, reading_id: int, url: str, check: Callable[[bytes], None]
) -> Answer:
    try:
        fetched = await to_thread.run_sync(parts.read_domain, url, limiter=_READING)
    except (AnswerRefused, AddressRefused) as error:
        return Answer(reading_id, url, "lost", error.why)
    except NoAnswer as error:
        return Answer(reading_id, url, "silent", error.why)
    return _judged(reading_id, url, fetched.body, check)


def _judged(reading_id: int, url: str, body: bytes, check: Callable[[bytes], None]) -> Answer:
    try:
        check(body)
    except DomainSaysOtherwise as error:
        return Answer(reading_id, url, "lost", error.why, body)
    return Answer(reading_id, url, "held", "", body)


async def _note(
    parts: Parts, url: str, binding: Digest | None, now: datetime, *, is_again: bool
) -> int:
    host = _host(url)
    is_kept = exists().where(col(BindingRow.binding_hash) == col(ReadingRow.binding_hash))
    async with parts.sessions.begin() as session:
        await hold(session, f"vernissage readings of {host}")
        asked = select(func.count(), func.max(col(ReadingRow.read_at))).where(
            col(ReadingRow.host) == host,
            col(ReadingRow.read_at) > now - HOUR,
            is_kept if is_again else ~is_kept,
        )
        count, last = (await session.execute(asked)).one()
        if count >= OF_A_HOST and (is_again or last > now - MINUTE):
            raise TooMuchSaid(f"{host} was asked {OF_A_HOST} times within the hour", 60)
        return await _add(session, url, binding, now)


async def _add(session: AsyncSession, url: str, binding: Digest | None, read_at: datetime) -> int:
    row = ReadingRow(
        binding_hash=binding,
        url=url,
        host=_host(url),
        outcome="silent",
        detail="not answered yet",
        read_at=read_at,
    )
    session.add(row)
    await session.flush()
    assert row.id is not None
    return row.id


async def _keep(
    parts: Parts,
    answer: Answer,
    then: Callable[[AsyncSession, Answer], Awaitable[None]] | None = None,
) -> None:
    async with parts.sessions.begin() as session:
        await _write(session, answer)
        if then is not None:
            await then(session, answer)


async def _write(session: AsyncSession, answer: Answer) -> None:
    found: dict[str, object] = {"outcome": answer.outcome, "detail": answer.detail[:500]}
    if answer.body:
        found |= {"body": answer.body, "sha256": Digest.sha256(answer.body)}
    this = col(ReadingRow.id) == answer.reading_id
    await session.execute(update(ReadingRow).where(this).values(found))
