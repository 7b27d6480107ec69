"""
What is watched: servers and programs that are started again when they fall.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from api.local.folder import DataFolder
from api.local.processes import Child, Launch

FIRST_WAIT = 0.2
LONGEST_WAIT = 10.0
STEADY = 30.0
"""A child that ran for so long has recovered: the next fall is a first one again."""


class Server(Protocol):
    """What can be started, and started again."""

    child: Child | None

    def launch(self) -> None:
        """Start it without waiting."""


@dataclass(slots=True)
class Program:
    """One of our own commands as a child."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: DataFolder
    sockets: tuple[int, ...] = ()
    child: Child | None = None

    def launch(self) -> None:
        """Start it without waiting."""
        self.child = Launch(
            name=self.name,
            command=[sys.executable, "-m", "api.cli", *self.arguments],
            log=self.folder.log(self.name),
            record=self.folder.record(self.name),
            environment=self.environment,
            sockets=self.sockets,
        ).start()


@dataclass(slots=True)
class Watched:
    """A server, how often it fell lately, and when it may try again."""

    name: str
    server: Server
    falls: int = 0
    last_words: str = ""
    again_at: float | None = None
    clock: Callable[[], float] = field(default=time.monotonic)

    @property
    def child(self) -> Child | None:
        """Its present process."""
        return self.server.child

    def mend(self, say: Callable[[str], None]) -> None:
        """Start it again if it has fallen and waited its time."""
        child = self.child
        if child is None or not child.has_ended():
            return
        now = self.clock()
        if self.again_at is None:
            if now - child.started_at > STEADY:
                self.falls = 0
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2**self.falls)
            self.falls += 1
            self.last_words = child.output()
            self.again_at = now + wait
            say(f"{self.name} ended ({how(child)}); starting it again in {wait:.1f} s")
        if now >= self.again_at:
            self.again_at = None
            self.server.launch()


def how(child: Child) -> str:
    """How it ended, in words."""
    code = child.process.returncode
    return f"signal {-code}" if code < 0 else f"exit code {code}"
