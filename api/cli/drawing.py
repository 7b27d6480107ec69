"""
Long work told on standard error: a bar with rate and time left on a terminal, else a line now and
then, in words or as JSON.

Standard output is left to results.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bars

from indexer.progress import Progress, duration, line

SECONDS = 5.0
"""Between two lines, where there is no terminal."""


@dataclass
class Drawing:
    """Whoever reads reports here; see `drawn`."""

    stream: TextIO
    bars: Bars | None
    as_json: bool
    clock: Callable[[], float] = time.monotonic
    _tasks: dict[tuple[int, str], TaskID] = field(default_factory=dict)
    _told_at: dict[tuple[int, str], float] = field(default_factory=dict)

    def report(self, progress: Progress) -> None:
        """A moment of a reading; may be called as often as one likes."""
        key = progress.chain_id, progress.what
        if self.bars is not None:
            rate = (
                f"{progress.blocks_per_second:,.0f} blocks/s · "
                f"{progress.events_per_second:,.0f} events/s · "
                f"{duration(progress.seconds_left)} left"
            )
            self._draw(key, progress.blocks, progress.total, rate)
        elif self._is_time(key, is_over=progress.is_over):
            self._say(line(progress), progress_document(progress))

    def compared(self, chain_id: int, what: str, done: int) -> None:
        """So many of a kind were compared; how many there are, nobody has counted."""
        key = chain_id, what
        if self.bars is not None:
            self._draw(key, done, None, f"{done:,} compared")
        elif self._is_time(key):
            document = {"chain_id": str(chain_id), "what": what, "compared": done}
            self._say(f"chain {chain_id}, {what}: {done:,} compared", document)

    def _draw(self, key: tuple[int, str], done: int, total: int | None, rate: str) -> None:
        assert self.bars is not None
        if key not in self._tasks:
            self._tasks[key] = self.bars.add_task(f"chain {key[0]}, {key[1]}", total=total, rate="")
        self.bars.update(self._tasks[key], completed=done, total=total, rate=rate)

    def _is_time(self, key: tuple[int, str], *, is_over: bool = False) -> bool:
        now = self.clock()
        if not is_over and now - self._told_at.setdefault(key, now) < SECONDS:
            return False
        self._told_at[key] = now
        return True

    def _say(self, words: str, document: dict[str, Any]) -> None:
        self.stream.write((json.dumps(document) if self.as_json else words) + "\n")
        self.stream.flush()


def progress_document(progress: Progress) -> dict[str, Any]:
    """Progress as a line of JSON."""
    left = progress.seconds_left
    return {
        "chain_id": str(progress.chain_id),
        "what": progress.what,
        "first": str(progress.first),
        "at": str(progress.at),
        "target": str(progress.target),
        "events": progress.events,
        "seconds": round(progress.seconds, 3),
        "blocks_per_second": round(progress.blocks_per_second, 1),
        "events_per_second": round(progress.events_per_second, 1),
        "seconds_left": None if left is None else round(left, 1),
    }


@contextmanager
def drawn(*, as_json: bool, stream: TextIO | None = None) -> Iterator[Drawing]:
    """A drawing on standard error; bars only where somebody looks."""
    chosen = stream or sys.stderr
    if as_json or not chosen.isatty():
        yield Drawing(chosen, None, as_json)
        return
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        console=Console(file=chosen),
    )
    with bars:
        yield Drawing(chosen, bars, as_json)
