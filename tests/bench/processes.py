"""
CPU seconds of programs with all their children, the ended ones included.
"""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Of a process, the children it has waited for, and everything that runs below it."""
    stats: dict[int, list[str]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            stats[int(entry.parent.name)] = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        if one in stats:
            total += sum(int(field) for field in stats[one][11:15])
        waiting += [child for child, fields in stats.items() if int(fields[1]) == one]
    return total / TICKS
