"""
The certificate in force by one prepared statement, for many works at once.

It says what `service.get_certificate` says where a version is in force, and nothing otherwise:
whoever finds nothing here asks there. Questions that arrive while one is under way go together.

The event loop listens to the connection itself, and libpq puts the pieces together. A thread that
waits in libpq is woken as often, and each question goes to it and back besides: twice the work
for one certificate, a fifth more for sixteen.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from psycopg import pq

from nft.types import TokenRef

log = structlog.get_logger(__name__)

MOST = 64
"""Works of one question."""

PAUSE_SECONDS = 1.0
"""After a failure others are asked for so long."""

PATIENCE_SECONDS = 6.0
"""For an answer: the server gives up after five, one that is lost without a word never does."""

_OPTIONS = (
    "-c statement_timeout=5000 -c timezone=UTC -c plan_cache_mode=force_generic_plan"
    " -c join_collapse_limit=1 -c enable_seqscan=off -c enable_material=off"
    " -c enable_hashjoin=off -c enable_mergejoin=off"
)
"""To plan this takes longer than to answer it. One plan is kept: in the order written, each step by
a key, which is right for tables of any size."""

STATEMENT = b"certificates"

QUERY = b"""
select w.place, c.version, case when c.version <> w.known then c.body end, c.tag,
       k.number, k.block_hash
from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::int[])
     with ordinality as w (chain_id, contract, token_id, known, place)
join chain_tokens t
  on t.chain_id = w.chain_id and t.contract = w.contract and t.token_id = w.token_id
join chain_blocks b on b.chain_id = t.chain_id and b.number = t.minted_block
join chain_cursors k on k.chain_id = t.chain_id
join media_metadata m on m.digest = t.metadata_digest
cross join lateral (
  select royalty_receiver from chain_token_changes
  where chain_id = t.chain_id and contract = t.contract and token_id = t.token_id
    and event = 'minted' limit 1
) r
cross join lateral (
  select version, body, tag, mint_block_hash, metadata_digest from book_certificates
  where chain_id = t.chain_id and contract = t.contract and token_id = t.token_id
  order by version desc limit 1
) c
where c.mint_block_hash = b.block_hash and r.royalty_receiver is not null
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
    tag: str
    """Of the body, as it is kept beside it."""
    head_number: int
    head_hash: bytes


Question = tuple[Wanted, "asyncio.Future[Read | None]"]


class _Silent(Exception):
    def __str__(self) -> str:
        return "the server does not answer"


