"""
The data folder: what lies where, which version wrote it, and who holds it.

    vernissage.json   format version, chain
    lock              held by the supervisor for as long as it lives
    run/              pid records of the children
    secrets/          database password, secret key (0600)
    postgres/         the database cluster
    chain/            the local chain's state, and its cache, swept at start
    deployments/      where our contracts are
    media/            the content-addressed store
    kubo/             the IPFS node's repository
    log/              one file for each process
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.local.errors import CannotStart, WrongInput

FORMAT = 1
LEAST_FREE_BYTES = 256 * 1024 * 1024
"""Below this PostgreSQL is close to the state in which it answers nothing at all."""
LOG_BYTES = 10_000_000


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step that survives a crash: the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below one folder."""

    root: Path

    @property
    def run(self) -> Path:
        """Pid records."""
        return self.root / "run"

    @property
    def secrets(self) -> Path:
        """Passwords and keys."""
        return self.root / "secrets"

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.root / "postgres"

    @property
    def chain(self) -> Path:
        """The local chain."""
        return self.root / "chain"

    @property
    def saved_block(self) -> Path:
        """The newest block of the local chain that is safe on disk."""
        return self.chain / "saved.json"

    @property
    def deployments(self) -> Path:
        """Addresses of our contracts."""
        return self.root / "deployments"

    @property
    def kubo(self) -> Path:
        """The IPFS repository."""
        return self.root / "kubo"

    @property
    def exhibition(self) -> Path:
        """Left when the demo exhibition hangs."""
        return self.root / "exhibition.json"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.root / "log" / f"{name}.log"

    def record(self, name: str) -> Path:
        """The pid record of one process."""
        return self.run / f"{name}.pid"

    def prepare(self) -> None:
        """Make the folder, private to its owner. Raises `CannotStart` when that fails."""
        try:
            if not self.root.exists():
                self.root.mkdir(parents=True, mode=0o700)
            for folder in (self.run, self.secrets, self.chain, self.root / "log"):
                folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise CannotStart(
                f"the data folder {self.root} cannot be made: {error.strerror}; "
                "choose another by --data-dir"
            ) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise CannotStart(
                f"the data folder {self.root} may not be written by this user; "
                "choose another by --data-dir"
            )
        free = shutil.disk_usage(self.root).free
        if free < LEAST_FREE_BYTES:
            raise CannotStart(
                f"the disk that holds {self.root} is full: {free // 1_000_000} MB are free, and "
                f"{LEAST_FREE_BYTES // 1_000_000} MB are needed to start"
            )
        self._trim_logs()

    def _trim_logs(self) -> None:
        """Start a new log where the old one has grown long; one older is kept."""
        for path in (self.root / "log").glob("*.log"):
            if path.stat().st_size > LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))

    def check_format(self, chain_id: int) -> None:
        """Refuse a folder of a newer version or of another chain; sign a new one."""
        path = self.root / "vernissage.json"
        if not path.exists():
            document = {"format": FORMAT, "chain_id": chain_id}
            write_whole(path, json.dumps(document).encode() + b"\n")
            return
        try:
            document = json.loads(path.read_text("utf-8"))
            written_by, written_for = int(document["format"]), int(document["chain_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise WrongInput(f"{path} is not readable as the mark of a data folder") from error
        if written_by > FORMAT:
            raise WrongInput(
                f"the data folder {self.root} was written by a newer version of Vernissage "
                f"(format {written_by}, this one knows {FORMAT}): use that version or another "
                "folder"
            )
        if written_for != chain_id:
            raise WrongInput(
                f"the data folder {self.root} belongs to chain {written_for}, and this would be "
                f"chain {chain_id}: choose another by --data-dir"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; raises `WrongInput` when another supervisor does."""
        path = self.root / "lock"
        with path.open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                holder = file.read().decode("ascii", errors="replace").strip() or "unknown"
                raise WrongInput(
                    f"the data folder {self.root} is in use by another vernissage "
                    f"(process {holder}): stop it, or choose another by --data-dir"
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            yield
