"""
A real Kubo for the tests: a private repository, free ports, no peers.

`running_kubo(program)` is the daemon; `add_only_hash` asks the program for CIDs without one.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.local.processes import Launch, stop, wait_until
from nft.content.profiles import KUBO_V1_256K, UNIXFS_V0_2015, UNIXFS_V1_2025

ADD_OPTIONS = {
    UNIXFS_V1_2025.name: (
        "--cid-version=1",
        "--raw-leaves",
        "--chunker=size-1048576",
        "--max-file-links=1024",
    ),
    KUBO_V1_256K.name: (
        "--cid-version=1",
        "--raw-leaves",
        "--chunker=size-262144",
        "--max-file-links=174",
    ),
    UNIXFS_V0_2015.name: (
        "--cid-version=0",
        "--raw-leaves=false",
        "--chunker=size-262144",
        "--max-file-links=174",
    ),
}


@dataclass(frozen=True, slots=True)
class Kubo:
    """A repository and the program that works on it, and where its daemon is reached."""

    program: Path
    repository: Path
    api: str = ""
    gateway: str = ""

    def run(self, *arguments: str | Path, data: bytes | None = None) -> bytes:
        """The output of `ipfs …`. Raises `CalledProcessError`."""
        finished = subprocess.run(
            [self.program, *arguments],
            input=data,
            capture_output=True,
            check=True,
            env=self.environment(),
            timeout=120,
        )
        return finished.stdout

    def environment(self) -> dict[str, str]:
        """This repository, and no word to anybody outside."""
        return {**os.environ, "IPFS_PATH": str(self.repository), "IPFS_TELEMETRY": "off"}

    def add_only_hash(self, path: Path, profile: str) -> str:
        """The root CID that Kubo gives a file or directory under one of our profiles."""
        options = ADD_OPTIONS[profile]
        return self.run("add", "-r", "-Q", "--only-hash", *options, path).decode().strip()


@contextlib.contextmanager
def kubo_repository(program: Path, *, profiles: Sequence[str] = ("test",)) -> Iterator[Kubo]:
    """A new repository without a daemon; profile `test` keeps it to free ports on this machine."""
    folder = Path(tempfile.mkdtemp(prefix="vernissage-kubo-"))
    kubo = Kubo(program=program, repository=folder / "repository")
    try:
        kubo.run("init", "--empty-repo", "--profile", ",".join(profiles))
        yield kubo
    finally:
        shutil.rmtree(folder, ignore_errors=True)


ALONE: dict[str, dict[str, object]] = {
    "Routing": {"Type": "none", "DelegatedRouters": []},
    "Gateway": {"NoFetch": True},
    "AutoConf": {"Enabled": False},
    "AutoTLS": {"Enabled": False},
    "DNS": {"Resolvers": {}},
    "Ipns": {"DelegatedPublishers": []},
}
"""A node that speaks to whom it is connected to and nobody else; its gateway fetches nothing."""


@contextlib.contextmanager
def running_kubo(program: Path, *, is_online: bool = False) -> Iterator[Kubo]:
    """
    A daemon on a new repository, ended with the test.

    Online it can be connected to others of this machine.
    """
    with kubo_repository(program) as kubo:
        if is_online:
            place = kubo.repository / "config"
            config = json.loads(place.read_text())
            for name, values in ALONE.items():
                config[name] = {**(config.get(name) or {}), **values}
            place.write_text(json.dumps({**config, "Bootstrap": []}))
        address = kubo.repository / "api"
        gateway = kubo.repository / "gateway"
        child = Launch(
            name="kubo",
            command=[
                *(program, "daemon", "--migrate=false"),
                *(() if is_online else ("--offline",)),
            ],
            log=kubo.repository.parent / "kubo.log",
            environment=kubo.environment(),
        ).start()
        try:
            wait_until(lambda: child.has_ended() or address.exists(), patience=60)
            if child.has_ended() or not address.exists():
                raise RuntimeError(f"Kubo did not start: {child.output()}")
            api = f"{address.read_text().strip()}/http"
            wait_until(gateway.exists, patience=20)
            yield Kubo(
                program=program,
                repository=kubo.repository,
                api=api,
                gateway=gateway.read_text().strip(),
            )
        finally:
            stop([child], patience=10)
