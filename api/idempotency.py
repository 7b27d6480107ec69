"""
`Idempotency-Key`: a request that is sent twice is done once and answered twice.

The key is claimed in a transaction of its own, so that a second request sees at once that the
first still runs. The answer is kept in the transaction of the work itself: either both are there
or neither. A claim without an answer is what a killed process left; after a minute it is free.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import Parts
from api.tables import IdempotencyRow
from nft.errors import Conflict, Unacceptable
from nft.types import Address, Digest

KEPT = timedelta(hours=24)
CLAIM_LIFE = timedelta(seconds=60)
MAX_KEY = 255


class IdempotencyKeyInvalid(Unacceptable):
    """Too long, empty or not plain text."""

    status = 400

    def __init__(self) -> None:
        super().__init__(f"Idempotency-Key takes 1 to {MAX_KEY} printable ASCII characters")


class IdempotencyKeyReused(Unacceptable):
    """The key was used for another request."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key[:60]!r} was used for another request")


class RequestStillRunning(Conflict):
    """The first request with this key has no answer yet."""

    headers = {"Retry-After": "1"}  # noqa: RUF012

    def __init__(self, key: str) -> None:
        super().__init__(f"the first request with Idempotency-Key {key[:60]!r} still runs")


@dataclass(frozen=True, slots=True)
class Made:
    """What a request led to: a body (or none) and headers such as `Location`."""

    body: BaseModel | None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 201


Make = Callable[[], Awaitable[Made]]


async def once(
    request: Request,
    session: AsyncSession,
    parts: Parts,
    *,
    account: Address | None,
    now: datetime,
    make: Make,
    fingerprint: bytes | None = None,
) -> Response:
    """
    Do what `make` does unless this key did it before; without a key, simply do it.

    `fingerprint` stands for the request where its body is not to be read whole. Raises
    `IdempotencyKeyReused`, `RequestStillRunning`, and what `make` raises; a refusal frees the key.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return _respond(await make())
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid
    asked = await _hash(request, fingerprint)
    claim = _Claim(parts, f"account:{account}" if account else "anonymous", key, asked)
    known = await claim.take(now=now)
    if known is not None:
        return known
    try:
        made = await make()
        response = _respond(made)
        await claim.keep(session, response, made)
    except BaseException:
        # Nothing of it stands, and its connection is free, by the time the key is.
        await session.rollback()
        await claim.release()
        raise
    return response


async def _hash(request: Request, fingerprint: bytes | None) -> Digest:
    body = await request.body() if fingerprint is None else fingerprint
    head = f"{request.method} {request.url.path}\n".encode()
    return Digest.sha256(head + body)


def _respond(made: Made) -> Response:
    body = made.body.model_dump_json().encode() if made.body is not None else b""
    media_type = "application/json" if made.body is not None else None
    return Response(body, status_code=made.status, headers=made.headers, media_type=media_type)


@dataclass(frozen=True, slots=True)
class _Claim:
    parts: Parts
    scope: str
    key: str
    asked: Digest

    async def take(self, *, now: datetime) -> Response | None:
        """Claim the key, or the answer it led to."""
        async with self.parts.sessions.begin() as session:
            await session.execute(
                delete(IdempotencyRow).where(
                    col(IdempotencyRow.scope) == self.scope,
                    col(IdempotencyRow.key) == self.key,
                    or_(
                        col(IdempotencyRow.created_at) <= now - KEPT,
                        col(IdempotencyRow.status).is_(None)
                        & (col(IdempotencyRow.created_at) <= now - CLAIM_LIFE),
                    ),
                )
            )
            values = {
                "scope": self.scope,
                "key": self.key,
                "request_hash": self.asked,
                "created_at": now,
            }
            claimed = await session.execute(
                insert(IdempotencyRow)
                .values(values)
                .on_conflict_do_nothing()
                .returning(col(IdempotencyRow.key))
            )
            if claimed.scalar_one_or_none() is not None:
                return None
            found = await session.execute(select(IdempotencyRow).where(*self._this()))
            return self._answer(found.scalar_one_or_none())

    def _answer(self, row: IdempotencyRow | None) -> Response:
        if row is not None and row.request_hash != self.asked:
            raise IdempotencyKeyReused(self.key)
        if row is None or row.status is None:
            raise RequestStillRunning(self.key)
        headers = {**(row.headers or {}), "Idempotency-Replayed": "true"}
        media_type = "application/json" if row.body else None
        return Response(row.body, status_code=row.status, headers=headers, media_type=media_type)

    async def keep(self, session: AsyncSession, response: Response, made: Made) -> None:
        """Keep the answer together with what the request did."""
        await session.execute(
            update(IdempotencyRow)
            .where(*self._this())
            .values(status=made.status, headers=made.headers, body=bytes(response.body))
        )

    async def release(self) -> None:
        """Free the key: nothing was done."""
        async with self.parts.sessions.begin() as session:
            unanswered = col(IdempotencyRow.status).is_(None)
            await session.execute(delete(IdempotencyRow).where(*self._this(), unanswered))

    def _this(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return (col(IdempotencyRow.scope) == self.scope, col(IdempotencyRow.key) == self.key)


async def sweep(session: AsyncSession, *, now: datetime) -> None:
    """Forget answers after a day."""
    await session.execute(
        delete(IdempotencyRow).where(col(IdempotencyRow.created_at) <= now - KEPT)
    )
