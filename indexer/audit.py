"""
Comparing the mirror with the chain, token by token, at a final block.

The chain is asked what the contracts say (`ownerOf`, `transferCount`); the mirror says what its
facts up to that block add up to. Every difference is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from indexer.commit import read_cursor
from indexer.watch import Watch
from nft.chain.contracts import Collection, Erc721, ask_many
from nft.chain.deployments import Deployment
from nft.chain.errors import Reverted
from nft.chain.protocol import Chain
from nft.errors import ExchangeError, Missing
from nft.types import ZERO_ADDRESS, Address, TokenRef

BATCH = 100
"""Tokens asked about in one request."""


class NothingMirrored(Missing):
    """There is no mirror of that chain yet."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(f"chain {chain_id} has not been mirrored yet")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that mirror and chain say differently."""

    token: TokenRef
    what: str
    mirror: str
    chain: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What was compared, at which block, and what differs."""

    block_number: int
    tokens: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    token: TokenRef
    owner: Address
    transfer_count: int


_STATE = text(
    """
    select contract, token_id,
        (array_agg(receiver order by block_number desc, log_index desc))[1] as owner,
        count(*) filter (where sender <> :nobody) as transfer_count
    from chain_transfers
    where chain_id = :chain_id and block_number <= :number
    group by contract, token_id
    order by contract, token_id
    """
)


def audit(connection: Connection, chain: Chain, deployment: Deployment) -> Audit:
    """Compare every token at the mirror's newest final block."""
    with connection.begin():
        connection.exec_driver_sql("set local statement_timeout = 0")
        cursor = read_cursor(connection, chain.chain_id)
        if cursor is None:
            raise NothingMirrored(chain.chain_id)
        number = cursor.final_number
        rows = connection.execute(
            _STATE, {"chain_id": chain.chain_id, "number": number, "nobody": bytes(20)}
        ).all()
    held = [
        _Held(
            TokenRef(
                chain.chain_id, Address(bytes(row.contract)), int.from_bytes(row.token_id, "big")
            ),
            Address(bytes(row.owner)),
            row.transfer_count,
        )
        for row in rows
    ]
    house = Watch.over(deployment).house
    found: list[Difference] = []
    for start in range(0, len(held), BATCH):
        found += _compare(chain, held[start : start + BATCH], house, number)
    return Audit(number, len(held), tuple(found))


def _compare(
    chain: Chain, held: Sequence[_Held], house: frozenset[Address], number: int
) -> Iterator[Difference]:
    """A burned work has no `ownerOf`; contracts of others count no transfers."""
    owners = ask_many(
        chain, [Erc721(one.token.contract).owner_of(one.token.token_id) for one in held], number
    )
    ours = [one for one in held if one.token.contract in house]
    counts = dict(
        zip(
            (one.token for one in ours),
            ask_many(
                chain,
                [Collection(one.token.contract).transfer_count(one.token.token_id) for one in ours],
                number,
            ),
            strict=True,
        )
    )
    for one, owner in zip(held, owners, strict=True):
        there = ZERO_ADDRESS if isinstance(owner, Reverted) else owner
        if isinstance(there, ExchangeError):
            raise there
        if there != one.owner:
            yield Difference(one.token, "owner", str(one.owner), str(there))
        count = counts.get(one.token, one.transfer_count)
        if isinstance(count, ExchangeError):
            raise count
        if count != one.transfer_count:
            yield Difference(one.token, "transfer_count", str(one.transfer_count), str(count))
