"""
Inputs by the thousand, in a process with bounded memory, each with bounded time.

    python -m tests.fuzz.campaign --inputs 1000000 --seed 1

Prints one JSON object; exit code 1 when something came out that must not. An input is made again by
its target, seed and number: `--target car --seed 1 --only 4711`.
"""

import argparse
import json
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from tests.fuzz.targets import TARGETS, Target

MEMORY_BYTES = 192 * 1024 * 1024
"""On top of what the process has when it begins."""

SECONDS = 2.0
"""Of CPU, for one input."""

MOST_FINDS = 20


class TooSlow(BaseException):
    """An input took longer than any may."""


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def bound_memory() -> None:
    """From here on, what asks for more than the bound gets a `MemoryError`."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def attempt(target: Target, seed: str) -> str | None:
    """Try one input; the trace of what must not have happened."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        target(Random(seed))
    except (Exception, TooSlow):
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def run(inputs: int, seed: int, names: list[str], only: int | None) -> dict[str, Any]:
    """All targets by their shares; returns what is printed."""
    signal.signal(signal.SIGPROF, _too_slow)
    started = time.perf_counter()
    finds: list[dict[str, Any]] = []
    tried = dict.fromkeys(names, 0)
    for name, number in _plan(inputs, names, only):
        trace = attempt(TARGETS[name][0], f"{name}/{seed}/{number}")
        tried[name] += 1
        if trace is not None:
            finds.append({"target": name, "seed": seed, "only": number, "trace": trace})
            if len(finds) == MOST_FINDS:
                break
    return {
        "inputs": sum(tried.values()),
        "by_target": tried,
        "finds": finds,
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time(), 1),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _plan(inputs: int, names: list[str], only: int | None) -> Iterator[tuple[str, int]]:
    whole = sum(TARGETS[name][1] for name in names)
    for name in names:
        if only is not None:
            yield name, only
            continue
        for number in range(-(-inputs * TARGETS[name][1] // whole)):
            yield name, number


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=list(TARGETS))
    parser.add_argument("--only", type=int, help="the number of one input")
    given = parser.parse_args()
    bound_memory()
    names = [given.target] if given.target else list(TARGETS)
    found = run(given.inputs, given.seed, names, given.only)
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if found["finds"] else 0


if __name__ == "__main__":
    sys.exit(main())
