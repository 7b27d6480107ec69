"""
Looking at what the works of others are described by: when, how often, and what was found.

A token of somebody else's collection is looked at once, in the background, and again when its
contract says by ERC-4906 that it changed. Both are rates, never a storm: a sweep looks at so many
tokens and asks each host so often, and what is due twice is one row. One sweep works at a time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Engine
from sqlmodel import col

from media.documents import IPFS, Sources, host_of, parse, why_not
from media.tables import LookupRow, TokenMetadataRow
from nft import locks
from nft.chain.contracts import Erc721, ask_many
from nft.chain.errors import NodeRefused, StateNotAvailable
from nft.chain.protocol import Chain
from nft.errors import ChainMismatch, ExchangeError, Missing, Unacceptable, Unreachable
from nft.types import Address, Digest

log = structlog.get_logger(__name__)

URI_GAS = 30_000_000
"""Documents that lie on the chain are put together with much gas; a bomb ends here."""

LONGEST_URI = 2_048
"""Characters that are kept of one."""

QUESTIONS = 20
MOST_VERSIONS = 100
MOST_ATTEMPTS = 8
SOONEST = timedelta(minutes=10)
"""A token is not looked at again before."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How much one sweep does."""

    tokens: int = 60
    """None are looked at when it is 0."""
    of_a_host: int = 15
    seconds: float = 25.0


