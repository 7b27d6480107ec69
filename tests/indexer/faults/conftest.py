"""
A real node with our contracts, a liar in front of it, and an indexer that hears the liar first.

Each test is named for its fault: 01 to 25 of the list in `indexer/README.md`. It ends by comparing
the mirror with a fresh one that reads the honest node from nothing.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Connection, select
from structlog.testing import capture_logs

from api.local.processes import wait_until
from indexer.cursor import Cursor, read_cursor
from indexer.digest import digest
from indexer.facts import HEALTH, OUTBOX, TOKENS, TRANSFERS
from indexer.rebuild import side_schema
from indexer.run import catch_up, connected, follow
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment
from nft.types import Address, Digest
from tests.chain.conftest import Market, market_on
from tests.support.lying_node import LyingNode, lying
from tests.support.servers import Node, deploy_contracts, running_anvil

PUBLIC_CHAIN = "777"
"""No development node's id: nodes may lag there, and finality holds."""

PATIENCE = 20


@dataclass
class Scene:
    """The market, the liar, the mirror, and what the log said."""

    market: Market
    liar: LyingNode
    database_url: str
    connection: Connection
    deployment: Deployment
    said: list[Any]
    failures: list[BaseException] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The honest node."""
        return self.market.node

    @property
    def urls(self) -> list[str]:
        """The liar's, then the honest node's."""
        return [self.liar.url, self.node.rpc_url]

    @property
    def head(self) -> int:
        """The honest node's newest block."""
        return int(self.node.call("eth_blockNumber"), 16)

    def header(self, number: int | str) -> dict[str, Any]:
        """A header of the honest node's."""
        at = number if isinstance(number, str) else hex(number)
        found: dict[str, Any] = self.node.call("eth_getBlockByNumber", at, False)
        return found

    def register(self, contract: Address) -> None:
        """Mirror a contract of somebody else's, too."""
        placed = replace(self.deployment.house_collection, address=contract)
        registered = (*self.deployment.registered, placed)
        self.deployment = replace(self.deployment, registered=registered)

    # The mirror under test

    def catch_up(self, urls: Sequence[str], *, deadline_seconds: float = 2) -> Web3Chain:
        """Read up to the head once, through these nodes."""
        chain = Web3Chain(self.deployment.chain_id, urls, deadline_seconds=deadline_seconds)
        catch_up(self.connection, chain, self.deployment)
        return chain

    @contextmanager
    def following(self, *urls: str) -> Iterator[None]:
        """An indexer that follows through these nodes, the liar's alone if none are given."""
        stop = threading.Event()

        def work() -> None:
            try:
                follow(
                    self.database_url,
                    urls or [self.liar.url],
                    self.deployment,
                    stop=stop,
                    poll_seconds=0.02,
                )
            except Exception as error:
                self.failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE)

    @property
    def cursor(self) -> Cursor | None:
        """How far the mirror is, as any reader sees it."""
        with self.connection.begin():
            return read_cursor(self.connection, self.deployment.chain_id)

    def is_at_head(self) -> bool:
        """Whether the mirror stands at the honest head."""
        told, cursor = self.header("latest"), self.cursor
        return cursor is not None and str(cursor.block_hash) == told["hash"]

    def reaches_head(self, *, patience: float = PATIENCE) -> bool:
        """Wait for that."""
        return wait_until(self.is_at_head, patience=patience)

    def becomes_true(self, *, patience: float = PATIENCE) -> bool:
        """Wait until head and every row equal a fresh mirror of the honest chain."""
        if not self.reaches_head(patience=patience):
            return False
        truth = self.truth()
        return wait_until(lambda: self.digest() == truth, patience=patience)

    def digest(self) -> Digest:
        """The mirror's digest."""
        return digest(self.connection, self.deployment.chain_id).digest

    def truth(self) -> Digest:
        """That of a mirror that reads the honest node from nothing."""
        with side_schema(self.connection, "fresh"):
            self.catch_up([self.node.rpc_url])
            return self.digest()

    # What is in it

    def rows(self, table: Any, *columns: str) -> list[Any]:
        """Rows by key."""
        chosen = [table.c[name] for name in columns] or [*table.c]
        with self.connection.begin():
            found = self.connection.execute(select(*chosen).order_by(*table.primary_key)).all()
        return [row[0] if len(columns) == 1 else tuple(row) for row in found]

    def owners(self) -> dict[int, Address]:
        """Owner by token."""
        return dict(self.rows(TOKENS, "token_id", "owner"))

    def transfers(self) -> list[tuple[int, int]]:
        """Block and log index of every transfer."""
        return self.rows(TRANSFERS, "block_number", "log_index")

    def told(self) -> list[str]:
        """Kinds in the outbox, in order."""
        return self.rows(OUTBOX, "kind")

    def retracts(self) -> int:
        """How much was taken back."""
        return self.told().count("retracted")

    def health(self) -> dict[str, Any]:
        """What the indexer publishes of itself."""
        found: list[dict[str, Any]] = self.rows(HEALTH, "document")
        return found[0] if found else {}

    def events(self) -> set[str]:
        """What the log spoke of."""
        return {str(line["event"]) for line in self.said}

    def is_blamed(self, url: str) -> bool:
        """Whether a line of the log names the node at a URL."""
        name = url.removeprefix("http://")
        return any(name in str(line.get("node", "")) for line in self.said)

    # What happens on the chain

    def mint(self, count: int = 1) -> list[int]:
        """Works of the artist's, a block each."""
        return [self.market.mint() for _ in range(count)]

    def mint_together(self, count: int) -> int:
        """Works in one block; its number."""
        market = self.market
        serials = range(market.serial + 1, market.serial + 1 + count)
        market.serial += count
        sent = [(market.artist, self._mint_call(serial)) for serial in serials]
        market.together(*sent)
        return self.head

    def _mint_call(self, serial: int) -> Any:
        from nft.tokens import token_id

        artist, collection = self.market.artist, self.market.collection
        told = Digest(serial.to_bytes(32, "big"))
        return collection.mint(artist, token_id(artist, serial), told, 500, artist)

    def gift(self, token: int) -> None:
        """The artist gives a work to the collector."""
        self.market.move(self.market.artist, self.market.collector, token)

    def reorganise(self, depth: int) -> None:
        """Replace the newest blocks by as many empty ones."""
        self.node.call("anvil_reorg", depth, [])


@contextmanager
def scene_on(node: Node, database_url: str) -> Iterator[Scene]:
    """Our contracts on a node, with a liar in front of it."""
    market = market_on(deploy_contracts(node))
    with (
        lying(node.rpc_url) as liar,
        connected(database_url) as connection,
        capture_logs() as said,
    ):
        yield Scene(market, liar, database_url, connection, market.deployment, said)


@pytest.fixture
def scene(migrated_url: str) -> Iterator[Scene]:
    """On a public chain, whose finality is far behind its head."""
    with (
        running_anvil("--chain-id", PUBLIC_CHAIN, slots_in_an_epoch=32) as node,
        scene_on(node, migrated_url) as made,
    ):
        yield made


@pytest.fixture
def final_scene(migrated_url: str) -> Iterator[Scene]:
    """On a public chain whose third newest block is final."""
    with (
        running_anvil("--chain-id", PUBLIC_CHAIN) as node,
        scene_on(node, migrated_url) as made,
    ):
        yield made


@pytest.fixture
def local_scene(migrated_url: str) -> Iterator[Scene]:
    """On a development node's chain, which may forget."""
    with running_anvil() as node, scene_on(node, migrated_url) as made:
        yield made
