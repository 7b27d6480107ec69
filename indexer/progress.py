"""
How far a long reading has come: what a progress bar draws and a log line says.

Whoever reads calls `report(Progress)` now and then; how often is its own choice, and whoever
draws is asked no question.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a reading from block `first` to block `target`, both among what is read."""

    chain_id: int
    first: int
    at: int
    """The last block that is committed; `first - 1` before anything is."""
    target: int
    events: int
    """Since the reading began."""
    seconds: float
    """Since the reading began."""
    what: str
    """What is read, in a word or two: `history`, `rebuild`, a contract's address."""

    @property
    def blocks(self) -> int:
        """Blocks read so far."""
        return max(0, self.at - self.first + 1)

    @property
    def total(self) -> int:
        """Blocks to read in all, at least one."""
        return max(1, self.target - self.first + 1)

    @property
    def share(self) -> float:
        """The part that is done, from 0 to 1."""
        return min(1.0, self.blocks / self.total)

    @property
    def is_over(self) -> bool:
        """Whether the target is reached."""
        return self.at >= self.target

    @property
    def blocks_per_second(self) -> float:
        """Mean since the beginning; 0 before time has passed."""
        return self.blocks / self.seconds if self.seconds > 0 else 0.0

    @property
    def events_per_second(self) -> float:
        """Mean since the beginning; 0 before time has passed."""
        return self.events / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the mean speed so far; None while there is none."""
        if self.is_over:
            return 0.0
        speed = self.blocks_per_second
        return (self.total - self.blocks) / speed if speed > 0 else None


Report = Callable[[Progress], None]
"""Who hears of progress."""

LONG = 100
"""Fewer blocks than this are no journey: a mirror that follows is silent."""


class Meter:
    """
    Makes progress of what a mirror commits; silent while it merely follows the head.

    Where the mirror stands before is `read_to`, or where its first transaction brings it.
    """

    def __init__(
        self,
        chain_id: int,
        what: str,
        report: Report,
        *,
        read_to: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chain_id = chain_id
        self._what = what
        self._report = report
        self._clock = clock
        self._read_to = read_to
        self._moved_at = clock()
        self._journey: tuple[int, float] | None = None
        self._events = 0

    def moved(self, number: int, head_number: int, events: int) -> None:
        """A transaction brought the mirror to a block, with so many events."""
        before, self._read_to = self._read_to, number
        since, self._moved_at = self._moved_at, self._clock()
        if self._journey is None:
            if before is None or head_number - before < LONG:
                return
            self._journey, self._events = (before + 1, since), 0
        self._events += events
        first, began = self._journey
        self._report(
            Progress(
                chain_id=self._chain_id,
                first=first,
                at=number,
                target=max(head_number, number),
                events=self._events,
                seconds=self._moved_at - began,
                what=self._what,
            )
        )
        if number >= head_number or number < first:
            self._journey = None


def duration(seconds: float | None) -> str:
    """`1:02:03`, `2:03`, or `–` for what nobody knows."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def line(progress: Progress) -> str:
    """One line for a log or a file."""
    return (
        f"chain {progress.chain_id}, {progress.what}: block {progress.at} of {progress.target} "
        f"({progress.share:.1%}), {progress.blocks_per_second:,.0f} blocks/s, "
        f"{progress.events_per_second:,.0f} events/s, {duration(progress.seconds_left)} left"
    )
