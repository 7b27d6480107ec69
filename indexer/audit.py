"""
Comparing the mirror with the chain at a final block: works, holders, what is owed, auctions.

The chain is asked what the contracts say, the mirror says what its facts up to that block add up
to, and every difference is named. An audit writes nothing but its own result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any, Self

from sqlalchemy import Connection, insert

from indexer.auction_audit import audit_auctions
from indexer.facts import AUDITS
from indexer.ground import Difference, Findings, Ground, Pace, Place
from indexer.second_audit import audit_second
from indexer.sum_audit import audit_balances, audit_balances_of, audit_credits
from indexer.token_audit import audit_all, audit_sample
from nft.chain.deployments import Deployment
from nft.chain.protocol import Chain

STORED = 100
"""Differences kept in the books; the number of all stands beside them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared: everything, or a sample that a seed chooses."""

    sample: int | None = None
    """How many works; as many auctions and credits at most. None: all."""
    seed: int = 0
    proves: bool = False
    """Whether works of our collections are held against proofs of storage as well."""

    @classmethod
    def sampled(cls, size: int, seed: int | None = None) -> Self:
        """So many works, with proofs, by a seed that is drawn where none is given."""
        return cls(size, SystemRandom().randrange(2**31) if seed is None else seed, proves=True)

    @property
    def how(self) -> str:
        """As the books have it."""
        return "all" if self.sample is None else "sample"


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a mirror is compared with its chain, and how much of it."""

    minutes: int = 10
    """Between the end of one and the beginning of the next; 0: never by itself."""
    sample: int = 500


EVERYTHING = Scope()
USUAL = Pace()


@dataclass(frozen=True, slots=True)
class Audit:
    """What was compared, at which block, and what differs."""

    chain_id: int
    scope: Scope
    first: Place
    last: Place
    """Each page stands on the block that is final when it is read."""
    moves: int
    """How often the node no longer had the state of a block, and another was taken."""
    compared: dict[str, int]
    differences: tuple[Difference, ...]
    """The first thousand."""
    difference_count: int
    contradictions: tuple[Difference, ...]
    """Works of others' contracts that deny their own proven events; the first thousand."""
    started_at: datetime
    finished_at: datetime

    @property
    def block_number(self) -> int:
        """The last block that it stands on."""
        return self.last.number

    @property
    def tokens(self) -> int:
        """Works compared."""
        return self.compared.get("tokens", 0)

    @property
    def auctions(self) -> int:
        """Auctions compared."""
        return self.compared.get("auctions", 0)

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to compare."""
        return not any(self.compared.values())

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return self.difference_count == 0


def audit(
    connection: Connection,
    chain: Chain,
    deployment: Deployment,
    scope: Scope = EVERYTHING,
    *,
    pace: Pace = USUAL,
    findings: Findings | None = None,
) -> Audit:
    """
    Compare mirror and chain.

    Findings that are given hear of each difference when it is found. Raises `NothingMirrored`,
    `StateNotAvailable`, or what a node raises that does not answer.
    """
    started_at = datetime.now(UTC)
    ground = Ground(connection, chain, deployment, pace)
    findings = findings or Findings()
    if scope.sample is None:
        audit_all(ground, findings, proves=scope.proves)
        audit_balances(ground, findings)
        denied = {one.work for one in findings.contradictions}
        audit_second(ground, findings, denied, with_newest=True)
    else:
        works = audit_sample(ground, findings, scope.sample, scope.seed, proves=scope.proves)
        audit_balances_of(ground, findings, works)
        audit_second(ground, findings, works)
    audit_credits(ground, findings, newest=scope.sample)
    audit_auctions(ground, findings, newest=scope.sample)
    return Audit(
        chain_id=chain.chain_id,
        scope=scope,
        first=ground.places[0],
        last=ground.places[-1],
        moves=ground.moves,
        compared=findings.compared,
        differences=tuple(findings.differences),
        difference_count=findings.difference_count,
        contradictions=tuple(findings.contradictions),
        started_at=started_at,
        finished_at=datetime.now(UTC),
    )


def record(connection: Connection, found: Audit) -> None:
    """Keep the result in the books, in a transaction of its own."""
    values: dict[str, Any] = {
        "chain_id": found.chain_id,
        "block_number": found.last.number,
        "block_hash": found.last.block_hash,
        "how": found.scope.how,
        "compared": found.compared,
        "difference_count": found.difference_count,
        "differences": [one.as_json() for one in found.differences[:STORED]],
        "contradictions": [one.as_json() for one in found.contradictions[:STORED]],
        "started_at": found.started_at,
        "finished_at": found.finished_at,
    }
    with connection.begin():
        connection.execute(insert(AUDITS).values(**values))
