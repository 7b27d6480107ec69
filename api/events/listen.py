"""
Telling this process that something moved: one LISTEN, and everybody here who waits.

The indexer notifies inside its transaction, so news means that the rows can be read. News may be
lost with a connection; whoever waits therefore waits with a time-out and looks for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from api.events import sequencer
from api.parts import Parts
from nft.database import libpq_url

log = structlog.get_logger(__name__)

CHANNEL = "vernissage_chain"
QUIET_SECONDS = 5.0
"""How long nothing may be heard before the outboxes are looked at all the same."""
LONGEST_PAUSE_SECONDS = 5.0


class News:
    """Something moved; counted, so that nobody misses what came between a look and a wait."""

    def __init__(self) -> None:
        self._count = 0
        self._next = asyncio.Event()

    @property
    def count(self) -> int:
        """How much was heard so far; note it before you look."""
        return self._count

    def tell(self) -> None:
        """Wake everybody who waits."""
        self._count += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, since: int, seconds: float) -> bool:
        """Wait for news after `since`, at most so long; whether there was any."""
        if self._count == since:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), seconds)
        return self._count != since


def news_of(app: FastAPI) -> News:
    """The process's news; where nobody listens, it never tells."""
    found: News | None = getattr(app.state, "news", None)
    if found is None:
        found = app.state.news = News()
    return found


async def hear(database_url: str, news: News) -> None:
    """Listen for ever; a lost connection is made again, and counts as news."""
    pause = 0.1
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                libpq_url(database_url), autocommit=True, connect_timeout=5
            ) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                news.tell()
                pause = 0.1
                async for _ in connection.notifies():
                    news.tell()
        except (psycopg.Error, OSError) as error:
            log.info("not hearing the mirror for now", error=str(error)[:200])
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def sequence(parts: Parts, news: News) -> None:
    """Keep the feed up with the outboxes, for ever; whichever process comes first does it."""
    while True:
        heard = news.count
        try:
            while await sequencer.advance(parts.sessions):
                pass
        except (SQLAlchemyError, psycopg.Error, OSError) as error:
            log.info("the feed waits for the database", error=str(error)[:200])
            await asyncio.sleep(1)
        await news.wait(heard, QUIET_SECONDS)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Listen and sequence while the application runs."""
    parts: Parts = app.state.parts
    news = news_of(app)
    url = parts.engine.url.render_as_string(hide_password=False)
    tasks = [asyncio.create_task(hear(url, news)), asyncio.create_task(sequence(parts, news))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
