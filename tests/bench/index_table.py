"""
The rows of the table: a target, what was measured, and the same target on a machine of this speed.

The targets were set on one quiet machine of 2 cores (24 GiB, anvil 1.7.1, PostgreSQL 18.4), whose
floors are quoted here from the record of that day, `indexers.md`, section 2. Where a floor of the
same kind takes this run longer, nothing above it can be as fast: the scaled target is the target
times how much slower the row's floors are. Which floors bind a row is said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

READING = "logs thrown away, 100 blocks a request, 1 connection"
COPYING = "rows copied, primary key and index by work"
OWNERS = "rows copied and owners kept, 25,000 rows a transaction"
CLIENT = "the same logs decoded and made binary rows, nothing else"
HEAD_50, HEAD_99 = "head: push, eth_getLogs, a small commit, seen; p50", "the same; p99"

RESEARCH: Mapping[str, float] = {
    READING: 0.68,  # "100 blocks a request, 1 connection"
    COPYING: 0.43,  # "COPY binary, all rows at once, … + (token, block, log) index"
    OWNERS: 1.05,  # "COPY + owners upsert … in transactions of 25,000 … rows, with index"
    CLIENT: 0.68,  # "0.41 msgspec with a typed structure"; "topic slicing + binary rows 0.27"
    HEAD_50: 0.0030,  # "prototype, WebSocket `newHeads`": p50 3.0 ms
    HEAD_99: 0.0049,  # its p99, 4.9 ms
}
"""Seconds, for the same 200,000 transfers in 2,401 blocks; of a head, for one block."""

POLL_MS = 100.0
"""What polling waits at most: no machine makes it shorter."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    target: float
    measured: float
    unit: str
    floors: tuple[str, ...] = ()
    """Whose sum binds it: node, database and indexer share the machine. None: nothing is scaled."""
    is_at_least: bool = False
    fixed: float = 0.0
    """A part of the target that is no work."""

    def is_met(self, target: float) -> bool:
        """Whether that target is reached."""
        return self.measured >= target if self.is_at_least else self.measured < target

    def scaled(self, floors: Mapping[str, float]) -> float:
        """The target on a machine whose floors take so many seconds."""
        if not self.floors:
            return self.target
        slower = sum(floors[name] for name in self.floors) / self.research
        if self.is_at_least:
            return self.target / slower
        return self.fixed + (self.target - self.fixed) * slower

    @property
    def research(self) -> float:
        """Seconds of the floors on the machine of the targets."""
        return sum(RESEARCH[name] for name in self.floors)

    def document(self, floors: Mapping[str, float]) -> dict[str, Any]:
        """For programs."""
        scaled = self.scaled(floors)
        return {
            "what": self.what,
            "unit": self.unit,
            "target": self.target,
            "measured": self.measured,
            "met": self.is_met(self.target),
            "floors": list(self.floors),
            "floor": sum(floors[name] for name in self.floors),
            "research_floor": self.research,
            "scaled_target": scaled,
            "met_scaled": self.is_met(scaled),
        }

    def line(self, floors: Mapping[str, float]) -> str:
        """For people."""
        sign = ">=" if self.is_at_least else "<"
        met = "yes" if self.is_met(self.target) else "NO"
        told = (
            f"{self.what:<42}{f'{sign} {self.target:,.0f}':>11}{self.measured:>12,.1f} "
            f"{self.unit:<9}{met:>4}"
        )
        if not self.floors:
            return told
        floor, scaled = sum(floors[name] for name in self.floors), self.scaled(floors)
        met = "yes" if self.is_met(scaled) else "NO"
        return (
            f"{told}{floor:>9.4g}{self.research:>9.4g}{f'{sign} {scaled:,.1f}':>13}{met:>5}"
            f"  {' + '.join(SHORT[name] for name in self.floors)}"
        )


SHORT: Mapping[str, str] = {
    READING: "reading",
    COPYING: "copying",
    OWNERS: "owners",
    CLIENT: "client",
    HEAD_50: "head p50",
    HEAD_99: "head p99",
}

HEADING = (
    f"{'':<42}{'target':>11}{'measured':>12} {'':<9}{'met':>4}{'floor s':>9}{'theirs':>9}"
    f"{'scaled':>13}{'met':>5}  bound by"
)


def _at(values: Sequence[float], percent: int) -> float:
    return values[min(len(values) * percent // 100, len(values) - 1)]


def seconds_of(found: Mapping[str, Any]) -> dict[str, float]:
    """This run's floors, in seconds."""
    floors = {name: float(cost["seconds"]) for name, cost in found["floors"].items()}
    floors[CLIENT] = float(found["floors"][CLIENT]["client"])  # Its CPU: others may run besides.
    head = found["head_floor_ms"]
    return floors | {HEAD_50: _at(head, 50) / 1000, HEAD_99: _at(head, 99) / 1000}


def table(found: Mapping[str, Any]) -> list[Row]:
    """Every row. A proof is this process's own work on the same logs, as the client's floor is."""
    steady, bulk = found["steady"], found["bulk"]
    events, push, poll = steady["events"], found["websocket_ms"], found["polling_ms"]
    rate, cost = "events_per_second", "cpu_seconds"
    writing, loading = (READING, OWNERS), (READING, COPYING)
    heads = [_at(push, 50), _at(push, 99), _at(poll, 99)]
    memory = [one["peak_memory_bytes"] / 1e6 for one in (steady, bulk)]
    return [
        Row("backfill, owners current in every batch", 60_000, steady[rate], "ev/s", writing, True),
        Row("first bulk load", 100_000, bulk[rate], "ev/s", loading, True),
        Row("CPU of the indexer per event", 8, 1e6 * steady[cost] / events, "us", (CLIENT,)),
        Row("  the same, bulk", 8, 1e6 * bulk[cost] / events, "us", (CLIENT,)),
        Row("peak memory", 200, memory[0], "MB"),
        Row("  the same, bulk", 200, memory[1], "MB"),
        Row("mined to visible, WebSocket, p50", 10, heads[0], "ms", (HEAD_50,)),
        Row("mined to visible, WebSocket, p99", 50, heads[1], "ms", (HEAD_99,)),
        Row("  polling 100 ms, p99", 150, heads[2], "ms", (HEAD_99,), fixed=POLL_MS),
        Row("full proof of the chain", 5, found["proof"]["seconds"], "s", (CLIENT,)),
    ]
