"""
A mirror of a scripted node in a fresh database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, select

from indexer import registry
from indexer.digest import digest
from indexer.facts import BLOCKS, OUTBOX, TOKENS, TRANSFERS
from indexer.mirror import Mirror, Outcome, Ways
from indexer.rebuild import side_schema
from indexer.run import catch_up, connected
from nft.chain.client import Web3Chain
from nft.types import Address, Digest
from tests.support.people import STRANGER, deployed
from tests.support.scripted_node import ScriptedNode, serving


@dataclass
class Clock:
    """Time as the test says it."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Studio:
    """A node, a database, and the mirror between them."""

    node: ScriptedNode
    connection: Connection
    clock: Clock = field(default_factory=Clock)
    finality_cap: Callable[[], int | None] | None = None

    @property
    def chain(self) -> Web3Chain:
        """The node through our own door."""
        return Web3Chain(self.node.chain_id, [self.node.url], deadline_seconds=2)

    def mirror(self) -> Mirror:
        """A mirror that goes on from what is stored."""
        return Mirror(
            self.connection,
            self.chain,
            deployed(self.node.chain_id),
            Ways(finality_cap=self.finality_cap, clock=self.clock),
        )

    def followed(self) -> Mirror:
        """A mirror that has read to the head."""
        mirror = self.mirror()
        while mirror.follow() in (Outcome.MOVED, Outcome.REWOUND):
            pass
        return mirror

    def register(self, contract: Address = STRANGER, *, first: int = 1, **asked: Any) -> None:
        """Somebody asks for a contract, and where its history begins is found."""
        chain_id = self.node.chain_id
        with self.connection.begin():
            registry.register(self.connection, chain_id, contract, **asked)
            registry.set_first_block(self.connection, chain_id, contract, first)

    def rows(self, table: Any, *columns: str) -> list[Any]:
        """What stands in a table, by key."""
        chosen = [table.c[name] for name in columns] or [*table.c]
        with self.connection.begin():
            found = self.connection.execute(select(*chosen).order_by(*table.primary_key)).all()
        return [row[0] if len(columns) == 1 else tuple(row) for row in found]

    def owners(self) -> dict[int, Any]:
        """Owner by token id."""
        return dict(self.rows(TOKENS, "token_id", "owner"))

    def told(self) -> list[str]:
        """Kinds in the outbox, in order."""
        return self.rows(OUTBOX, "kind")

    def heights(self) -> list[int]:
        """Blocks whose headers are held."""
        return self.rows(BLOCKS, "number")

    def transfers(self) -> int:
        """Number of transfers held."""
        return len(self.rows(TRANSFERS, "log_index"))

    def digest(self) -> Digest:
        """The mirror's digest."""
        return digest(self.connection, self.node.chain_id).digest

    def fresh_digest(self) -> Digest:
        """The digest of a mirror that reads the node's present chain from nothing."""
        with side_schema(self.connection, "fresh"):
            catch_up(self.connection, self.chain, deployed(self.node.chain_id))
            return digest(self.connection, self.node.chain_id).digest


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    with connected(migrated_url) as made:
        yield made


@pytest.fixture
def studio(connection: Connection) -> Iterator[Studio]:
    """On a public chain (1), where a node may lag."""
    with serving(ScriptedNode(chain_id=1)) as node:
        yield Studio(node, connection)


@pytest.fixture
def local_studio(connection: Connection) -> Iterator[Studio]:
    """On a development node's chain (31337), where what it says is so."""
    with serving(ScriptedNode(chain_id=31337)) as node:
        yield Studio(node, connection)
