"""
What routes ask for: a session that writes, one that reads, the account, chains, the clock.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.parts import ChainParts, Parts
from nft.errors import NoSuchChain
from nft.types import parse_uint


async def get_parts(request: Request) -> Parts:
    """The parts that `create_app` was given."""
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(get_parts)]


async def get_session(parts: PartsDep) -> AsyncIterator[AsyncSession]:
    """
    One request, one transaction: commit if the route returns, roll back if it raises.

    `scope="function"` below is load-bearing. FastAPI otherwise leaves this generator after the
    response has gone out, and a commit that fails would follow a 201.
    """
    async with parts.sessions.begin() as session:
        yield session


async def get_read_session(parts: PartsDep) -> AsyncIterator[AsyncSession]:
    """A session for routes that only read."""
    async with parts.reading() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
ReadSessionDep = Annotated[AsyncSession, Depends(get_read_session, scope="function")]


def get_now(parts: PartsDep) -> datetime:
    """The time of this request, timezone-aware UTC."""
    return parts.clock()


NowDep = Annotated[datetime, Depends(get_now)]


def chain_of(parts: Parts, chain_id: int | str) -> ChainParts:
    """The parts of one chain. Raises `NoSuchChain`."""
    number = parse_uint(chain_id, maximum=2**53) if isinstance(chain_id, str) else chain_id
    found = parts.chains.get(number)
    if found is None:
        raise NoSuchChain(number)
    return found
