"""
Telling this process that something moved: one connection that listens, and everybody who waits.

The indexer and media notify inside their transactions, so news means that the rows can be read.
News may be lost with a connection; whoever waits therefore waits with a time-out and looks for
itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psycopg
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from api.events import sequencer
from api.parts import Parts
from indexer.commit import CHANNEL
from media.news import CHANNEL as MEDIA
from nft.database import listening

log = structlog.get_logger(__name__)

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


class Subjects:
    """Who waits for news of which upload or content."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._followers: Counter[str] = Counter()

    def count(self, who: str | None = None) -> int:
        """How many wait, in all or on somebody's behalf."""
        return self._followers.total() if who is None else self._followers[who]

    @contextmanager
    def following(self, subjects: Iterable[str], *, who: str) -> Iterator[asyncio.Event]:
        """An event that is set at news of any of them from now on; look after you have it."""
        followed, event = tuple(subjects), asyncio.Event()
        self._followers[who] += 1
        for subject in followed:
            self._waiting.setdefault(subject, set()).add(event)
        try:
            yield event
        finally:
            self._followers[who] -= 1
            self._followers += Counter()  # forgets those who follow nothing
            for subject in followed:
                waiting = self._waiting.get(subject, set())
                waiting.discard(event)
                if not waiting:
                    self._waiting.pop(subject, None)

    def tell(self, subject: str) -> None:
        """Wake those who wait for it."""
        for event in self._waiting.get(subject, ()):
            event.set()

    def tell_all(self) -> None:
        """Wake everybody: news may have been missed."""
        for waiting in self._waiting.values():
            for event in waiting:
                event.set()


def subjects_of(app: FastAPI) -> Subjects:
    """The process's news of uploads and contents; where nobody listens, it never tells."""
    found: Subjects | None = getattr(app.state, "subjects", None)
    if found is None:
        found = app.state.subjects = Subjects()
    return found


async def hear(database_url: str, news: News, subjects: Subjects) -> None:
    """Listen for ever; a lost connection is made again, and counts as news."""
    pause = 0.1
    while True:
        try:
            async with listening(database_url, CHANNEL, MEDIA) as connection:
                news.tell()
                subjects.tell_all()
                pause = 0.1
                async for said in connection.notifies():
                    if said.channel == MEDIA:
                        subjects.tell(said.payload)
                    else:
                        news.tell()
        except (psycopg.Error, OSError) as error:
            log.info("not hearing the database for now", error=str(error)[:200])
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
    hearing = hear(url, news, subjects_of(app))
    tasks = [asyncio.create_task(hearing), asyncio.create_task(sequence(parts, news))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
