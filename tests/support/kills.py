"""Programs of the exchange, as processes of their own beside a test, and their end by kill -9."""

import json
import multiprocessing
import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from api.local.processes import wait_until
from nft.chain.deployments import save
from tests.support.exchange import CHAIN_ID, Exchange
from tests.support.marks import Marks
from tests.support.stack import clean_environment

SECRET = "a secret of forty characters or thereabouts"
PATIENCE = 90

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["api.asgi", "api.app", "api.jobs", "api.key_site", "api.cli.certificates", "api.cli.web"]
)
"""Each program is a fork of a process that has read our code: seconds of reading a start saved."""


def become(words: Sequence[str], environment: Mapping[str, str], output: str) -> None:
    """`vernissage …`, in a process of its own."""
    os.environ.clear()
    os.environ.update(environment)
    with Path(output).open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from api.cli import main

    sys.exit(main(words))


@dataclass
class Program:
    """One process."""

    words: Sequence[str]
    process: ForkServerProcess
    output: Path
    before: set[int]
    """The database's connections when it began."""

    @property
    def has_ended(self) -> bool:
        """Whether it is no more."""
        return not self.process.is_alive()

    def said(self) -> str:
        """All that it wrote."""
        return self.output.read_text()


@dataclass
class Programs:
    """Starts and kills them."""

    exchange: Exchange
    folder: Path
    done: Counter[str] = field(default_factory=Counter)
    """Kills, by what was killed and where."""
    children: list[Program] = field(default_factory=list)
    marks: Marks = field(init=False)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.marks = Marks(self.exchange.database_url)
        deployments = save(self.exchange.deployment, self.folder / "deployments").parent
        self.environment = {
            **clean_environment(),
            "DATABASE_URL": self.exchange.database_url,
            "RPC_URLS": f"{CHAIN_ID}={self.exchange.contracts.rpc_url}",
            "DEPLOYMENTS_DIR": str(deployments),
            "DATA_DIR": str(self.folder / "data"),
            "SECRET_KEY": SECRET,
            "ANCHOR_LOCALLY": "1",
        }

    def start(self, *words: str) -> Program:
        """`vernissage …`"""
        output = self.folder / f"output-{len(self.children)}"
        before = self.marks.connections()
        process = FORKS.Process(target=become, args=(words, self.environment, str(output)))
        process.start()
        self.children.append(Program(words, process, output, before))
        return self.children[-1]

    def run(self, *words: str) -> dict[str, Any]:
        """What it says at its end, which must be a good one."""
        program = self.start(*words, "--json")
        program.process.join(PATIENCE)
        assert program.process.exitcode == 0, program.said()
        found: dict[str, Any] = json.loads(program.said().splitlines()[-1])
        return found

    def kill(self, program: Program, where: str) -> None:
        """kill -9; returns when the database has noticed."""
        program.process.kill()
        program.process.join()
        if program.process.exitcode == -signal.SIGKILL:
            self.done[f"{' '.join(program.words[:2])}, {where}"] += 1

    def kill_at(self, words: Sequence[str], *tables: str) -> None:
        """Start it, and kill it right before it writes to the last of the tables."""
        with self.marks.stopped_at(*tables) as reach:
            program = self.start(*words)
            reach()
            self.kill(program, " then ".join(tables))
        self.forget(program)

    def kill_while(self, words: Sequence[str], holds: Callable[[], bool], where: str) -> None:
        """Start it, and kill it once something can be seen."""
        program = self.start(*words)
        assert wait_until(lambda: holds() or program.has_ended, patience=PATIENCE), where
        self.kill(program, where)
        self.forget(program)

    def kill_somewhere(self, words: Sequence[str], chance: random.Random, most: float) -> None:
        """Start it, and kill it some time after it came to the database."""
        program = self.start(*words)
        wait_until(
            lambda: program.has_ended or bool(self.marks.connections() - program.before),
            patience=PATIENCE,
        )
        threading.Event().wait(chance.uniform(0, most))
        self.kill(program, "somewhere")
        self.forget(program)

    def forget(self, program: Program) -> None:
        """Wait until the server has ended what it did for the dead."""
        gone = wait_until(lambda: not self.marks.connections() - program.before, patience=PATIENCE)
        assert gone, "the server still works for a dead process"

    def end(self) -> None:
        """Nobody is left."""
        for program in self.children:
            program.process.kill()
            program.process.join()
