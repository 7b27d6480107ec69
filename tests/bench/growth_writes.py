"""
The writes whose cost must not grow: a batch, a recomputation, a rewind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import psycopg
from sqlalchemy import Connection, delete

from indexer.facts import BLOCKS, FACTS, TRANSFERS, Token
from indexer.fold import Span, fold
from indexer.recompute import recompute
from nft.types import Address
from tests.bench import growth_rows as rows
from tests.bench.growth_rows import CHAIN_ID, History, Ints

BATCH = 5_000
REWOUND = 10

Write = Callable[[Connection, int], int]


def driver_of(connection: Connection) -> psycopg.Connection[object]:
    """The driver's connection below."""
    found: psycopg.Connection[object] = connection.connection.driver_connection  # type: ignore[assignment]
    return found


def _next(history: History, argument: int) -> tuple[History, Ints]:
    """A history that goes on for one batch, and the places of the batch."""
    have = len(history.token)
    chance = np.random.default_rng(rows.SEED + argument)
    place = np.arange(have, have + BATCH, dtype=np.int64)
    token = chance.integers(0, history.tokens, BATCH)
    mints = place % rows.TRANSFERS_PER_TOKEN == 0
    token[mints] = place[mints] // rows.TRANSFERS_PER_TOKEN
    more = History(
        np.concatenate((history.token, token)),
        np.concatenate((history.sender, np.where(mints, -1, 0))),
        np.concatenate((history.receiver, chance.integers(1, history.collectors, BATCH))),
        history.creators,
        history.collectors,
    )
    return more, place


def batch(history: History, *, with_works: bool = True) -> Write:
    """A batch of 5,000 transfers, a fifth of them mints, and their works."""

    def write(connection: Connection, argument: int) -> int:
        more, place = _next(history, argument)
        driver = driver_of(connection)
        rows.copy(driver, "chain_transfers", rows.transfers(more, place))
        if with_works:
            span = Span((history.blocks + 1, 2**40))
            fold(connection, CHAIN_ID, [Address(rows.house())], span)
        return len(place)

    return write


def recomputed(history: History) -> Write:
    """Twenty works derived anew from their facts."""

    def write(connection: Connection, argument: int) -> int:
        chance = np.random.default_rng(rows.SEED + argument)
        token = chance.integers(0, history.tokens, 20)
        recompute(connection, CHAIN_ID, [Address(rows.house())], _named(history, token))
        return len(token)

    return write


def rewound(history: History) -> Write:
    """The last ten blocks fall, and the works that they moved are derived anew."""

    def write(connection: Connection, argument: int) -> int:
        number = history.blocks - REWOUND
        for table in FACTS:
            gone = connection.execute(
                delete(table)
                .where(table.c.chain_id == CHAIN_ID, table.c.block_number > number)
                .returning(*table.c)
            ).all()
            if table is TRANSFERS:
                touched = {(bytes(row.contract), row.token_id.to_bytes(32, "big")) for row in gone}
        connection.execute(
            delete(BLOCKS).where(BLOCKS.c.chain_id == CHAIN_ID, BLOCKS.c.number > number)
        )
        recompute(connection, CHAIN_ID, [Address(rows.house())], touched)
        return len(touched)

    return write


def _named(history: History, token: Ints) -> set[Token]:
    ids, contracts = history.token_id(token), history.contract(token)
    return {(address.tobytes(), one.tobytes()) for address, one in zip(contracts, ids, strict=True)}


WRITES: dict[str, Callable[[History], Write]] = {
    "write 5,000 transfers": partial(batch, with_works=False),
    "write 5,000 transfers and their works": batch,
    "recompute 20 works": recomputed,
    "rewind 10 blocks (400 transfers)": rewound,
}
