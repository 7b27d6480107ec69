"""
Comparing the mirror with the chain, token by token and auction by auction, at a final block.

The chain is asked what the contracts say (`ownerOf`, `transferCount`, `standingBid`); the mirror
says what its facts up to that block add up to. Every difference is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from indexer.commit import read_cursor, read_found
from indexer.watch import Watch
from nft.chain.contracts import Auctions, Collection, Erc721, ask_many
from nft.chain.deployments import Deployment
from nft.chain.errors import ContractSilent, Reverted
from nft.chain.protocol import Chain
from nft.errors import ExchangeError, Missing
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

BATCH = 100
"""Tokens or auctions asked about in one request."""

RUNNING, OVER, UNWOUND = 1, 2, 3
"""States of `standingBid`."""


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
    auctions: int
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


@dataclass(frozen=True, slots=True)
class _Standing:
    """An auction as its bids and outcomes leave it."""

    token: TokenRef
    auctions: Address
    auction_hash: Digest
    told: tuple[int, Address, int, int]
    """As `standingBid` answers: state, bidder, amount, end; no bid once it is over."""


_AUCTIONS = text(
    """
    select opened.contract, opened.token_id, opened.auctions, opened.auction_hash,
        coalesce(ended.outcomes, '{}') as outcomes, bid.bidder, bid.amount, bid.ends_at
    from chain_auctions as opened
    cross join lateral (
        select bidder, amount, ends_at from chain_bids
        where chain_id = :chain_id and auction_hash = opened.auction_hash
          and auctions = opened.auctions and block_number <= :number
        order by block_number desc, log_index desc limit 1
    ) as bid
    cross join lateral (
        select array_agg(outcome) as outcomes from chain_outcomes
        where chain_id = :chain_id and auction_hash = opened.auction_hash
          and auctions = opened.auctions and block_number <= :number
    ) as ended
    where opened.chain_id = :chain_id and opened.block_number <= :number
    order by opened.block_number, opened.log_index
    """
)


def audit(connection: Connection, chain: Chain, deployment: Deployment) -> Audit:
    """Compare every token and auction at the mirror's newest final block."""
    with connection.begin():
        connection.exec_driver_sql("set local statement_timeout = 0")
        cursor = read_cursor(connection, chain.chain_id)
        if cursor is None:
            raise NothingMirrored(chain.chain_id)
        number = cursor.final_number
        values = {"chain_id": chain.chain_id, "number": number}
        tokens = connection.execute(_STATE, {**values, "nobody": bytes(20)}).all()
        auctions = connection.execute(_AUCTIONS, values).all()
        ours = Watch.over(deployment, read_found(connection, chain.chain_id)).collections
    held = [
        _Held(_ref(chain, row), Address(bytes(row.owner)), row.transfer_count) for row in tokens
    ]
    standing = [
        _Standing(
            _ref(chain, row),
            Address(bytes(row.auctions)),
            Digest(bytes(row.auction_hash)),
            _standing(row),
        )
        for row in auctions
    ]
    found: list[Difference] = []
    for start in range(0, len(held), BATCH):
        found += _compare(chain, held[start : start + BATCH], ours, number)
    for start in range(0, len(standing), BATCH):
        found += _compare_auctions(chain, standing[start : start + BATCH], number)
    return Audit(number, len(held), len(standing), tuple(found))


def _ref(chain: Chain, row: Row[Any]) -> TokenRef:
    token = int.from_bytes(row.token_id, "big")
    return TokenRef(chain.chain_id, Address(bytes(row.contract)), token)


def _standing(row: Row[Any]) -> tuple[int, Address, int, int]:
    if not row.outcomes:
        return RUNNING, Address(bytes(row.bidder)), int(row.amount), row.ends_at
    state = OVER if {"settled", "reclaimed"} & set(row.outcomes) else UNWOUND
    return state, ZERO_ADDRESS, 0, 0


def _compare(
    chain: Chain, held: Sequence[_Held], collections: frozenset[Address], number: int
) -> Iterator[Difference]:
    """A burned work has no `ownerOf`; contracts of others count no transfers."""
    owners = ask_many(
        chain, [Erc721(one.token.contract).owner_of(one.token.token_id) for one in held], number
    )
    ours = [one for one in held if one.token.contract in collections]
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


def _compare_auctions(
    chain: Chain, standing: Sequence[_Standing], number: int
) -> Iterator[Difference]:
    """Whatever the contract answers otherwise than the logs add up to; no answer is one too."""
    answers = ask_many(
        chain, [Auctions(one.auctions).standing_bid(one.auction_hash) for one in standing], number
    )
    for one, answer in zip(standing, answers, strict=True):
        if isinstance(answer, ExchangeError) and not isinstance(answer, Reverted | ContractSilent):
            raise answer
        if answer != one.told:
            here, there = _words(one.told), _words(answer)
            yield Difference(one.token, f"auction {one.auction_hash}", here, there)


def _words(told: object) -> str:
    return " ".join(map(str, told)) if isinstance(told, tuple) else "no answer"
