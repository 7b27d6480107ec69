"""
What is told of all this in the feed: one entry in the outbox, in the transaction that said it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.standing.tables  # noqa: F401  (fills the metadata)
from api.forms import due
from indexer.commit import CHANNEL
from nft.types import TokenRef

OUTBOX = SQLModel.metadata.tables["book_outbox"]


async def tell(
    session: AsyncSession, kind: str, *, place: str, token: TokenRef | None, **more: Any
) -> None:
    """
    Have the feed tell it once this session commits, and a work's bundle say it from then on.

    `place` names the thing; of one place each kind is told once, unless it has a number.
    """
    payload: dict[str, Any] = {}
    if token is not None:
        payload = {
            "chain_id": str(token.chain_id),
            "contract": str(token.contract),
            "token_id": str(token.token_id),
            "standing_url": f"/api/certificates/{token.path}/standing",
        }
    number = more.pop("number", None)
    key = f"{place}:{kind}" + (f":{number}" if number is not None else "")
    values = {"natural_key": key, "place": place, "kind": kind, "payload": payload | more}
    await session.execute(insert(OUTBOX).values(values))
    if token is not None:
        await due.put(session, token)
    await session.execute(select(func.pg_notify(CHANNEL, "")))
