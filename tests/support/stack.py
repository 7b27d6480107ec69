"""The whole exchange, started as a newcomer starts it, for tests that ask it over HTTP."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.local.processes import (
    Identity,
    find_identity,
    is_running,
    read_record,
    wait_until,
)

PROGRAM = [sys.executable, "-m", "api.cli"]
PATIENCE = 150.0
PROCESSES = ("postgres", "anvil", "web", "indexer", "worker")


def clean_environment() -> dict[str, str]:
    """This environment without anything that would set the exchange up otherwise."""
    from api.settings import Settings

    ours = {*Settings.names(), *(f"VERNISSAGE_{name}" for name in Settings.names())}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("VERNISSAGE_")
    }


@dataclass(slots=True)
class Stack:
    """A running exchange."""

    process: subprocess.Popen[bytes]
    folder: Path
    ready: dict[str, Any]
    errors: Path
    seconds: float

    @property
    def url(self) -> str:
        """The pages and the API."""
        return str(self.ready["url"])

    @property
    def rpc_url(self) -> str:
        """The local chain."""
        return str(self.ready["rpc_url"])

    def identity(self, name: str) -> Identity:
        """The process of that name, which must be running."""
        found = read_record(self.folder / "run" / f"{name}.pid")
        assert found is not None, f"{name} has left no record"
        return found

    def identities(self) -> dict[str, Identity]:
        """Every child that has left a record."""
        return {path.stem: self.identity(path.stem) for path in (self.folder / "run").glob("*.pid")}

    def kill(self, name: str) -> None:
        """End one child by kill -9 and wait until another has taken its place."""
        before = self.identity(name)
        os.kill(before.pid, signal.SIGKILL)
        again = wait_until(lambda: self._is_replaced(name, before), patience=30)
        assert again, f"{name} was not started again: {self.errors.read_text()}"

    def _is_replaced(self, name: str, before: Identity) -> bool:
        record = read_record(self.folder / "run" / f"{name}.pid")
        return record is not None and record != before and is_running(record)

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of one request."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def is_ready(self) -> bool:
        """Whether pages can be served now."""
        try:
            return self.get("/ready")[0] == 200
        except OSError:
            return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


def descendants(pid: int) -> set[int]:
    """Every living process below one, by parent."""
    parents: dict[int, int] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            with contextlib.suppress(OSError, IndexError):
                stat = (path / "stat").read_text("utf-8", errors="replace")
                parents[int(path.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def are_gone(pids: set[int]) -> bool:
    """Whether none of them runs any more."""
    return not any(find_identity(pid) for pid in pids)


def start(folder: Path, *options: str, timeout: float = PATIENCE) -> Stack:
    """`vernissage up --json` on free ports; returns when it says that it is ready."""
    errors = folder.with_name(f"{folder.name}.errors")
    began = time.monotonic()
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [*PROGRAM, "up", "--json", "--port", "0", "--data-dir", str(folder), *options],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=clean_environment(),
        )
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    said = bytearray()

    def listen() -> bool:
        said.extend(process.stdout.read() or b"")  # type: ignore[union-attr]
        return b"\n" in said or process.poll() is not None

    wait_until(listen, patience=timeout)
    if b"\n" not in said or not json.loads(said)["ready"]:
        process.kill()
        process.wait()
        process.stdout.close()
        raise AssertionError(f"not ready: {said.decode()} {errors.read_text()}")
    return Stack(process, folder, json.loads(said), errors, time.monotonic() - began)


@contextlib.contextmanager
def running_stack(folder: Path, *options: str) -> Iterator[Stack]:
    """An exchange for a test, ended with it."""
    stack = start(folder, *options)
    try:
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.end()
        assert stack.process.stdout is not None
        stack.process.stdout.close()
