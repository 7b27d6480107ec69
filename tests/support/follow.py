"""
The indexer as a process of its own, so that a test can kill it.

Processes come from a fork server that has the imports already, so that a dozen cost no minute.
"""

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from indexer.run import follow
from nft.chain.deployments import Deployment

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.support.follow"])


def die_after(statements: int) -> None:
    """SIGKILL before the statement of that number."""
    left = [statements]

    @event.listens_for(Engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        left[0] -= "index_health" not in statement  # Another thread writes that, whenever it likes.
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def run(database_url: str, rpc_url: str, document: str, kill_after: int | None) -> None:
    """Follow until SIGTERM, or until it kills itself within a transaction."""
    if kill_after is not None:
        die_after(kill_after)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    follow(database_url, [rpc_url], Deployment.from_json(json.loads(document)), stop=stop)


@contextmanager
def indexer(
    deployment: Deployment, database_url: str, rpc_url: str, *, kill_after: int | None = None
) -> Iterator[BaseProcess]:
    """An indexer process, ended at the end whatever happened."""
    document = json.dumps(deployment.as_json())
    process = PROCESSES.Process(target=run, args=(database_url, rpc_url, document, kill_after))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
