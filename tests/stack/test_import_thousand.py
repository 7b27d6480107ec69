"""
A thousand rows with a thousand files, once: taken, sent and looked at, and what it takes.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.test_import import command, hang, rows, run
from tests.support.stack import Stack, clean_environment, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.long]

ROWS = 1_000
DRY_RUN_SECONDS = 10
SERVER_MEGABYTES = 600


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path / "data", "--no-demo") as found:
        yield found


def peak_megabytes(stack: Stack, name: str) -> int:
    """The most memory that a process of the exchange has had."""
    status = Path(f"/proc/{stack.identity(name).pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def test_a_thousand_rows(stack: Stack, tmp_path: Path) -> None:
    folder = hang(tmp_path / "Thousand", *rows("Thousand", ROWS))
    began = time.monotonic()
    dry = run(stack, folder, "--dry-run")
    dry_seconds = time.monotonic() - began

    done = subprocess.run(
        command(stack, folder, "--json"),
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began - dry_seconds

    print(  # noqa: T201
        f"dry run {dry_seconds:.1f} s; sent and checked {seconds:.0f} s, "
        f"{1000 * seconds / ROWS:.0f} ms a row; web {peak_megabytes(stack, 'web')} MB"
    )
    assert dry[1]["report"]["new"] == ROWS
    assert dry_seconds < DRY_RUN_SECONDS
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"ready": ROWS}
    assert peak_megabytes(stack, "web") < SERVER_MEGABYTES
