"""
Programs on files, measured: wall and CPU seconds, and the most memory that each ever had.

Files are as good as random and cost little to make; none compresses, no two of their mebibytes are
alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from typing import Any

from tests.support.servers import ROOT

MIB = 1024 * 1024
VERNISSAGE = (sys.executable, "-m", "api.cli")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a program cost."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str = ""

    def rate(self, size: int) -> float:
        """Megabytes (10^6) a second."""
        return size / 1e6 / self.seconds


# A program's peak memory counts what its parent had when it was started, so a small one starts it.
_STARTER = """
import json, os, sys, time
began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
told = {"seconds": time.perf_counter() - began, "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024, "code": os.waitstatus_to_exitcode(status)}
open(sys.argv[1], "w").write(json.dumps(told))
"""


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> Run:
    """Run a program to its end. Raises `RuntimeError` with its words when it fails."""
    with NamedTemporaryFile("r") as told:
        starter = (sys.executable, "-I", "-S", "-c", _STARTER, told.name)
        finished = subprocess.run(
            (*starter, *command),
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            text=True,
            check=True,
        )
        found = json.load(told)
    if found.pop("code"):
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {finished.stderr[-500:]}")
    return Run(output=finished.stdout.strip(), **found)


def median(runs: Sequence[Run]) -> Run:
    """The middle one by wall time."""
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]


def interleaved(
    commands: dict[str, Sequence[str | Path]], count: int, **more: Any
) -> dict[str, Run]:
    """Each command in turn, again and again, so that a busy moment hits all of them."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(count):
        for name, command in commands.items():
            found[name].append(run(command, **more))
    return {name: median(runs) for name, runs in found.items()}


def make_file(path: Path, size: int) -> Path:
    """A file of `size` bytes."""
    block = bytearray(Random(size).randbytes(MIB))
    with path.open("wb") as file:
        for number in range(-(-size // MIB)):
            block[:8] = number.to_bytes(8, "big")
            file.write(block[: min(MIB, size - number * MIB)])
    return path


def make_folder(path: Path, count: int) -> Path:
    """A folder of so many small documents, as a collection's metadata may be."""
    path.mkdir()
    for number in range(count):
        document = {"name": f"#{number}", "description": "x" * 200}
        (path / f"{number}.json").write_text(json.dumps(document))
    return path
