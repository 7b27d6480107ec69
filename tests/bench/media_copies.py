"""
Finding copies among a million works: `python -m tests.bench.media_copies [WORKS] [--json]`.

Every work has a hash of the whole and of nine parts of it, at random, as strangers' pictures have.
Among them stand relatives of the pictures that are asked for, at known distances and in all eight
symmetries: the search must find each of them, or the measurement fails.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from media import fingerprints, shelves
from media.fingerprints import Fingerprint, pack, transposed, unpack
from media.scanning import NEAR, POSSIBLE, Columns, Entry, Hit, columns_of, search

HASHES = 10
QUESTIONS = 40
PLANTED = 25
"""Relatives of each picture that is asked for."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run; of questions the processor's time, which no neighbour changes."""

    works: int
    hashes: int
    build_s: float
    file_bytes: int
    open_s: float
    plain_p50_ms: float
    plain_p99_ms: float
    framed_p50_ms: float
    near_wanted: int
    near_found: int
    possible_wanted: int
    possible_found: int
    fingerprint_ms: float
    memory_mib: float


def measure(works: int = 1_000_000) -> dict[str, Any]:
    """Build, open, ask. Raises `AssertionError` when a planted relative is not found."""
    random = np.random.default_rng(1)
    asked = [_question(random) for _ in range(QUESTIONS)]
    with TemporaryDirectory() as folder:
        return asdict(_measured(Path(folder), random, asked, works))


