"""
The ground that an audit stands on: one final block, the same for the mirror and for the node.

Each page of an audit takes the newest final block anew, in a short transaction: an audit of ten
million works outlives the state that most nodes keep, and must not hold a snapshot for hours.
Facts below finality do not move, so that pages of different blocks add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import sleep
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, select, text

from indexer.commit import read_found
from indexer.cursor import read_cursor
from indexer.facts import BLOCKS
from indexer.watch import Watch
from nft.chain.contracts import Question, ask_many
from nft.chain.deployments import Deployment
from nft.chain.errors import CodeFailed, ContractSilent, Reverted, StateNotAvailable
from nft.chain.protocol import Chain
from nft.errors import ExchangeError, Missing
from nft.types import Address, Digest

log = structlog.get_logger(__name__)

T = TypeVar("T")

KEPT = 1_000
"""Differences kept in memory; all are counted, and told to whoever listens."""


class NothingMirrored(Missing):
    """There is no mirror of that chain yet, or its first load still runs."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(f"chain {chain_id} has not been mirrored yet")


@dataclass(frozen=True, slots=True)
class Pace:
    """How an audit goes about it."""

    works: int = 500
    """Read of the mirror at once."""
    holders: int = 200
    batch: int = 100
    """Questions in one request."""
    patience: tuple[float, ...] = (0.2, 1.0, 3.0)
    """Seconds to wait, each time the node has not the block that is asked about."""
    wait: Callable[[float], None] = sleep


@dataclass(frozen=True, slots=True)
class Place:
    """A final block."""

    number: int
    block_hash: Digest
    header: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """As the node has it, for proofs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that mirror and chain say differently, of a work or of an account."""

    contract: Address
    what: str
    mirror: str
    chain: str
    token_id: int | None = None
    account: Address | None = None

    @property
    def work(self) -> tuple[bytes, bytes]:
        """Contract and token id of one about a work, as stored."""
        return bytes(self.contract), (self.token_id or 0).to_bytes(32, "big")

    def as_json(self) -> dict[str, str]:
        """As books, programs and pages have it."""
        return {
            "contract": str(self.contract),
            **({"token_id": str(self.token_id)} if self.token_id is not None else {}),
            **({"account": str(self.account)} if self.account is not None else {}),
            "what": self.what,
            "mirror": self.mirror,
            "chain": self.chain,
        }


@dataclass
class Findings:
    """
    What has been compared so far, and what differs.

    A contradiction is no difference: what the mirror says is proven by the contract's own events,
    and the contract says something else when it is asked.
    """

    compared: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    difference_count: int = 0
    contradictions: list[Difference] = field(default_factory=list)
    contradicting: set[Address] = field(default_factory=set)
    """Contracts of others with a contradiction: what they say of sums is not asked either."""
    hear: Callable[[Difference], None] = lambda _: None
    progress: Callable[[str, int], None] = lambda what, done: None

    def count(self, what: str, many: int) -> None:
        """So many more of a kind were compared."""
        self.compared[what] = self.compared.get(what, 0) + many
        self.progress(what, self.compared[what])

    def differ(self, difference: Difference) -> None:
        """One more difference."""
        self.difference_count += 1
        if len(self.differences) < KEPT:
            self.differences.append(difference)
        self.hear(difference)

    def contradict(self, contradiction: Difference) -> None:
        """A contract of others says something else than its own proven events."""
        self.count("contradictions", 1)
        self.contradicting.add(contradiction.contract)
        if len(self.contradictions) < KEPT:
            self.contradictions.append(contradiction)


class Ground:
    """The mirror and the node that it is compared with."""

    def __init__(
        self, connection: Connection, chain: Chain, deployment: Deployment, pace: Pace
    ) -> None:
        self.connection = connection
        self.chain = chain
        self.pace = pace
        self.moves = 0
        """How often the node no longer had the block, and another one was taken."""
        self.places: list[Place] = []
        """The first and the last block asked about."""
        with connection.begin():
            if read_cursor(connection, chain.chain_id) is None:
                raise NothingMirrored(chain.chain_id)
            found = read_found(connection, chain.chain_id)
        self.ours = Watch.over(deployment, found).collections

    @property
    def values(self) -> dict[str, Any]:
        """What every statement needs."""
        return {"chain_id": self.chain.chain_id}

    def page(
        self, read: Callable[[Place], T], compare: Callable[[Place, T], None], *, attempt: int = 0
    ) -> T:
        """
        Read of the mirror at its newest final block, and compare with the node's state there.

        When the node has no such state (a reorg took the block, or it was pruned), the page is
        read again at the block that is final by then. Raises `StateNotAvailable` in the end.
        """
        with self._snapshot() as place:
            rows = read(place)
        try:
            told = self.chain.find_block(place.block_hash)
            if told is None:
                raise StateNotAvailable(f"block {place.number} is not there")
            compare(replace(place, header=told.header), rows)
        except StateNotAvailable as error:
            if attempt == len(self.pace.patience):
                raise
            self.moves += 1
            log.info("audit moves to another block", block=place.number, why=str(error))
            self.pace.wait(self.pace.patience[attempt])
            return self.page(read, compare, attempt=attempt + 1)
        self.places = [*self.places[:1], place]
        return rows

    @contextmanager
    def _snapshot(self) -> Iterator[Place]:
        with self.connection.begin():
            self.connection.exec_driver_sql("set transaction isolation level repeatable read")
            self.connection.exec_driver_sql("set local statement_timeout = 0")
            yield self._place()

    def _place(self) -> Place:
        """The mirror's newest final block; its hash as stored, or as the node has it."""
        chain_id = self.chain.chain_id
        cursor = read_cursor(self.connection, chain_id)
        if cursor is None:
            raise NothingMirrored(chain_id)
        number = cursor.final_number
        stored = self.connection.scalar(
            select(BLOCKS.c.block_hash).where(
                BLOCKS.c.chain_id == chain_id, BLOCKS.c.number == number
            )
        )
        if stored is not None:
            return Place(number, stored)
        told = self.chain.find_block(number)
        if told is None:
            raise StateNotAvailable(f"block {number} is not there")
        return Place(number, told.block_hash)

    def unread(self) -> list[bytes]:
        """Registered contracts whose history is not complete: nothing can be said of them yet."""
        rows = self.connection.execute(
            text(
                "select contract from index_contracts "
                "where chain_id = :chain_id and completed_at is null"
            ),
            self.values,
        )
        return [bytes(row.contract) for row in rows]

    def ask(self, questions: list[Question[Any]], place: Place) -> list[Any]:
        """
        The node's answers at that very block; what a contract refuses is its error.

        Raises every error that is not the contract's own.
        """
        answers: list[Any] = []
        size = self.pace.batch
        for start in range(0, len(questions), size):
            answers += ask_many(self.chain, questions[start : start + size], place.block_hash)
        for answer in answers:
            if isinstance(answer, ExchangeError) and not is_refusal(answer):
                raise answer
        return answers


def is_refusal(answer: object) -> bool:
    """Whether a contract was asked and did not answer, as against a node that did not."""
    return isinstance(answer, Reverted | ContractSilent | CodeFailed)


def words(answer: object) -> str:
    """An answer as a difference shows it."""
    if is_refusal(answer):
        return "no answer"
    return " ".join(map(str, answer)) if isinstance(answer, tuple) else str(answer)
