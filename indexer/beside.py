"""
Work beside the follower: a thread and a connection of its own, for as long as the body runs.

It works while there is something to do, and waits to be woken else. Outages of node and database
pause it; they never reach the follower.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from nft.database import make_engine
from nft.errors import ExchangeError

log = structlog.get_logger(__name__)

IDLE_SECONDS = 1.0
"""How long it sleeps when nobody wakes it."""
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0

Step = Callable[[], bool]
"""Does one thing; False when nothing is left to do."""


class Wake:
    """Tells a thread beside that there is something to do, or that it is over."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.over = threading.Event()

    def __call__(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Sleep until woken."""
        self._event.wait(seconds)
        self._event.clear()

    def end(self) -> None:
        """No more."""
        self.over.set()
        self._event.set()


@contextmanager
def beside(name: str, database_url: str, begin: Callable[[Connection], Step]) -> Iterator[Wake]:
    """Run steps in a thread while the body runs; call what is yielded to wake it."""
    wake = Wake()
    thread = threading.Thread(
        target=_work, args=(name, database_url, begin, wake), name=name, daemon=True
    )
    thread.start()
    try:
        yield wake
    finally:
        wake.end()
        thread.join(timeout=15)


def _work(name: str, database_url: str, begin: Callable[[Connection], Step], wake: Wake) -> None:
    engine = make_engine(database_url, pool_size=1, is_watched=True)
    failures = 0
    while not wake.over.is_set():
        try:
            with engine.connect() as connection:
                step = begin(connection)
                while not wake.over.is_set():
                    if not step():
                        wake.wait(IDLE_SECONDS)
                    failures = 0
        except (ExchangeError, DBAPIError) as error:
            if failures == 0:
                log.warning("waits", what=name, why=str(error).partition("\n")[0])
            wake.over.wait(min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2**failures))
            failures = min(failures + 1, 6)
    engine.dispose()