def _measured(
    folder: Path, random: np.random.Generator, asked: list[list[Fingerprint]], works: int
) -> Measured:
    planted = _planted(random, asked, works)
    started = time.perf_counter()
    for number, columns in enumerate(_background(random, planted, works)):
        (folder / f"{number}.shelf").write_bytes(shelves._bytes(columns))
    built = time.perf_counter()
    at_hand = [
        (number * shelves.SHELF, _opened(folder / f"{number}.shelf"))
        for number in range(-(-works // shelves.SHELF))
    ]
    opened = time.perf_counter()
    plain, found = _asked(at_hand, [[one for one in each if one.kind != 1] for each in asked])
    framed, _ = _asked(at_hand, asked[: QUESTIONS // 4])
    near = {name for name, distance in planted_names(planted) if distance <= NEAR}
    possible = {name for name, distance in planted_names(planted)} - near
    measured = Measured(
        works=works,
        hashes=sum(shelf.kinds.size for _, shelf in at_hand),
        build_s=built - started,
        file_bytes=sum(path.stat().st_size for path in folder.iterdir()),
        open_s=opened - built,
        plain_p50_ms=1000 * float(np.percentile(plain, 50)),
        plain_p99_ms=1000 * float(np.percentile(plain, 99)),
        framed_p50_ms=1000 * float(np.percentile(framed, 50)),
        near_wanted=len(near),
        near_found=len(near & found),
        possible_wanted=len(possible),
        possible_found=len(possible & found),
        fingerprint_ms=_fingerprint_ms(random),
        memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    assert near <= found, "a near copy was not found"
    assert possible <= found, "a possible copy was not found"
    return measured


@dataclass(frozen=True, slots=True)
class _Relative:
    question: int
    picture: int
    place: int
    distance: int
    hash: bytes


def planted_names(planted: list[_Relative]) -> list[tuple[tuple[int, int], int]]:
    """Which picture each question must find, and how far it is."""
    return [((one.question, one.picture), one.distance) for one in planted]


def _question(random: np.random.Generator) -> list[Fingerprint]:
    """The whole, the inside of a border, and eight crops."""
    made = []
    for kind in range(HASHES):
        waves = random.normal(size=(16, 16)).astype(np.float32)
        hashes = tuple(fingerprints._hash(one) for one in fingerprints._laid_down(waves))
        made.append(Fingerprint(kind, 90, hashes))
    return made


def _planted(
    random: np.random.Generator, asked: list[list[Fingerprint]], works: int
) -> list[_Relative]:
    pictures = random.choice(works, QUESTIONS * PLANTED, replace=False).tolist()
    made = []
    for number, picture in enumerate(pictures):
        question, which = divmod(number, PLANTED)
        whole = asked[question][0].hashes
        symmetry = number % 8
        laid = whole[symmetry] if symmetry < 4 else transposed(whole[(0, 2, 1, 3)[symmetry - 4]])
        distance = min(POSSIBLE, which * POSSIBLE // (PLANTED - 1))
        bits = unpack(laid)[0].copy()
        bits[random.choice(256, distance, replace=False)] ^= True
        place = int(random.integers(HASHES))
        made.append(_Relative(question, picture, place, distance, pack(bits)))
    return made


def _background(
    random: np.random.Generator, planted: list[_Relative], works: int
) -> Iterator[Columns]:
    by_shelf: dict[int, list[_Relative]] = {}
    for one in planted:
        by_shelf.setdefault(one.picture // shelves.SHELF, []).append(one)
    kinds, qualities = bytes(range(HASHES)), bytes([90] * HASHES)
    for first in range(0, works, shelves.SHELF):
        size = min(shelves.SHELF, works - first)
        held = random.integers(0, 256, (size, HASHES, 32), dtype=np.uint8)
        for one in by_shelf.get(first // shelves.SHELF, []):
            held[one.picture - first, one.place] = np.frombuffer(one.hash, np.uint8)
        yield columns_of(
            Entry(place, kinds, qualities, held[place].tobytes()) for place in range(size)
        )


def _opened(path: Path) -> Columns:
    found = shelves._read(path)
    assert found is not None
    return found


def _asked(
    at_hand: list[tuple[int, Columns]], questions: list[list[Fingerprint]]
) -> tuple[list[float], set[tuple[int, int]]]:
    seconds, found = [], set()
    for number, question in enumerate(questions):
        started = time.thread_time()
        hits: list[Hit] = search(at_hand, question)
        seconds.append(time.thread_time() - started)
        found |= {(number, hit.picture) for hit in hits}
    return seconds, found


def _fingerprint_ms(random: np.random.Generator) -> float:
    from PIL import Image

    picture = Image.fromarray(random.integers(0, 256, (1600, 1200, 3), dtype=np.uint8))
    started = time.thread_time()
    for _ in range(5):
        fingerprints.of(picture)
    return 200 * (time.thread_time() - started)


def rows(measured: dict[str, Any]) -> list[dict[str, object]]:
    """The figures as lines of `make bench-media`."""
    name = f"copies among {measured['works']:,} works"
    wanted = measured["near_wanted"] + measured["possible_wanted"]
    found = measured["near_found"] + measured["possible_found"]
    lines: list[tuple[str, float, str]] = [
        (f"{name}: a question, p50 of CPU", measured["plain_p50_ms"], "ms"),
        (f"{name}: a question, p99 of CPU", measured["plain_p99_ms"], "ms"),
        (f"{name}: one with a border, p50", measured["framed_p50_ms"], "ms"),
        (f"{name}: files", measured["file_bytes"] / 1e6, "MB"),
        (f"{name}: opened in", 1000 * measured["open_s"], "ms"),
        (f"{name}: peak memory", measured["memory_mib"], "MiB"),
        ("fingerprints of a picture of 1600 × 1200", measured["fingerprint_ms"], "ms"),
    ]
    planted = {"target": wanted, "is_at_least": True}
    return [
        {"what": f"{name}: planted ones found", "measured": found, "unit": "", **planted},
        *({"what": what, "measured": value, "unit": unit} for what, value, unit in lines),
    ]


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("works", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="one object in place of lines")
    given = parser.parse_args()
    made = rows(measure(given.works))
    if given.json:
        sys.stdout.write(json.dumps({"rows": made}) + "\n")
    else:
        for row in made:
            sys.stdout.write(f"{row['what']:60} {row['measured']:10.1f} {row['unit']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
