"""
How fast files are named, packed, checked and received, beside what the machine can hash.

    python -m tests.bench.bench_media      # ARGS of `make bench-media`: --json, --mib N, --runs N

Every rate stands beside `openssl dgst -sha256` and Kubo's `ipfs add --only-hash` of the same file
in the same run, programs taking turns; start-up counts. Peak memory is that of the whole process.
Uploads go through the whole exchange, started for the run, over HTTP. What other parts measure of
themselves (`media_copies`, `media_variants`) is asked for as JSON and stands below.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nft.content.profiles import DEFAULT, PROFILES
from tests.bench.media_programs import (
    MIB,
    VERNISSAGE,
    Run,
    interleaved,
    make_file,
    make_folder,
    run,
)
from tests.bench.media_upload import Client
from tests.support.kubo import ADD_OPTIONS, Kubo, kubo_repository
from tests.support.servers import find_program
from tests.support.stack import running_stack

MEMORY_MB = 100
SHARE_OF_KUBO = 2 / 3
PARTS = ("media_copies", "media_variants")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    measured: float
    unit: str
    target: float | None = None
    is_at_least: bool = False
    floor: float | None = None
    """The same of openssl, or of Kubo where the line says so."""

    @property
    def is_met(self) -> bool:
        """Whether the target is reached, if there is one."""
        if self.target is None:
            return True
        return self.measured >= self.target if self.is_at_least else self.measured <= self.target

    def line(self) -> str:
        """For people."""
        sign = ">=" if self.is_at_least else "<="
        target = f"{sign} {self.target:,.2f}" if self.target is not None else ""
        mark = ("yes" if self.is_met else "NO") if self.target is not None else ""
        floor = f"{self.floor:>12,.1f}{self.measured / self.floor:>8.2f}" if self.floor else ""
        return f"{self.what:<56}{self.measured:>12,.2f} {self.unit:<9}{target:>12}{mark:>5}{floor}"


def files(folder: Path, kubo: Kubo, size: int, runs: int) -> Iterator[Row]:
    """A file named, packed, checked and unpacked."""
    path = make_file(folder / "file", size)
    car = folder / "file.car"
    add = (kubo.program, "add", "-Q", "--only-hash")
    found = interleaved(
        {
            "openssl": ("openssl", "dgst", "-sha256", path),
            **{f"kubo {name}": (*add, *ADD_OPTIONS[name], path) for name in PROFILES},
            **{name: (*VERNISSAGE, "cid", path, "--profile", name) for name in PROFILES},
        },
        runs,
        environment=kubo.environment(),
    )
    for name in PROFILES:
        if found[name].output != found[f"kubo {name}"].output:
            raise RuntimeError(f"Kubo gives another CID under {name}")
    floor = found["openssl"].rate(size)
    yield Row("openssl dgst -sha256", floor, "MB/s")
    for name in PROFILES:
        theirs, ours = found[f"kubo {name}"], found[name]
        yield Row(f"ipfs add --only-hash, {name}", theirs.rate(size), "MB/s", floor=floor)
        yield Row(f"vernissage cid, {name}", ours.rate(size), "MB/s", floor=floor)
        limit = SHARE_OF_KUBO if name == DEFAULT.name else None
        yield Row("  its time, as a part of Kubo's", ours.seconds / theirs.seconds, "", limit)
        cpu = ours.cpu_seconds / theirs.cpu_seconds
        yield Row("  its CPU time, as a part of Kubo's", cpu, "")
    yield from cars(folder, kubo, path, floor, runs)
    car.unlink(missing_ok=True)
    path.unlink()


def cars(folder: Path, kubo: Kubo, path: Path, floor: float, runs: int) -> Iterator[Row]:
    """The CAR of the file: written, verified, unpacked, and taken in by Kubo."""
    size, car, out = path.stat().st_size, folder / "file.car", folder / "out"
    found: dict[str, list[Run]] = {"car": [], "verify": [], "extract": [], "import": []}
    for _ in range(runs):
        found["car"].append(run((*VERNISSAGE, "car", path, "-o", car)))
        found["verify"].append(run((*VERNISSAGE, "car", "--verify", car)))
        found["extract"].append(run((*VERNISSAGE, "car", "--extract", car, "-o", out)))
        out.unlink()
        command = (kubo.program, "dag", "import", "--pin-roots=false", car)
        found["import"].append(run(command, kubo.environment()))
    names = {
        "car": "vernissage car: named, packed, synced",
        "verify": "vernissage car --verify: every block hashed",
        "extract": "vernissage car --extract: verified twice, unpacked",
        "import": "ipfs dag import of the same CAR",
    }
    for name, what in names.items():
        best = sorted(found[name], key=lambda one: one.seconds)[len(found[name]) // 2]
        yield Row(what, best.rate(size), "MB/s", floor=floor)


def folders(folder: Path, kubo: Kubo, count: int) -> Iterator[Row]:
    """A folder of small files, which becomes a tree of shards."""
    path = make_folder(folder / "folder", count)
    options = ADD_OPTIONS["kubo-cidv1-raw-256k"]
    theirs = run(
        (kubo.program, "add", "-r", "-Q", "--only-hash", *options, path), kubo.environment()
    )
    ours = run((*VERNISSAGE, "cid", path, "--profile", "kubo-cidv1-raw-256k"))
    if ours.output != theirs.output:
        raise RuntimeError("Kubo gives the folder another CID")
    car = folder / "folder.car"
    packed = run((*VERNISSAGE, "car", path, "-o", car))
    what = f"a folder of {count:,} files"
    rate = count / theirs.seconds
    yield Row(f"vernissage cid, {what} (floor: Kubo)", count / ours.seconds, "files/s", floor=rate)
    yield Row("  its peak memory", ours.peak_bytes / 1e6, "MB", MEMORY_MB)
    yield Row("  Kubo's", theirs.peak_bytes / 1e6, "MB")
    yield Row(f"vernissage car, {what}", count / packed.seconds, "files/s", floor=rate)
    yield Row("  its peak memory", packed.peak_bytes / 1e6, "MB", MEMORY_MB)
    shutil.rmtree(path)


def memory(folder: Path, size: int) -> Iterator[Row]:
    """The most that each program ever had, for a file far larger."""
    path, car, out = make_file(folder / "big", size), folder / "big.car", folder / "big.out"
    shown = f"{size / 2**30:.0f} GiB"
    for what, command in (
        ("cid", (*VERNISSAGE, "cid", path)),
        ("cid, unixfs-v0-2015", (*VERNISSAGE, "cid", path, "--profile", "unixfs-v0-2015")),
        ("car", (*VERNISSAGE, "car", path, "-o", car)),
        ("car --verify", (*VERNISSAGE, "car", "--verify", car)),
        ("car --extract", (*VERNISSAGE, "car", "--extract", car, "-o", out)),
    ):
        peak = run(command).peak_bytes / 1e6
        yield Row(f"peak memory for {shown}: vernissage {what}", peak, "MB", MEMORY_MB)
    for each in (path, car, out):
        each.unlink()


def uploads(folder: Path, size: int, runs: int) -> Iterator[Row]:
    """Received, hashed, on disk, acknowledged; with openssl of the same file beside each."""
    with running_stack(folder / "exchange", "--no-demo") as stack:
        rates, floors = [], []
        for number in range(runs):
            path = make_file(folder / "upload", size + number)
            client = Client(stack)
            client.sign_in()
            floors.append(run(("openssl", "dgst", "-sha256", path)).rate(size))
            rates.append(size / 1e6 / client.upload(path))
            client.close()
    middle = len(rates) // 2
    yield Row(
        "upload over HTTP: received, hashed, on disk",
        sorted(rates)[middle],
        "MB/s",
        floor=sorted(floors)[middle],
    )


def parts() -> Iterator[Row]:
    """What `python -m tests.bench.<part> --json` says: `{"rows": [{what, measured, unit, …}]}`."""
    for name in PARTS:
        if find_spec(f"tests.bench.{name}") is None:
            continue
        found = json.loads(run((sys.executable, "-m", f"tests.bench.{name}", "--json")).output)
        for row in found["rows"]:
            known = {key: row[key] for key in Row.__slots__ if key in row}
            yield Row(**known)


def measure(given: argparse.Namespace) -> Iterator[Row]:
    """Everything, in the order of the table."""
    program = find_program(["ipfs"], "VERNISSAGE_KUBO")
    with (
        tempfile.TemporaryDirectory(prefix="vernissage-bench-", dir=given.folder) as name,
        kubo_repository(program) as kubo,
    ):
        folder = Path(name)
        yield from files(folder, kubo, given.mib * MIB, given.runs)
        yield from folders(folder, kubo, given.files)
        yield from memory(folder, given.big_mib * MIB)
        yield from uploads(folder, min(given.mib, 1024) * MIB, given.runs)
        yield from parts()


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object in place of the table")
    parser.add_argument("--mib", type=int, default=1024, help="size of the file that is timed")
    parser.add_argument("--big-mib", type=int, default=4096, help="size for peak memory")
    parser.add_argument("--files", type=int, default=100_000, help="files of the folder")
    parser.add_argument("--runs", type=int, default=3, help="of which the median counts")
    parser.add_argument("--folder", help="where 15 GB are free; the temporary folder if not given")
    given = parser.parse_args()
    rows: list[Row] = []
    if not given.json:
        print(f"{'':<56}{'measured':>12} {'':<9}{'target':>12}{'met':>5}{'floor':>12}{'ratio':>8}")
    for row in measure(given):
        rows.append(row)
        if not given.json:
            print(row.line(), flush=True)
    if given.json:
        told: list[dict[str, Any]] = [asdict(row) | {"met": row.is_met} for row in rows]
        print(json.dumps({"table": told}))
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