class Reader:
    """One connection of its own; questions are gathered while it is busy."""

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._url = url
        self._patience_seconds = patience_seconds
        self._line: Line | None = None
        self._waiting: list[Question] = []
        self._asked: list[Question] = []
        self._is_busy = False
        self._next: asyncio.Handle | None = None
        self._late: asyncio.Handle | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._failed_at = -PAUSE_SECONDS

    async def read(self, wanted: Wanted) -> Read | None:
        """What is in force; None where the ordinary way must be gone."""
        if time.monotonic() - self._failed_at < PAUSE_SECONDS:
            return None
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Read | None] = loop.create_future()
        self._waiting.append((wanted, future))
        if not self._is_busy:
            self._is_busy = True
            self._next = loop.call_soon(self._ask)  # What else arrives in this round goes along.
        return await future

    async def close(self) -> None:
        """End the connection; whoever waits goes the ordinary way."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        self._hang_up()

    def _ask(self) -> None:
        if not self._waiting:
            self._is_busy = False
            return
        if self._line is None:
            self._connecting = asyncio.create_task(self._connect())
            return
        self._asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        loop = asyncio.get_running_loop()
        self._late = loop.call_later(self._patience_seconds, self._fail, _Silent())
        try:
            self._line.ask([wanted for wanted, _ in self._asked])
        except Exception as error:
            self._fail(error)

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                self._line = await Line.open(self._url, self._hear)
        except Exception as error:
            self._fail(error)
        else:
            self._ask()

    def _hear(self) -> None:
        """Something came: an answer, a piece of it, or the end of the connection."""
        try:
            found = self._line.answer() if self._line is not None else None
        except Exception as error:
            self._fail(error)
            return
        if found is not None:
            if self._late is not None:
                self._late.cancel()
            asked, self._asked = self._asked, []
            for place, (_, future) in enumerate(asked, start=1):
                if not future.done():
                    future.set_result(found.get(place))
            self._ask()

    def _fail(self, error: Exception) -> None:
        """Whatever it is: nobody is left waiting."""
        log.info("certificates are not read the short way", error=str(error)[:200])
        if self._is_busy:
            self._failed_at = time.monotonic()
        self._hang_up()

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
        # Else two would ask once there is a question again, or a new line be given up for an old.
        for handle in (self._next, self._late):
            if handle is not None:
                handle.cancel()
        gone, self._asked, self._waiting = self._asked + self._waiting, [], []
        self._is_busy = False
        for _, future in gone:
            if not future.done():
                future.set_result(None)


class Line:
    """A connection that is asked one question after the other, and heard when something comes."""

    def __init__(
        self, connection: psycopg.AsyncConnection[tuple[Any, ...]], hear: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._ours = connection.pgconn
        self._loop = asyncio.get_running_loop()
        # Ours to close: libpq closes its own when the server is lost, while the loop still watches.
        self._watched = os.dup(connection.fileno())
        self._found: dict[int, Read] | None = None
        self._loop.add_reader(self._watched, hear)

    @classmethod
    async def open(cls, url: str, hear: Callable[[], None]) -> Line:
        """Connect, and let the plan be made."""
        connection = await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=5, options=_OPTIONS
        )
        try:
            await connection.execute(b"PREPARE " + STATEMENT + b" AS " + QUERY)
            return cls(connection, hear)
        except BaseException:
            await connection.close()
            raise

    def ask(self, asked: Sequence[Wanted]) -> None:
        """Send a question; `answer` has what is said to it."""
        values = (
            _array([b"%d" % one.token.chain_id for one in asked]),
            _array([_hex(bytes(one.token.contract)) for one in asked]),
            _array([_hex(one.token.token_id.to_bytes(32, "big")) for one in asked]),
            _array([b"%d" % one.known for one in asked]),
        )
        self._ours.send_query_prepared(STATEMENT, values, result_format=pq.Format.BINARY)
        if self._ours.flush():  # Not two dozen kilobytes: nobody reads at the other end.
            raise psycopg.OperationalError("the server takes no questions")

    def answer(self) -> dict[int, Read] | None:
        """What was found, by place; None while there is more to come, or nothing was asked."""
        self._ours.consume_input()
        while not self._ours.is_busy():
            result = self._ours.get_result()
            if result is None:
                found, self._found = self._found, None
                return found
            if result.status != pq.ExecStatus.TUPLES_OK:
                raise psycopg.DatabaseError(result.error_message.decode("utf-8", "replace").strip())
            self._found = dict(_read(result.get_value, row) for row in range(result.ntuples))
        return None

    def close(self) -> None:
        """End it, whatever is under way."""
        self._loop.remove_reader(self._watched)
        os.close(self._watched)
        self._ours.finish()


def _read(value: Callable[[int, int], bytes | None], row: int) -> tuple[int, Read]:
    """One row, as PostgreSQL sends it in binary; the body is copied once."""
    return _int(value(row, 0)), Read(
        version=_int(value(row, 1)),
        body=value(row, 2),
        tag=(value(row, 3) or b"").decode("ascii"),
        head_number=_int(value(row, 4)),
        head_hash=value(row, 5) or b"",
    )


def _int(value: bytes | None) -> int:
    return int.from_bytes(value or b"", "big")


def _array(items: Sequence[bytes]) -> bytes:
    return b"{" + b",".join(items) + b"}"


def _hex(value: bytes) -> bytes:
    return b'"\\\\x' + value.hex().encode("ascii") + b'"'
