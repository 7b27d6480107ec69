"""
The whole exchange as one tree of processes: started in order, watched, ended in reverse.

The supervisor waits in one place, `Signals.pause`, where Ctrl-C and SIGTERM reach it; whatever
it was doing then, everything that it has started is ended before it returns. Children that
fall are started again. When the supervisor itself is killed, the kernel ends the children, and
the next start ends what the kernel did not, by the records that the children wrote.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from api.local import deploy, schema
from api.local.anvil import CHAIN_ID, AnvilServer, Keeper
from api.local.children import Program, Watched
from api.local.errors import CannotStart, Interrupted, WrongInput
from api.local.folder import DataFolder, write_whole
from api.local.kubo import KuboServer
from api.local.ports import claim, free_port, listen
from api.local.postgres import PostgresServer, read_or_make_password
from api.local.processes import Launch, end_strays, stop, wait_until
from api.local.rpc import Node, NodeRefused

ENDS_US = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
WEB_PATIENCE = 60.0
DEMO_PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Options:
    """What `vernissage up` was asked for."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    media_port: int | None = None
    chain_port: int | None = None
    kubo: Path | None = None
    has_demo: bool = True
    as_json: bool = False


class Signals:
    """The signals that end us, taken only where we wait."""

    def __init__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS_US)

    def pause(self, seconds: float) -> None:
        """Wait; raises `Interrupted` when we were asked to end."""
        if signal.sigtimedwait(ENDS_US, seconds) is not None:
            raise Interrupted


