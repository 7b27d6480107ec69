"""
The thread that writes an indexer's health while it is the active one.

It has a connection of its own, so that a long commit, a node that does not answer and a pause
after a failure all leave the record fresh; only a dead process lets it grow old.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from indexer.health import PUBLISH_SECONDS, Health
from nft.database import make_engine


@contextmanager
def beating(health: Health, database_url: str, chain_id: int) -> Iterator[None]:
    """Publish once a second while the body runs; an outage of the database is waited out."""
    over = threading.Event()

    def beat() -> None:
        # A connection that is cut without a word would make it look frozen to who stands by.
        engine = make_engine(database_url, pool_size=1, is_watched=True)
        while not over.is_set():
            try:
                with engine.connect() as connection:
                    while not over.is_set():
                        health.publish(connection, chain_id)
                        over.wait(PUBLISH_SECONDS)
            except DBAPIError:  # The follower, which meets it too, says so.
                over.wait(PUBLISH_SECONDS)
        engine.dispose()

    thread = threading.Thread(target=beat, name=f"health of chain {chain_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=2)
