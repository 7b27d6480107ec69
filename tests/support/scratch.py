"""
Where the files of a test run lie: in memory where there is plenty of it, else wherever temporary
files lie.

Each test's database is a copy of a thousand small files, which takes 40 ms in memory and up to
900 on a busy disk. Nothing here survives a power cut, and no test is about one.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 8 << 30
"""Bytes that must be free; a run takes up to two gigabytes, its programs the rest."""
LOCK = "lock"


def has_room(memory: Path = MEMORY) -> bool:
    """Whether a run fits; a container often has 64 MiB there."""
    try:
        known = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        available = int(known["MemAvailable"].split()[0]) << 10
        return min(available, shutil.disk_usage(memory).free) >= ROOM
    except (OSError, KeyError, ValueError):
        return False


@contextmanager
def scratch(memory: Path = MEMORY) -> Iterator[Path]:
    """
    A folder for one run, locked as long as the run lives; whoever made it removes it.

    Folders of runs that ended without removing theirs (killed, or failed and kept to look at) are
    removed first, for memory is given back by nobody else.
    """
    prefix = f"vernissage-{os.getuid()}-"
    with ExitStack() as held:
        with _locked(memory / f"{prefix}{LOCK}"):
            _sweep(memory, prefix)
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=memory))
            held.enter_context(_locked(folder / LOCK))
        folder.chmod(0o711)  # PostgreSQL may run as `nobody`, who has to pass.
        yield folder


def _sweep(memory: Path, prefix: str) -> None:
    for folder in memory.glob(f"{prefix}*/"):
        try:
            with _locked(folder / LOCK, wait=False):
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue  # That run is under way.


@contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Raises `BlockingIOError` when it is not to wait and somebody else has it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
