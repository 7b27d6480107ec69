"""
What receipts prove of our logs, and what the mirror holds, in one form and compared.

The mirror should hold the logs of every contract it watches, of a factory's from the log of its
creation on, and of a stranger's as far as its history has been read.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, select, text

from indexer import registry, venues
from indexer.facts import BREAKS, FACTS, TRANSFERS, Facts, Item, Move, Row
from indexer.mirror import stored_watch
from indexer.watch import Found, Watch
from nft.chain.deployments import Deployment
from nft.chain.logs import TRANSFER_TOPIC
from nft.chain.protocol import Log
from nft.database import as_sqlalchemy, driver
from nft.proofs.headers import Header
from nft.proofs.receipts import ReceiptIn
from nft.types import Address, Digest

COMPARED = tuple(table for table in FACTS if table is not BREAKS)
"""A break of custody is derived from transfers."""

TRANSFER = "0x" + TRANSFER_TOPIC.hex()

_new = tuple.__new__
"""Of a row that has all its columns: three times as fast as naming them."""


@dataclass(frozen=True)
class Reach:
    """Whose logs should be in the mirror, and in which blocks."""

    watch: Watch
    unread: Mapping[bytes, tuple[int, int]]
    """Contracts by the blocks of their history, both ends, that nobody has read yet."""

    @classmethod
    def stored(cls, connection: Connection, deployment: Deployment) -> Reach:
        """As the database has it. Belongs into a transaction."""
        unread = {
            bytes(one.contract): (one.next_block, one.joined_block or 0)
            for one in registry.backfilling(connection, deployment.chain_id)
        }
        return cls(stored_watch(connection, deployment), unread)

    def with_found(self, found: Sequence[Found]) -> Reach:
        """With what factories made besides."""
        return replace(self, watch=self.watch.with_found(found))

    def holds(self, contract: bytes, number: int, log_index: int) -> bool:
        """Whether a log at that place should be there."""
        if (number, log_index) <= self._born.get(contract, (-1, -1)):
            return False
        first, last = self.unread.get(contract, (0, -1))
        return not first <= number <= last

    def may_be_in(self, bloom: int) -> bool:
        """
        Whether a block with this bloom may hold a log of ours; False is certain.

        Unlike the reader, who is behind no proof, a full bloom is no excuse.
        """
        return bool(bloom) and any(
            bloom & contract == contract and any(bloom & topic == topic for topic in topics)
            for contract, topics in self._masks
        )

    @cached_property
    def by_text(self) -> Mapping[str, tuple[Address, Mapping[str, int]]]:
        """Contracts and first topics as a node words them."""
        return {name: known for part in self.watch.parts for name, known in part.by_text.items()}

    @property
    def whole(self) -> Set[bytes]:
        """Contracts of others whose history is read."""
        return self.watch.quiet.keys() - self.unread.keys()

    @cached_property
    def bounded(self) -> Set[bytes]:
        """Contracts whose logs should not be there in every block."""
        return self._born.keys() | self.unread.keys()

    @cached_property
    def _born(self) -> Mapping[bytes, tuple[int, int]]:
        return {bytes(one.address): (one.block, one.log_index) for one in self.watch.found}

    @cached_property
    def _masks(self) -> Sequence[tuple[int, tuple[int, ...]]]:
        return [one for part in self.watch.parts for one in (*part.fixed, *part.found)]


@dataclass(frozen=True, slots=True)
class Proven:
    """A block, and all of its logs that should be in the mirror."""

    header: Header
    items: Sequence[Item]


def read(
    chain_id: int, header: Header, receipts: Sequence[ReceiptIn], reach: Reach
) -> tuple[Proven, Reach]:
    """
    The block's logs of ours, of receipts that were checked.

    What a factory makes in it is listened to from there on: the reach grows.
    """
    while True:
        items = list(_items(chain_id, header, receipts, reach))
        found = reach.watch.discover(item for item in items if type(item) is Log)
        if not found:
            return Proven(header, _with_sales_elsewhere(items)), reach
        reach = reach.with_found(found)


def _with_sales_elsewhere(items: list[Item]) -> list[Item]:
    """Of other venues' logs only those of transactions in which a mirrored work moved."""
    said = [item for item in items if _is_of_venue(item)]
    if not said:
        return items
    own = [item for item in items if not _is_of_venue(item)]
    kept = [*own, *venues.of_moves(said, own)]
    return sorted(kept, key=lambda item: item.log_index)


