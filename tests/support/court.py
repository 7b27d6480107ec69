"""
A market behind a node that lies, its mirror, and its prover.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Connection, select

from indexer.digest import digest
from indexer.facts import CURSORS
from indexer.fetch import Checks
from indexer.mirror import Mirror, Outcome, Ways
from indexer.prove import Prover
from indexer.rebuild import side_schema
from indexer.run import catch_up, connected
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment
from nft.tokens import token_id
from nft.types import Address, Digest
from tests.chain.conftest import Market
from tests.support.follow import PROCESSES, die_after
from tests.support.lying_node import LyingNode, lying
from tests.support.scripted_node import Fault

STRANGER = Address(b"\x42" * 20)


def hiding(work: int) -> Fault:
    """A fault that leaves a work's first transfer out; what else its block holds hides that."""
    topic = f"{work:#066x}"

    def fault(logs: list[Any]) -> list[Any]:
        first = next((log for log in logs if log["topics"][3:] == [topic]), None)
        return [log for log in logs if log is not first]

    return fault


class Court:
    """A market behind a node that lies, its mirror and its prover."""

    def __init__(self, market: Market, node: LyingNode, connection: Connection) -> None:
        self.market, self.node, self.connection = market, node, connection
        self.chain = Web3Chain(market.deployment.chain_id, [node.url])
        self.amended: list[int] = []

    def follow(self) -> Mirror:
        """Read to the head from the node that may lie."""
        return catch_up(self.connection, self.chain, self.market.deployment)

    def follow_blindly(self) -> None:
        """The same, with no look at any bloom."""
        ways = Ways(checks=Checks(bloom=False))
        mirror = Mirror(self.connection, self.chain, self.market.deployment, ways)
        while mirror.follow() is not Outcome.SAME:
            pass

    def prove(self) -> Prover:
        """Prove everything there is."""
        prover = Prover(
            self.connection,
            self.chain,
            self.market.deployment,
            on_amend=lambda amendment: self.amended.append(amendment.number),
        )
        while prover.step():
            pass
        return prover

    def digest(self) -> Digest:
        """The mirror's digest."""
        return digest(self.connection, self.market.deployment.chain_id).digest

    def honest_digest(self) -> Digest:
        """That of a mirror read from nothing, of the real node."""
        with side_schema(self.connection, "honest"):
            catch_up(self.connection, self.market.chain, self.market.deployment)
            return self.digest()

    def one(self, query: Any) -> Any:
        """The first column of the first row."""
        with self.connection.begin():
            return self.connection.execute(query).scalar()

    def column(self, query: Any) -> list[Any]:
        """The first column."""
        with self.connection.begin():
            return list(self.connection.execute(query).scalars())

    def proved(self) -> int:
        """How far the cursor says the mirror is proven."""
        return int(self.one(select(CURSORS.c.proved_number)))

    def mint_two(self) -> tuple[int, int]:
        """Two works of one transaction; the height of its block, and the first work."""
        self.market.serial += 2
        first = token_id(self.market.artist, self.market.serial)
        digests = [Digest(bytes([self.market.serial, n]) * 16) for n in (1, 2)]
        call = self.market.collection.mint_many(self.market.artist, first, digests, 300, STRANGER)
        self.market.serial += 1
        receipt = self.market.send(self.market.artist, call)
        return int(receipt["blockNumber"], 16), first


@contextmanager
def court_of(market: Market, database_url: str) -> Iterator[Court]:
    """A liar in front of the market's node, and an empty mirror."""
    with lying(market.node.rpc_url) as node, connected(database_url) as connection:
        yield Court(market, node, connection)


def _prove(database_url: str, rpc_url: str, document: str, kill_after: int) -> None:
    with connected(database_url) as connection:
        deployment = Deployment.from_json(json.loads(document))
        prover = Prover(connection, Web3Chain(deployment.chain_id, [rpc_url]), deployment)
        die_after(kill_after)
        while prover.step():
            pass


@contextmanager
def prover_process(court: Court, database_url: str, *, kill_after: int) -> Iterator[BaseProcess]:
    """A prover in a process of its own, killed before its statement of that number."""
    document = json.dumps(court.market.deployment.as_json())
    process = PROCESSES.Process(
        target=_prove, args=(database_url, court.node.url, document, kill_after)
    )
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
