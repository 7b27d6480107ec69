"""
How far a long reading has come: what a progress bar draws and a log line says.

Whoever reads calls `report(Progress)` now and then; how often is its own choice, and whoever
draws is asked no question.
"""

from __future__ import annotations

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
