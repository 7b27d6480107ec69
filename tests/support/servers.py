"""
Real servers for the tests: PostgreSQL, anvil with the contracts, and programs that may be there.

Nothing here is shared between two runs: each takes free ports and folders of its own. The
kernel ends the servers when the test run dies, so that a killed run leaves nothing behind.
"""

import contextlib
import json
import os
import platform
import shutil
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from api.local.deploy import NodeSite, place_all
from api.local.ports import HOST, free_port
from api.local.postgres import PostgresServer, temporary_server
from api.local.processes import Launch, stop, wait_until
from api.local.rpc import Node as RpcNode
from nft.chain.deployments import Deployment

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vernissage" / "tools"
REQUIRE_ALL = os.environ.get("VERNISSAGE_REQUIRE_ALL") == "1"
"""Set by `.ci/run`: a program that is missing, or any other skip, is a failure."""

ARTIST_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""Anvil's first account (never used outside a local chain); the others follow its mnemonic."""


@contextlib.contextmanager
def running_postgres(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A server of this run's own, gone with its folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="vernissage-tests-"))
    server = temporary_server(folder)
    server.settings = {**server.settings, **(settings or {})}
    try:
        server.start()
        yield server
    finally:
        if server.child is not None:
            stop([server.child], patience=10)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Databases:
    """Fresh databases on the run's server; made by any worker, dropped with the server."""

    url_of_server: str
    """URL whose database name is left off: `postgresql+psycopg://…:port`."""

    def execute(self, *statements: str) -> None:
        """Run statements outside a transaction, as CREATE DATABASE demands."""
        import psycopg

        url = self.url_of_server.replace("+psycopg", "") + "/postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def make(self, *, template: str = "template0", name: str | None = None) -> str:
        """The URL of a new database."""
        chosen = name or f"t_{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE "{chosen}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return f"{self.url_of_server}/{chosen}"

    def drop(self, url: str) -> None:
        """Drop it, ending whoever is still connected."""
        name = url.rpartition("/")[2]
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def server_url(server: PostgresServer) -> str:
    """The server's address for SQLAlchemy, without a database."""
    url = server.url("").rstrip("/")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@dataclass(frozen=True, slots=True)
class Node:
    """A running EVM node."""

    rpc_url: str
    pid: int

    def call(self, method: str, *params: object) -> Any:
        """The result of one JSON-RPC call; an error of the node is raised as `RuntimeError`."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        request = urllib.request.Request(
            self.rpc_url,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            document = json.load(answer)
        if "error" in document:
            raise RuntimeError(f"{method}: {document['error']}")
        return document["result"]

    def is_answering(self) -> bool:
        """Whether the node answers at all."""
        try:
            self.call("eth_chainId")
        except OSError:
            return False
        return True

    def accounts(self) -> list[str]:
        """The accounts that the node signs for."""
        return cast("list[str]", self.call("eth_accounts"))

    def mine(self, blocks: int = 1) -> None:
        """Mine empty blocks."""
        self.call("anvil_mine", hex(blocks))

    @contextlib.contextmanager
    def put_back(self) -> Iterator[None]:
        """What is done inside is undone at the end; the time is that of the clock again."""
        snapshot = self.call("evm_snapshot")
        try:
            yield
        finally:
            assert self.call("evm_revert", snapshot), f"anvil lost its snapshot {snapshot}"
            self.call("evm_setTime", hex(int(time.time())))

    def receipt(self, transaction_hash: str) -> dict[str, Any]:
        """The receipt, which comes some milliseconds after the transaction was sent."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found.extend(filter(None, [self.call("eth_getTransactionReceipt", transaction_hash)]))
            return bool(found)

        if not wait_until(look, patience=20):
            raise RuntimeError(f"no receipt of {transaction_hash} came")
        return found[0]


def anvil_program() -> Path:
    """The anvil that `make setup` installed."""
    found = sorted((ROOT / "solidity/node_modules/@foundry-rs").glob("anvil-*/bin/anvil*"))
    if not found:
        raise RuntimeError(f"anvil is missing on {platform.machine()}: run `make setup`")
    return found[0]


@contextlib.contextmanager
def running_anvil(
    *options: str, port: int = 0, folder: Path | None = None, slots_in_an_epoch: int = 1
) -> Iterator[Node]:
    """
    An anvil that mines each transaction at once, on a free port.

    `safe` and `finalized` are one and two blocks behind the head. More options are anvil's own,
    `--block-time 1`, say.
    """
    home = folder or Path(tempfile.mkdtemp(prefix="vernissage-anvil-"))
    chosen = port or free_port()
    child = Launch(
        name="anvil",
        command=[
            anvil_program(),
            *("--host", HOST, "--port", str(chosen), "--silent"),
            *("--slots-in-an-epoch", str(slots_in_an_epoch), "--cache-path", home / "cache"),
            *options,
        ],
        log=home / "anvil.log",
    ).start()
    node = Node(rpc_url=f"http://{HOST}:{chosen}", pid=child.pid)
    try:
        up = wait_until(lambda: child.has_ended() or node.is_answering(), patience=60)
        if not up or child.has_ended():
            raise RuntimeError(f"anvil did not start: {child.output()}")
        yield node
    finally:
        stop([child], patience=5)
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Contracts:
    """Our contracts, deployed on a test's chain."""

    node: Node
    placed: Deployment
    owner: str
    """Owner of exchange and auctions, and receiver of the fees; the node signs for it."""

    @property
    def rpc_url(self) -> str:
        """The node's URL."""
        return self.node.rpc_url

    def deployment(self) -> dict[str, Any]:
        """As in `nft/chain/deployments/<chain id>.json`."""
        return self.placed.as_json()


def deploy_contracts(node: Node, *, account: int = -1) -> Contracts:
    """Deploy everything as the local stack does, by the account that no test uses as a person."""
    site = NodeSite(RpcNode(node.rpc_url), patience=20, account=account)
    return Contracts(node=node, placed=place_all(site), owner=str(site.sender))


def skip(reason: str) -> None:
    """Skip here, fail in `.ci/run`."""
    if REQUIRE_ALL:
        pytest.fail(f"required in this run: {reason}")
    pytest.skip(reason)


def find_program(names: Sequence[str], variable: str) -> Path:
    """A program named by a variable, built by `.ci/run`, or on the path; else skip."""
    named = os.environ.get(variable)
    candidates = [Path(named)] if named else [TOOLS / name for name in names]
    found = next((path for path in candidates if os.access(path, os.X_OK)), None)
    on_path = next((path for name in names if (path := shutil.which(name))), None)
    if found is None and on_path is None:
        skip(f"{names[0]} was not found ({variable} may name it)")
    return found or Path(cast("str", on_path))