def say(line: str) -> None:
    """Tell the person at the keyboard."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@dataclass(slots=True)
class Supervisor:
    """One run of the local stack."""

    options: Options
    folder: DataFolder = field(init=False)
    signals: Signals = field(init=False)
    postgres: PostgresServer = field(init=False)
    anvil: AnvilServer = field(init=False)
    kubo: KuboServer | None = None
    sockets: list[socket.socket] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    keeper_ends: threading.Event = field(default_factory=threading.Event)
    keeper: threading.Thread | None = None

    def run(self) -> int:
        """Start, watch, end. Raises `CannotStart` when there is nothing to watch."""
        self.folder = DataFolder(self.options.data_dir)
        self.signals = Signals()
        self.folder.prepare()
        with self.folder.locked():
            self.folder.check_format(CHAIN_ID)
            try:
                self._start()
                self._watch()
            except Interrupted:
                say("stopping …")
            finally:
                self._stop()
        return 0

    # ---- starting

    def _start(self) -> None:
        began = time.monotonic()
        for name in end_strays(self.folder.run):
            say(f"ended {name}, which an earlier run had left behind")
        self._take_ports()
        self._start_servers()
        self._prepare_data()
        environment = self._environment()
        self._start_programs(environment)
        if self.options.has_demo and not self.folder.exhibition.exists():
            self._hang_exhibition(environment)
        self._announce(time.monotonic() - began)

    def _take_ports(self) -> None:
        options = self.options
        self.sockets.append(listen(options.host, options.port, "--port"))
        media_port = options.media_port
        if media_port is None:
            media_port = 0 if options.port == 0 else options.port + 1
        try:
            media = listen(options.host, media_port, "--media-port")
        except WrongInput:
            if options.media_port is not None:
                raise
            media = listen(options.host, 0, "--media-port")
        self.sockets.append(media)

    def _chain_port(self) -> int:
        if self.options.chain_port is not None:
            return claim(self.options.chain_port, "--chain-port")
        if self.options.port == 0:
            return free_port()
        try:
            return claim(8545, "--chain-port")
        except WrongInput:
            return free_port()

    def _start_servers(self) -> None:
        """All at once: each takes a while to answer."""
        pause = self.signals.pause
        self.anvil = AnvilServer(
            folder=self.folder,
            port=self._chain_port(),
            allowed_origin=self.public_url,
            pause=pause,
        )
        self.postgres = PostgresServer(
            cluster=self.folder.postgres,
            password_file=self.folder.secrets / "postgres-password",
            log=self.folder.log("postgres"),
            port=free_port(),
            record=self.folder.record("postgres"),
            pause=pause,
        )
        self._watch_over("anvil", self.anvil)
        if self.options.kubo is not None:
            self.kubo = KuboServer(
                program=self.options.kubo, folder=self.folder, port=free_port(), pause=pause
            )
            self._watch_over("kubo", self.kubo)
        self.watched.append(Watched("postgres", self.postgres))
        self.postgres.start()
        self.anvil.wait()
        if self.kubo is not None:
            self.kubo.wait()

    def _watch_over(self, name: str, server: AnvilServer | KuboServer) -> None:
        self.watched.append(Watched(name, server))
        server.launch()

    def _prepare_data(self) -> None:
        pause = self.signals.pause
        node = Node(self.anvil.url)
        self.postgres.make_database()
        deploy.deploy_once(node, self.folder, pause=pause)
        keeper = Keeper(node, self.folder)
        keeper.save()
        self.keeper = threading.Thread(
            target=keeper.follow, args=(self.keeper_ends,), name="keeper", daemon=True
        )
        self.keeper.start()
        if schema.needs_upgrade(self.postgres):
            self._run_to_end("db", ["db", "upgrade"], self._environment(), patience=300)

    def _start_programs(self, environment: dict[str, str]) -> None:
        web, media = self.sockets
        serve = ["web", "--fd", str(web.fileno()), "--media-fd", str(media.fileno())]
        sockets = (web.fileno(), media.fileno())
        self._launch(Program("web", serve, environment, self.folder, sockets))
        self._launch(Program("indexer", ["index", "run"], environment, self.folder))
        answered = wait_until(self._is_usable, patience=WEB_PATIENCE, pause=self._pause_and_mend)
        if not answered:
            raise CannotStart(
                f"the pages did not answer within {WEB_PATIENCE:.0f} s "
                f"(see {self.folder.log('web')})"
            )
        # Jobs wait in the queue; two programs that start at once are up sooner than three.
        self._launch(Program("worker", ["media", "worker"], environment, self.folder))

    def _launch(self, program: Program) -> None:
        self.watched.append(Watched(program.name, program))
        program.launch()

    def _pause_and_mend(self, seconds: float) -> None:
        """Wait a moment; a child that falls again and again while we start is the end of it."""
        self.signals.pause(seconds)
        for watched in self.watched:
            watched.mend(say)
            if watched.falls >= 4:
                last = watched.last_words.splitlines()[-1:] or ["it said nothing"]
                raise CannotStart(
                    f"{watched.name} does not start: {last[0]} "
                    f"(see {self.folder.log(watched.name)})"
                )

    def _is_usable(self) -> bool:
        """Whether the web process says that pages can be served."""
        port = self.sockets[0].getsockname()[1]
        request = urllib.request.Request(f"http://{self._reachable()}:{port}/ready")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _hang_exhibition(self, environment: dict[str, str]) -> None:
        """Pictures for a newcomer; an exchange that works is not stopped for want of them."""
        say("hanging the demo exhibition, once …")
        try:
            self._run_to_end("demo", ["demo", "hang"], environment, patience=DEMO_PATIENCE)
        except CannotStart as error:
            say(f"the demo exhibition is not complete, the next start goes on with it: {error}")
            return
        write_whole(self.folder.exhibition, b'{"hung": true}\n')

    def _run_to_end(
        self, name: str, command: list[str], environment: dict[str, str], *, patience: float
    ) -> None:
        child = Launch(
            name=name,
            command=[sys.executable, "-m", "api.cli", *command],
            log=self.folder.log(name),
            record=self.folder.record(name),
            environment=environment,
        ).run(patience=patience, pause=self._pause_and_mend)
        if child.process.returncode != 0:
            last = child.output().splitlines()[-1:] or ["it said nothing"]
            raise CannotStart(
                f"`vernissage {' '.join(command)}` failed: {last[0]} (see {self.folder.log(name)})"
            )

    # ---- what the children are told

    def _reachable(self) -> str:
        return "127.0.0.1" if self.options.host == "0.0.0.0" else self.options.host

    @property
    def public_url(self) -> str:
        """Where people reach the pages."""
        host = "localhost" if self._reachable() == "127.0.0.1" else self._reachable()
        return f"http://{host}:{self.sockets[0].getsockname()[1]}"

    @property
    def media_url(self) -> str:
        """By number, not by name: a cookie of localhost never goes there."""
        return f"http://{self._reachable()}:{self.sockets[1].getsockname()[1]}"

    def _environment(self) -> dict[str, str]:
        database = self.postgres.url().replace("postgresql://", "postgresql+psycopg://", 1)
        told = {
            "DATABASE_URL": database,
            "RPC_URLS": f"{CHAIN_ID}={self.anvil.url}",
            "PUBLIC_RPC_URLS": f"{CHAIN_ID}={self.anvil.url}",
            "PUBLIC_URL": os.environ.get("PUBLIC_URL", self.public_url),
            "MEDIA_URL": os.environ.get("MEDIA_URL", self.media_url),
            "DATA_DIR": str(self.folder.root),
            "SECRET_KEY": read_or_make_password(self.folder.secrets / "secret-key"),
            "DEPLOYMENTS_DIR": str(self.folder.deployments),
            "SAVED_BLOCK_FILE": str(self.folder.saved_block),
            "ANCHOR_LOCALLY": "1",
        }
        if self.kubo is not None:
            told["IPFS_API"] = self.kubo.api
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.removeprefix("VERNISSAGE_") not in told
        }
        return {**kept, **told, "PYTHONUNBUFFERED": "1"}

    def _announce(self, seconds: float) -> None:
        if self.options.as_json:
            ready = {
                "ready": True,
                "url": self.public_url,
                "media_url": self.media_url,
                "rpc_url": self.anvil.url,
                "database_url": self.postgres.url(),
                "data_dir": str(self.folder.root),
            }
            sys.stdout.write(json.dumps(ready, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(
                f"Vernissage is ready at {self.public_url} after {seconds:.1f} s.\n"
                f"  chain     {self.anvil.url} (chain {CHAIN_ID}, TEST: its coins are worth "
                "nothing)\n"
                "  wallet    press “Connect” and take the demo wallet, or import a key of anvil's\n"
                f"  data      {self.folder.root}\n"
                f"  logs      {self.folder.root / 'log'}\n"
                "Ctrl-C stops everything.\n"
            )
        sys.stdout.flush()

    # ---- watching and ending

    def _watch(self) -> None:
        while True:
            self.signals.pause(0.1)
            for watched in self.watched:
                watched.mend(say)

    def _stop(self) -> None:
        """Programs first, so that they can finish their work; then what they stand on."""
        children = {watched.name: watched.child for watched in self.watched}
        ours = [children.get(name) for name in ("web", "indexer", "worker")]
        stop([child for child in ours if child is not None], patience=8)
        self._save_chain()
        below = [children.get(name) for name in ("anvil", "kubo", "postgres")]
        stop([child for child in below if child is not None], patience=8)
        for open_socket in self.sockets:
            open_socket.close()

    def _save_chain(self) -> None:
        """The last blocks, if the chain still answers."""
        self.keeper_ends.set()
        if self.keeper is None:
            return
        self.keeper.join(timeout=6)
        with contextlib.suppress(OSError, NodeRefused):
            Keeper(Node(self.anvil.url, timeout=3), self.folder).save()
