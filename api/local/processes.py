"""
Children of the supervisor, known by pid and start time and never by name.

A pid alone proves nothing after a reboot or a day; pid, start time and boot together name one
process. Each child leads a session of its own, so that Ctrl-C in the terminal reaches only the
supervisor, which ends the others in order.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from api.local.errors import CannotStart

LAUNCHER = Path(__file__).with_name("launch.py")
TICK = 0.02
"""How often a wait looks again, in seconds."""

User = Literal["same", "namespace", "nobody"]
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Identity:
    """One process of one boot."""

    pid: int
    started: int
    boot: str


def boot_id() -> str:
    """Which run of the kernel we are in."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def find_identity(pid: int) -> Identity | None:
    """The process with that pid, or None when there is none or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Identity(pid=pid, started=int(fields[19]), boot=boot_id())


def is_running(identity: Identity) -> bool:
    """Whether that very process still runs."""
    return find_identity(identity.pid) == identity


def read_record(path: Path) -> Identity | None:
    """The process that a record names; None for no record or a torn one."""
    try:
        record = json.loads(path.read_text("utf-8"))
        return Identity(pid=record["pid"], started=record["started"], boot=record["boot"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(slots=True)
class Child:
    """A started process, its record and its log."""

    name: str
    process: subprocess.Popen[bytes]
    record: Path | None
    log: Path
    log_offset: int
    stop_signal: signal.Signals
    started_at: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        """The pid, which also names the process group."""
        return self.process.pid

    def has_ended(self) -> bool:
        """
        Whether it is over; then the rest of its group is ended too.

        The group goes before the leader is reaped: until then the kernel cannot give the
        number to somebody else.
        """
        if self.process.returncode is not None:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.pid, options) is None:
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        if self.record is not None:
            self.record.unlink(missing_ok=True)
        return True

    def send(self, number: signal.Signals) -> None:
        """Signal the leader of the group, unless it is over."""
        if not self.has_ended():
            os.kill(self.pid, number)

    def output(self, limit: int = 4000) -> str:
        """The end of what it wrote since it was started."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self.log_offset, size - limit))
            return file.read().decode("utf-8", errors="replace").strip()


@dataclass(frozen=True, slots=True)
class Launch:
    """How a child is to be started."""

    name: str
    command: Sequence[str | Path]
    log: Path
    record: Path | None = None
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    user: User = "same"
    stop_signal: signal.Signals = signal.SIGTERM
    sockets: Sequence[int] = ()
    """Listening sockets that the child inherits under the same numbers."""

    def arguments(self) -> list[str]:
        """The launcher's command line."""
        plan = {
            "name": self.name,
            "record": str(self.record) if self.record else None,
            "parent": os.getpid(),
            "death_signal": int(self.stop_signal),
            "user": self.user,
        }
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(plan)]
        return [*launcher, *(str(part) for part in self.command)]

    def start(self) -> Child:
        """Start it in a session of its own, its output appended to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            offset = log.seek(0, os.SEEK_END)
            process = subprocess.Popen(
                self.arguments(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=None if self.environment is None else dict(self.environment),
                start_new_session=True,
                pass_fds=self.sockets,
            )
        return Child(
            name=self.name,
            process=process,
            record=self.record,
            log=self.log,
            log_offset=offset,
            stop_signal=self.stop_signal,
        )

    def run(self, *, patience: float, pause: Pause = time.sleep) -> Child:
        """Start it and wait for its end; a child that outlives `patience` is ended."""
        child = self.start()
        try:
            if not wait_until(child.has_ended, patience=patience, pause=pause):
                raise CannotStart(f"{self.name} did not finish within {patience:.0f} s")
        finally:
            stop([child], patience=1)
        return child


def wait_until(
    condition: Callable[[], bool], *, patience: float, pause: Pause = time.sleep
) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause(TICK)
    return True


def stop(children: Sequence[Child], *, patience: float) -> None:
    """Ask all at once to end, wait, and end by force whoever is left."""
    for child in children:
        child.send(child.stop_signal)
        child.send(signal.SIGCONT)
    if wait_until(lambda: all(child.has_ended() for child in children), patience=patience):
        return
    for child in children:
        child.send(signal.SIGKILL)
    wait_until(lambda: all(child.has_ended() for child in children), patience=10)


def end_strays(folder: Path, *, patience: float = 5) -> list[str]:
    """
    End what an earlier supervisor left behind, as far as its records name it.

    Asked first, so that servers close their files, and ended by force after `patience`.
    Returns the names of what was found running.
    """
    strays = {
        path: identity
        for path in sorted(folder.glob("*.pid"))
        if (identity := read_record(path)) and is_running(identity)
    }
    for number, wait in ((signal.SIGINT, patience), (signal.SIGKILL, 10.0)):
        left = [identity for identity in strays.values() if is_running(identity)]
        for identity in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(identity.pid, number)
                os.killpg(identity.pid, signal.SIGCONT)
        wait_until(lambda: not any(map(is_running, strays.values())), patience=wait)
    for path in folder.glob("*.pid*"):
        path.unlink(missing_ok=True)
    return [path.stem for path in strays]
