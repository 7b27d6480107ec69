"""
What every route that prepares an intent does: once per Idempotency-Key, answered 201 and where.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import NowDep, PartsDep, SessionDep
from api.idempotency import Made, once
from api.intents.queries import describe
from api.parts import Parts
from api.tables import IntentRow
from nft.types import Address

Preparing = Callable[[AsyncSession, Parts, datetime], Awaitable[IntentRow]]


@dataclass(frozen=True, slots=True)
class Writing:
    """One request that writes: its session, the parts, the time."""

    request: Request
    session: AsyncSession
    parts: Parts
    now: datetime

    async def once(self, account: Address | None, make: Callable[[], Awaitable[Made]]) -> Response:
        """Do it unless this Idempotency-Key did; accounts do not share keys."""
        return await once(
            self.request, self.session, self.parts, account=account, now=self.now, make=make
        )

    async def prepare(self, account: Address, preparing: Preparing) -> Response:
        """Prepare an intent for `account` and answer with its steps."""

        async def make() -> Made:
            row = await preparing(self.session, self.parts, self.now)
            intent = await describe(self.session, self.parts, row, now=self.now)
            place = f"/api/intents/{intent.id}"
            return Made(intent, {"Location": place, "Cache-Control": "no-store"})

        return await self.once(account, make)


def writing(request: Request, session: SessionDep, parts: PartsDep, now: NowDep) -> Writing:
    """Put together what a write needs."""
    return Writing(request, session, parts, now)


WritingDep = Annotated[Writing, Depends(writing, scope="function")]
