"""
One whole exchange for the journeys of this folder: started as a newcomer starts it.
"""

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.journey import Outcome, travel

START_SECONDS = 90
FINAL_SECONDS = 30


@dataclass(frozen=True)
class Exchange:
    """A running exchange and what its ready line said."""

    url: str
    media_url: str
    rpc_url: str
    database_url: str
    data_dir: Path


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """`vernissage up` on free ports, without the exhibition."""
    folder = tmp_path_factory.mktemp("exchange") / "data"
    command = [sys.executable, "-m", "api.cli", "up", "--data-dir", str(folder), "--no-demo"]
    command += ["--port", "0", "--media-port", "0", "--chain-port", "0", "--json"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    try:
        ready = json.loads(started.stdout.readline())
        assert ready["ready"] is True
        yield Exchange(
            url=ready["url"],
            media_url=ready["media_url"],
            rpc_url=ready["rpc_url"],
            database_url=ready["database_url"],
            data_dir=Path(ready["data_dir"]),
        )
    finally:
        started.terminate()
        started.wait(START_SECONDS)
        started.stdout.close()


@pytest.fixture(scope="session")
def outcome(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What the README's program printed, run once against the exchange."""
    return travel(exchange.url, tmp_path_factory.mktemp("journey"))


@pytest.fixture
def web(exchange: Exchange) -> Iterator[httpx.Client]:
    """A client of the exchange."""
    with httpx.Client(base_url=exchange.url, timeout=30) as client:
        yield client


@pytest.fixture
def sold(outcome: Outcome, web: httpx.Client) -> dict:
    """The work that the README's program minted and sold."""
    assert outcome.lines
    ends_at = time.monotonic() + FINAL_SECONDS
    while time.monotonic() < ends_at:
        items = web.get("/api/tokens").json()["items"]
        found = next(item for item in items if item["title"] == "Journey")
        # Until its last block is final an answer changes by itself, and its tag with it.
        if found["as_of"]["finality"] == "final":
            return found
        select.select([], [], [], 0.2)
    raise AssertionError(f"the sale is not final after {FINAL_SECONDS} s")
