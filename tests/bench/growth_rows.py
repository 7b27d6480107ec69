"""
A mirror of any size, made by binary COPY from numpy: a seeded history of transfers.

A fifth of the transfers are mints, evenly through the history; the others move a random work that
exists by then. Half of the works are of the house (ids that begin with their creator), half of
fifty-one contracts of others (small ids), one of which made all its works in the first fiftieth of
the history. One work in twenty belongs to one collector, and work 0 has moved a thousand times.
Forty logs a block. Works, changes and blocks say what the transfers say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray

CHAIN_ID = 31337
SEED = 7
LOGS_PER_BLOCK = 40
TRANSFERS_PER_TOKEN = 5
OTHERS = 50
HOT_TRANSFERS = 1_000
CHUNK = 500_000

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Column = tuple[str, Ints | Bytes]


def hashed(numbers: Ints, salt: int, width: int) -> Bytes:
    """Bytes of a given width that depend on a number alone, as an address or hash does."""
    words = []
    with np.errstate(over="ignore"):
        for part in range(-(-width // 8)):
            mixed = numbers.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
            mixed += np.uint64((part + 1) * 0xD1B54A32D192ED03 % 2**64)
            for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
                mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
            words.append((mixed ^ (mixed >> np.uint64(31))).astype(">u8"))
    joined = np.stack(words, axis=1).view(np.uint8).reshape(len(numbers), -1)
    return np.ascontiguousarray(joined[:, :width])


@dataclass(frozen=True, slots=True)
class History:
    """Who held which work when, as numbers; `receiver` and `sender` are collectors, -1 nobody."""

    token: Ints
    sender: Ints
    receiver: Ints
    creators: int
    collectors: int

    @property
    def tokens(self) -> int:
        """How many works there are."""
        return -(-len(self.token) // TRANSFERS_PER_TOKEN)

    @property
    def blocks(self) -> int:
        """The last block's number."""
        return 1 + (len(self.token) - 1) // LOGS_PER_BLOCK

    @classmethod
    def of(cls, transfers: int) -> History:
        """The history of so many transfers."""
        chance = np.random.default_rng(SEED)
        place = np.arange(transfers, dtype=np.int64)
        born = place // TRANSFERS_PER_TOKEN
        token = (chance.random(transfers) * (born + 1)).astype(np.int64)
        token[token == 0] = np.minimum(1, born[token == 0])
        moves = place[place % TRANSFERS_PER_TOKEN != 0]
        token[chance.choice(moves, min(HOT_TRANSFERS, len(moves)) - 1, replace=False)] = 0
        mints = place % TRANSFERS_PER_TOKEN == 0
        token[mints] = born[mints]
        works = -(-transfers // TRANSFERS_PER_TOKEN)
        collectors = max(50, works // 10)
        receiver = chance.integers(1, collectors, transfers)
        receiver[chance.random(transfers) < 1 / 20] = 0
        ordered = np.argsort(token, kind="stable")
        sender = np.empty(transfers, dtype=np.int64)
        sender[ordered] = np.concatenate(([-1], receiver[ordered][:-1]))
        sender[mints] = -1
        return cls(token, sender, receiver, max(10, works // 100), collectors)

    def creator(self, token: Ints) -> Bytes:
        """Of works of the house, the artist; of others, who received them first."""
        artists = hashed(token % self.creators, 2, 20)
        first = collector(self.receiver[token * TRANSFERS_PER_TOKEN])
        return np.where((token % 2 == 0)[:, None], artists, first)

    def token_id(self, token: Ints) -> Bytes:
        """32 bytes."""
        found = np.zeros((len(token), 32), dtype=np.uint8)
        found[:, 24:] = token.astype(">i8").view(np.uint8).reshape(-1, 8)
        found[:, :20] = hashed(token % self.creators, 2, 20) * (token % 2 == 0)[:, None]
        return found

    def contract(self, token: Ints) -> Bytes:
        """Whose work it is: the house's, another's, or of one that made all its works early."""
        others = np.where(token < self.tokens // 50, OTHERS, token // 2 % OTHERS)
        return hashed(np.where(token % 2 == 0, 0, 1 + others), 1, 20)

    def last(self) -> Ints:
        """The place of each work's newest transfer."""
        found = np.zeros(self.tokens, dtype=np.int64)
        np.maximum.at(found, self.token, np.arange(len(self.token), dtype=np.int64))
        return found


def collector(number: Ints) -> Bytes:
    """The collector's address; zero for nobody."""
    return hashed(number, 3, 20) * (number >= 0)[:, None].astype(np.uint8)


def house() -> bytes:
    """The collection that holds half of the works."""
    return hashed(np.zeros(1, dtype=np.int64), 1, 20).tobytes()


def block(place: Ints) -> Ints:
    """Of a transfer."""
    return 1 + place // LOGS_PER_BLOCK


def packed(columns: Sequence[Column]) -> bytes:
    """Rows of fixed widths in PostgreSQL's binary form."""
    form: list[tuple[str, str] | tuple[str, str, int]] = [("count", ">i2")]
    for name, values in columns:
        width = values.shape[1] if values.ndim == 2 else 0
        kind = (name, "u1", width) if width else (name, _KINDS.get(name, ">i8"))
        form += [(f"{name} length", ">i4"), kind]
    rows = np.zeros(len(columns[0][1]), dtype=form)
    rows["count"] = len(columns)
    for name, values in columns:
        rows[f"{name} length"] = rows.dtype[name].itemsize
        rows[name] = values
    return rows.tobytes()


_KINDS = {
    **dict.fromkeys(("log_index", "minted_log_index", "royalty_bps"), ">i4"),
    **dict.fromkeys(("is_frozen", "has_facts"), "?"),
}


def copy(driver: psycopg.Connection[object], table: str, columns: Sequence[Column]) -> None:
    """COPY the columns into a table."""
    names = ", ".join(name for name, _ in columns)
    query = f"copy {table} ({names}) from stdin with (format binary)"
    with driver.cursor().copy(query.encode()) as writing:
        writing.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        writing.write(packed(columns))
        writing.write(b"\xff\xff")


def _chunks(count: int) -> Iterator[Ints]:
    for start in range(0, count, CHUNK):
        yield np.arange(start, min(count, start + CHUNK), dtype=np.int64)


def _chain(rows: Ints) -> Column:
    return "chain_id", np.full(len(rows), CHAIN_ID, dtype=np.int64)


def transfers(history: History, place: Ints) -> list[Column]:
    """Rows of `chain_transfers`."""
    token = history.token[place]
    return [
        _chain(place),
        ("block_number", block(place)),
        ("log_index", place % LOGS_PER_BLOCK),
        ("contract", history.contract(token)),
        ("token_id", history.token_id(token)),
        ("sender", collector(history.sender[place])),
        ("receiver", collector(history.receiver[place])),
        ("transaction_hash", hashed(block(place), 4, 32)),
    ]


def _tokens(history: History, token: Ints, last: Ints, count: Ints) -> list[Column]:
    minted = token * TRANSFERS_PER_TOKEN
    return [
        _chain(token),
        ("contract", history.contract(token)),
        ("token_id", history.token_id(token)),
        ("creator", history.creator(token)),
        ("owner", collector(history.receiver[last[token]])),
        ("transfer_count", count[token] - 1),
        ("royalty_bps", np.zeros(len(token), dtype=np.int64)),
        ("royalty_receiver", np.zeros((len(token), 20), dtype=np.uint8)),
        ("is_frozen", np.zeros(len(token), dtype=np.int64)),
        ("minted_block", block(minted)),
        ("minted_log_index", minted % LOGS_PER_BLOCK),
        ("mint_transaction", hashed(block(minted), 4, 32)),
        ("updated_block", block(last[token])),
    ]


def _changes(history: History, token: Ints) -> list[Column]:
    minted = token * TRANSFERS_PER_TOKEN
    return [
        _chain(token),
        ("block_number", block(minted)),
        ("log_index", 1_000 + minted % LOGS_PER_BLOCK),
        ("contract", history.contract(token)),
        ("token_id", history.token_id(token)),
        ("event", np.frombuffer(b"minted", dtype=np.uint8) + np.zeros((len(token), 1), np.uint8)),
        ("metadata_digest", hashed(token, 5, 32)),
        ("transaction_hash", hashed(block(minted), 4, 32)),
    ]


def time_of(number: Ints) -> Ints:
    """When a block was mined, in Unix seconds."""
    return 1_700_000_000 + 12 * number


def _blocks(number: Ints) -> list[Column]:
    return [
        _chain(number),
        ("number", number),
        ("block_hash", hashed(number, 6, 32)),
        ("parent_hash", hashed(number - 1, 6, 32)),
        ("timestamp", time_of(number)),
        ("has_facts", np.ones(len(number), dtype=np.int64)),
    ]


def fill(driver: psycopg.Connection[object], history: History) -> None:
    """Write the whole mirror; indexes are kept all the while, as the indexer does."""
    for place in _chunks(len(history.token)):
        copy(driver, "chain_transfers", transfers(history, place))
    last = history.last()
    count = np.bincount(history.token, minlength=history.tokens).astype(np.int64)
    for token in _chunks(history.tokens):
        house, others = token[token % 2 == 0], token[token % 2 == 1]
        described: Column = ("metadata_digest", hashed(house, 5, 32))
        copy(driver, "chain_tokens", [*_tokens(history, house, last, count), described])
        copy(driver, "chain_tokens", _tokens(history, others, last, count))
        copy(driver, "chain_token_changes", _changes(history, house))
    for number in _chunks(history.blocks):
        copy(driver, "chain_blocks", _blocks(number + 1))