@dataclass(frozen=True, slots=True)
class Looker:
    """What a sweep works with."""

    engine: Engine
    chains: Mapping[int, Chain]
    named: Mapping[int, Sequence[Address]]
    """Contracts of others that the deployments name; those registered are in the database."""
    sources: Sources
    rates: Rates = field(default_factory=Rates)
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look at one token brought."""

    uri: str
    sha256: Digest | None = None
    size: int | None = None
    document: dict[str, Any] | None = None
    error: str | None = None


def sweep(looker: Looker, *, now: datetime) -> int:
    """Look at what is due, within the rates; answers at how many tokens."""
    if looker.rates.tokens == 0:
        return 0
    with _alone(looker.engine) as is_alone:
        if not is_alone:
            return 0
        take_refreshes(looker, now=now)
        for chain_id in looker.chains:
            plan_first_looks(looker, chain_id, now=now)
        return _look_at_due(looker, now)


@contextmanager
def _alone(engine: Engine) -> Iterator[bool]:
    """Whether no other sweep works; none begins until the end."""
    with (
        engine.connect() as connection,
        locks.alone(connection, "vernissage metadata of others") as is_alone,
    ):
        yield is_alone


# What is due

_MARK = "metadata_refreshed"
_BACK = 100_000
"""
So many entries are read again and again: of two chains, the later number may be committed first,
and one commit may have tens of thousands.
"""

_AGAIN = text(
    """
    update media_lookups as lookups set attempts = 0,
        due_at = greatest(cast(:now as timestamptz), looked_at + cast(:soonest as interval))
    from chain_outbox as told
    join chain_refreshes as refreshed using (chain_id, block_number, log_index)
    where told.kind = :name and told.id > :behind and told.id <= :top
      and lookups.chain_id = refreshed.chain_id and lookups.contract = refreshed.contract
      and lookups.token_id between refreshed.first_token_id and refreshed.last_token_id
      and (lookups.due_at is null or lookups.due_at > cast(:now as timestamptz))
      -- What is told for the first time may speak of the very block that was looked at.
      and lookups.looked_block < told.block_number + cast(told.id > :mark as int)
    """
)


def take_refreshes(looker: Looker, *, now: datetime) -> None:
    """Tokens that were looked at before and are said to have changed become due."""
    with looker.engine.begin() as connection:
        connection.exec_driver_sql("set local statement_timeout = 60000")
        stored = connection.execute(
            text("select position from media_marks where name = :name"), {"name": _MARK}
        ).scalar_one_or_none()
        top = connection.execute(text("select coalesce(max(id), 0) from chain_outbox"))
        mark = stored or 0
        values = {"name": _MARK, "top": top.scalar_one(), "mark": mark, "behind": mark - _BACK}
        connection.execute(_AGAIN, {**values, "now": now, "soonest": SOONEST})
        connection.execute(
            text(
                "insert into media_marks (name, position) values (:name, :top) "
                "on conflict (name) do update set position = excluded.position"
            ),
            values,
        )


_FIRST = text(
    """
    insert into media_lookups (chain_id, contract, token_id, due_at)
    select chain_id, contract, token_id, :now from chain_tokens as tokens
    where chain_id = :chain_id and contract = :contract and owner <> :nobody
      and not exists (
        select from media_lookups as known
        where known.chain_id = tokens.chain_id and known.contract = tokens.contract
          and known.token_id = tokens.token_id
      )
    limit :count
    on conflict do nothing
    """
)


def plan_first_looks(looker: Looker, chain_id: int, *, now: datetime) -> None:
    """As many tokens as a sweep can do, of each contract, that nobody looked at yet."""
    with looker.engine.begin() as connection:
        registered = connection.execute(
            text(
                "select contract from index_contracts where chain_id = :chain_id "
                "and joined_block is not null and refused is null"
            ),
            {"chain_id": chain_id},
        )
        contracts = {bytes(row.contract) for row in registered}
        contracts |= {bytes(one) for one in looker.named.get(chain_id, ())}
        for contract in sorted(contracts):
            values = {"chain_id": chain_id, "contract": contract, "now": now}
            more = {"count": looker.rates.tokens, "nobody": bytes(20)}
            connection.execute(_FIRST, {**values, **more})


# Looking


def _look_at_due(looker: Looker, now: datetime) -> int:
    ends_at = looker.monotonic() + looker.rates.seconds
    asked: Counter[str] = Counter()
    silent: set[str] = set()
    done = 0
    while done < looker.rates.tokens and looker.monotonic() < ends_at:
        due = _due(looker.engine, min(QUESTIONS, looker.rates.tokens - done), now)
        if not due:
            break
        for row, uri in zip(due, _uris(looker, due), strict=True):
            done += 1
            host = host_of(uri) if isinstance(uri, str) else ""
            if host and (host in silent or asked[host] >= looker.rates.of_a_host):
                _later(looker.engine, row, now + timedelta(minutes=1))
                continue
            asked[host] += 1
            try:
                _keep(looker.engine, row, _found(looker, uri), now)
            except Unreachable as error:
                silent |= {host} - {IPFS}
                _failed(looker.engine, row, error, now)
    return done


def _due(engine: Engine, count: int, now: datetime) -> Sequence[Row[Any]]:
    """The longest due, of one chain, with the block to ask at."""
    with engine.begin() as connection:
        return connection.execute(
            text(
                """
                select lookups.chain_id, contract, token_id, attempts, number
                from media_lookups as lookups join chain_cursors using (chain_id)
                where due_at <= :now and chain_id = (
                    select chain_id from media_lookups join chain_cursors using (chain_id)
                    where due_at <= :now order by due_at limit 1
                )
                order by due_at limit :count
                """
            ),
            {"now": now, "count": count},
        ).all()


def _uris(looker: Looker, due: Sequence[Row[Any]]) -> list[str | ExchangeError]:
    """Where each document lies, as of the mirror's block; or why that is not known."""
    chain = looker.chains.get(due[0].chain_id)
    if chain is None:
        return [DocumentGone("no node is set for its chain")] * len(due)
    asked = [
        Erc721(Address(bytes(row.contract)))
        .token_uri(int.from_bytes(row.token_id, "big"))
        .within(URI_GAS)
        for row in due
    ]
    try:
        return ask_many(chain, asked, due[0].number)
    except (Unreachable, StateNotAvailable) as error:
        return [error] * len(due)
    except ChainMismatch as error:
        return [DocumentGone(str(error))] * len(due)


