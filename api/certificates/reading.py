"""
The certificate in force by one prepared statement, for many works at once.

It says what `service.get_certificate` says where a version is in force, and nothing otherwise:
whoever finds nothing here asks there. Questions that arrive while one is under way go together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog

from nft.types import TokenRef

log = structlog.get_logger(__name__)

MOST = 64
"""Works of one question."""

PAUSE_SECONDS = 1.0
"""After a failure others are asked for so long."""

_OPTIONS = "-c statement_timeout=5000 -c timezone=UTC -c plan_cache_mode=force_custom_plan"

QUERY = b"""
select w.place, c.version, case when c.version <> w.known then c.body end,
       case when c.version <> w.known then left(encode(sha256(c.body), 'hex'), 32) end,
       k.number, k.block_hash
from unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::int[])
     with ordinality as w (chain_id, contract, token_id, known, place)
join chain_tokens t
  on t.chain_id = w.chain_id and t.contract = w.contract and t.token_id = w.token_id
join chain_blocks b on b.chain_id = t.chain_id and b.number = t.minted_block
join chain_cursors k on k.chain_id = t.chain_id
join media_metadata m on m.digest = t.metadata_digest
join chain_token_changes r
  on r.chain_id = t.chain_id and r.contract = t.contract and r.token_id = t.token_id
 and r.event = 'minted' and r.royalty_receiver is not null
cross join lateral (
  select version, body, mint_block_hash, metadata_digest from book_certificates
  where chain_id = t.chain_id and contract = t.contract and token_id = t.token_id
  order by version desc limit 1
) c
where c.mint_block_hash = b.block_hash
  and (c.metadata_digest = t.metadata_digest or k.safe_number < greatest(t.minted_block, (
    select max(d.block_number) from chain_token_changes d
    where d.chain_id = t.chain_id and d.contract = t.contract and d.token_id = t.token_id
      and d.event in ('minted', 'metadata'))))
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A work, and the version whose bytes are known already (0: none)."""

    token: TokenRef
    known: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """The version in force, and the head of the mirror it was read at."""

    version: int
    body: bytes | None
    """None where the known version is in force."""
    digest: str | None
    """Of the body, as its tag has it: the server hashes what this process would only carry."""
    head_number: int
    head_hash: bytes


class Reader:
    """One connection of its own; questions are gathered while it is busy."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self._waiting: list[tuple[Wanted, asyncio.Future[Read | None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._failed_at = -PAUSE_SECONDS

    async def read(self, wanted: Wanted) -> Read | None:
        """What is in force; None where the ordinary way must be gone."""
        if time.monotonic() - self._failed_at < PAUSE_SECONDS:
            return None
        future: asyncio.Future[Read | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer())
        return await future

    async def close(self) -> None:
        """End the connection; whoever waits goes the ordinary way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._release(self._waiting)
        await self._disconnect()

    async def _answer(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            found: dict[int, Read] = {}
            try:
                found = await self._ask([wanted for wanted, _ in asked])
            except (psycopg.Error, OSError) as error:
                log.info("certificates are not read the short way", error=str(error)[:200])
                self._failed_at = time.monotonic()
                await self._disconnect()
            except asyncio.CancelledError:
                self._release(asked)  # Nobody is left waiting.
                raise
            for place, (_, future) in enumerate(asked, start=1):
                if not future.done():
                    future.set_result(found.get(place))

    @staticmethod
    def _release(asked: Sequence[tuple[Wanted, asyncio.Future[Read | None]]]) -> None:
        for _, future in asked:
            if not future.done():
                future.set_result(None)

    async def _ask(self, asked: Sequence[Wanted]) -> dict[int, Read]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, connect_timeout=5, options=_OPTIONS
            )
        values = (
            [one.token.chain_id for one in asked],
            [bytes(one.token.contract) for one in asked],
            [one.token.token_id.to_bytes(32, "big") for one in asked],
            [one.known for one in asked],
        )
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(QUERY, values, prepare=True)
        return {row[0]: Read(*row[1:]) for row in await cursor.fetchall()}

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
