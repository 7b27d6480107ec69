"""The folder of a run in memory: nobody else gives the memory back."""

import multiprocessing
import os
import signal
from pathlib import Path

from tests.support.scratch import scratch

PROCESSES = multiprocessing.get_context("spawn")


def be_killed(memory: Path) -> None:
    with scratch(memory) as folder:
        (folder / "left").write_bytes(b"behind")
        os.kill(os.getpid(), signal.SIGKILL)


def folders(memory: Path) -> list[Path]:
    return [path for path in memory.iterdir() if path.is_dir()]


def test_two_runs_keep_apart(tmp_path: Path) -> None:
    with scratch(tmp_path) as one, scratch(tmp_path) as other:
        assert sorted(folders(tmp_path)) == sorted([one, other])


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    killed = PROCESSES.Process(target=be_killed, args=(tmp_path,))
    killed.start()
    killed.join()
    assert [(folder / "left").read_bytes() for folder in folders(tmp_path)] == [b"behind"]

    with scratch(tmp_path) as folder:
        assert folders(tmp_path) == [folder]