class DocumentGone(Unreachable):
    """The node could not be asked."""


def _found(looker: Looker, uri: str | ExchangeError) -> _Found:
    """Raises `Unreachable` when it is worth another try."""
    if isinstance(uri, ExchangeError):
        if isinstance(uri, StateNotAvailable):
            raise DocumentGone(str(uri))
        if isinstance(uri, Unreachable) and not isinstance(uri, NodeRefused):
            raise uri
        return _Found("", error=why_not(uri))
    shown = fit(uri)
    try:
        body = looker.sources.read(uri)
    except (Unacceptable, Missing) as error:
        return _Found(shown, error=why_not(error))
    digest = Digest.sha256(body)
    try:
        return _Found(shown, sha256=digest, size=len(body), document=parse(body))
    except Unacceptable as error:
        return _Found(shown, sha256=digest, size=len(body), error=why_not(error))


def fit(uri: str) -> str:
    """A URI as PostgreSQL keeps it, cut where it is long."""
    whole = uri.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return whole if len(whole) <= LONGEST_URI else whole[:LONGEST_URI] + "…"


# What was found


def _keep(engine: Engine, row: Row[Any], found: _Found, now: datetime) -> None:
    """A new version, if it is one; the token is not due any more."""
    this = _this(row, TokenMetadataRow)
    with engine.begin() as connection:
        newest = connection.execute(
            select(
                col(TokenMetadataRow.version),
                col(TokenMetadataRow.sha256),
                col(TokenMetadataRow.error),
            )
            .where(*this)
            .order_by(col(TokenMetadataRow.version).desc())
            .limit(1)
        ).first()
        if newest is None or (newest.sha256, newest.error) != (found.sha256, found.error):
            version = (newest.version if newest else 0) + 1
            connection.execute(
                insert(TokenMetadataRow).values(
                    chain_id=row.chain_id,
                    contract=Address(bytes(row.contract)),
                    token_id=int.from_bytes(row.token_id, "big"),
                    version=version,
                    fetched_at=now,
                    block_number=row.number,
                    uri=found.uri,
                    sha256=found.sha256,
                    size=found.size,
                    document=found.document,
                    error=found.error,
                )
            )
            _forget_between(connection, row, version)
        connection.execute(
            update(LookupRow)
            .where(*_this(row, LookupRow))
            .values(due_at=None, looked_at=now, looked_block=row.number, attempts=0)
        )


def _forget_between(connection: Any, row: Row[Any], version: int) -> None:
    """A contract may change its word every ten minutes for ever: the first and the last stay."""
    connection.execute(
        text(
            "delete from media_token_metadata where chain_id = :chain_id "
            "and contract = :contract and token_id = :token_id "
            "and version > 1 and version <= :gone"
        ),
        {
            "chain_id": row.chain_id,
            "contract": bytes(row.contract),
            "token_id": bytes(row.token_id),
            "gone": version - MOST_VERSIONS + 1,
        },
    )


def _failed(engine: Engine, row: Row[Any], error: Unreachable, now: datetime) -> None:
    """Later and later; after some days it is a version without a document."""
    if row.attempts + 1 >= MOST_ATTEMPTS:
        _keep(engine, row, _Found("", error=why_not(error)), now)
        return
    wait = timedelta(seconds=max(error.retry_after_seconds, 300 * 3**row.attempts))
    _later(engine, row, now + wait, attempts=row.attempts + 1)


def _later(engine: Engine, row: Row[Any], due_at: datetime, **more: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(LookupRow).where(*_this(row, LookupRow)).values(due_at=due_at, **more)
        )


def _this(row: Row[Any], table: type[LookupRow] | type[TokenMetadataRow]) -> tuple[Any, Any, Any]:
    return (
        col(table.chain_id) == row.chain_id,
        col(table.contract) == Address(bytes(row.contract)),
        col(table.token_id) == int.from_bytes(row.token_id, "big"),
    )