def _is_of_venue(item: Item) -> bool:
    return isinstance(item, Log) and item.address in venues.VENUES


def _items(
    chain_id: int, header: Header, receipts: Sequence[ReceiptIn], reach: Reach
) -> Iterator[Item]:
    bounded, number, index = reach.bounded, header.number, -1
    by_text = reach.by_text
    if venues.PART.may_be_in(header.bloom):
        by_text = {**venues.PART.by_text, **by_text}
    for receipt in receipts:
        transaction = b""
        for log in receipt.logs:
            index += 1
            known = by_text.get(log.address) or by_text.get(log.address.lower())
            topics = log.topics
            if known is None or not topics:
                continue
            if topics[0] not in known[1] and topics[0].lower() not in known[1]:
                continue
            contract = known[0]
            if contract in bounded and not reach.holds(contract, number, index):
                continue
            transaction = transaction or bytes.fromhex(receipt.transaction_hash[2:])
            if len(topics) == 4 and topics[0] == TRANSFER and log.data == "0x":
                told = unhexlify(topics[3][2:] + topics[1][26:] + topics[2][26:])
                row = chain_id, number, index, contract, told[:32], told[32:52], told[52:]
                yield _new(Move, (*row, transaction))
            else:
                yield Log(
                    address=contract,
                    topics=tuple([bytes.fromhex(topic[2:]) for topic in topics]),
                    data=bytes.fromhex(log.data[2:]),
                    block_number=number,
                    block_hash=header.block_hash,
                    transaction_hash=Digest(transaction),
                    log_index=index,
                )


# What the mirror holds

_COUNTS = " union all ".join(
    f"select {place}, count(*) from {table.name} "
    "where chain_id = :chain_id and block_number between :first and :last"
    for place, table in enumerate(COMPARED)
)
_STORED_MOVES = (
    f"select {', '.join(Move._fields)} from {TRANSFERS.name} where chain_id = %s "
    "and block_number between %s and %s order by block_number, log_index"
)


def stored(connection: Connection, chain_id: int, first: int, last: int) -> Facts:
    """The facts of these blocks, both ends included. Belongs into a transaction."""
    values = {"chain_id": chain_id, "first": first, "last": last}
    facts = Facts()
    for place, count in connection.execute(text(_COUNTS), values):
        table = COMPARED[place]
        if not count:
            continue
        if table is TRANSFERS:
            with as_sqlalchemy(), driver(connection).cursor(binary=True) as cursor:
                rows = cursor.execute(_STORED_MOVES.encode(), (chain_id, first, last))
                facts.moves.extend(rows.fetchall())
            continue
        here = (table.c.chain_id == chain_id, table.c.block_number.between(first, last))
        found = connection.execute(select(table).where(*here)).mappings()
        facts.rows[table.name] = [dict(row) for row in found]
    return facts


def differing(one: Facts, other: Facts) -> set[int]:
    """The blocks in which the two are not the same to the last column."""
    differ: set[int] = set()
    if one.moves != other.moves:
        odd = set(one.moves) ^ set(other.moves)
        differ |= {Move._make(move).block_number for move in odd}
    for table in COMPARED:
        if table is TRANSFERS:
            continue
        these, those = (_keyed(table, facts.of(table)) for facts in (one, other))
        if these != those:
            differ |= {
                place[0]
                for place in these.keys() | those.keys()
                if these.get(place) != those.get(place)
            }
    return differ


def _keyed(table: Table, rows: Collection[Row]) -> dict[tuple[int, int, Any], Row]:
    """Rows by block, log and whatever else is in the key, with every column."""
    names = [column.name for column in table.columns]
    rest = [
        column.name
        for column in table.primary_key
        if column.name not in ("chain_id", "block_number", "log_index")
    ]
    return {
        (row["block_number"], row["log_index"], tuple(row[name] for name in rest)): {
            name: row.get(name) for name in names
        }
        for row in rows
    }


def of_block(facts: Facts, number: int) -> Facts:
    """The part of it that stands in one block."""
    rows = {
        name: [row for row in rows if row["block_number"] == number]
        for name, rows in facts.rows.items()
    }
    return Facts(
        rows={name: kept for name, kept in rows.items() if kept},
        moves=[Move._make(move) for move in facts.moves if move[1] == number],
    )
