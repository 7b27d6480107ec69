"""Children are known by pid, start time and boot, and none outlives its supervisor."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from api.local.errors import CannotStart
from api.local.processes import (
    Launch,
    end_strays,
    find_identity,
    is_running,
    read_record,
    stop,
    wait_until,
)

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready', flush=True); signal.pause()",
]


def launch(tmp_path: Path, command: list[str], name: str = "sleeper") -> Launch:
    return Launch(name=name, command=command, log=tmp_path / "log", record=tmp_path / f"{name}.pid")


class TestLaunch:
    def test_signs_its_record_before_it_becomes_the_program(self, tmp_path: Path) -> None:
        child = launch(tmp_path, SLEEPER).start()

        assert wait_until((tmp_path / "sleeper.pid").exists, patience=10)
        assert read_record(tmp_path / "sleeper.pid") == find_identity(child.pid)

        stop([child], patience=5)

    def test_removes_the_record_when_the_child_has_ended(self, tmp_path: Path) -> None:
        child = launch(tmp_path, SLEEPER).start()
        assert wait_until((tmp_path / "sleeper.pid").exists, patience=10)

        stop([child], patience=5)

        assert not (tmp_path / "sleeper.pid").exists()

    def test_says_which_program_is_missing(self, tmp_path: Path) -> None:
        child = launch(tmp_path, ["/nonexistent/program"]).run(patience=10)

        assert child.process.returncode == 1
        assert "/nonexistent/program" in child.output()

    def test_ends_a_child_that_takes_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(CannotStart, match="did not finish"):
            launch(tmp_path, SLEEPER).run(patience=0.3)

        assert not (tmp_path / "sleeper.pid").exists()

    def test_ends_by_force_whoever_does_not_listen(self, tmp_path: Path) -> None:
        child = launch(tmp_path, STUBBORN).start()
        assert wait_until(lambda: "ready" in child.output(), patience=10)

        stop([child], patience=0.2)

        assert child.process.returncode == -signal.SIGKILL

    def test_leaves_no_grandchild(self, tmp_path: Path) -> None:
        forks = "import os, signal; print(os.fork() or os.getpid(), flush=True); signal.pause()"
        child = launch(tmp_path, [sys.executable, "-c", forks]).start()
        assert wait_until(lambda: len(child.output().split()) == 2, patience=10)
        pids = [int(text) for text in child.output().split()]

        stop([child], patience=5)

        assert wait_until(lambda: not any(map(find_identity, pids)), patience=5)

    def test_a_child_dies_with_its_supervisor(self, tmp_path: Path) -> None:
        script = (
            "import signal, sys; from pathlib import Path;"
            "from tests.stack.test_processes import SLEEPER, launch;"
            "child = launch(Path(sys.argv[1]), SLEEPER).start(); print(child.pid, flush=True);"
            "signal.pause()"
        )
        supervisor = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert wait_until((tmp_path / "sleeper.pid").exists, patience=10)

        supervisor.kill()
        supervisor.wait()
        supervisor.stdout.close()

        assert wait_until(lambda: find_identity(pid) is None, patience=10)


class TestEndStrays:
    def test_ends_what_a_record_names(self, tmp_path: Path) -> None:
        child = launch(tmp_path, SLEEPER).start()
        assert wait_until((tmp_path / "sleeper.pid").exists, patience=10)
        identity = find_identity(child.pid)
        assert identity is not None

        assert end_strays(tmp_path) == ["sleeper"]

        assert not is_running(identity)
        assert list(tmp_path.glob("*.pid")) == []
        child.has_ended()

    def test_ends_a_stopped_one_too(self, tmp_path: Path) -> None:
        child = launch(tmp_path, STUBBORN).start()
        assert wait_until(lambda: "ready" in child.output(), patience=10)
        os.kill(child.pid, signal.SIGSTOP)

        assert end_strays(tmp_path, patience=0.2) == ["sleeper"]

        assert find_identity(child.pid) is None
        child.has_ended()

    @pytest.mark.parametrize(
        "change", [{"started": 1}, {"boot": "another boot"}], ids=["start time", "boot"]
    )
    def test_spares_a_stranger_who_was_given_the_pid(
        self, tmp_path: Path, change: dict[str, object]
    ) -> None:
        stranger = subprocess.Popen(SLEEPER)
        identity = find_identity(stranger.pid)
        assert identity is not None
        record = {"name": "web", "pid": stranger.pid, "started": identity.started}
        record = {**record, "boot": identity.boot, **change}
        (tmp_path / "web.pid").write_text(json.dumps(record))

        assert end_strays(tmp_path) == []

        assert stranger.poll() is None
        stranger.kill()
        stranger.wait()

    def test_a_torn_record_harms_nobody(self, tmp_path: Path) -> None:
        (tmp_path / "web.pid").write_text('{"pid": 1, "sta')

        assert end_strays(tmp_path) == []
        assert list(tmp_path.iterdir()) == []
