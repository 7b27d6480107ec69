"""
Rows packed for COPY, read back as they were; and indexes that a load made without asking twice.
"""

import pytest
from sqlalchemy import Connection, delete, select, text

from indexer import load
from indexer.copying import copy_blocks, copy_moves
from indexer.facts import BLOCKS, TOKENS, TRANSFERS, Move
from indexer.rebuild import side_schema
from nft.types import Digest

CHAIN = 31337


def move(number: int) -> Move:
    """A transfer, no two of them alike."""
    word = number.to_bytes(32, "big")
    return Move(CHAIN, number // 40, number % 40, b"c" * 20, word, word[12:], word[:20], word[::-1])


class TestTransfers:
    @pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 2_500])
    def test_all_of_them_are_written_as_they_are(self, connection: Connection, count: int) -> None:
        moves = [move(number) for number in range(count)]
        with connection.begin() as change:
            copy_moves(connection, moves)
            rows = connection.execute(select(TRANSFERS).order_by(*TRANSFERS.primary_key)).mappings()
            assert [Move.of(dict(row)) for row in rows] == moves
            change.rollback()

    def test_none_is_nothing_to_write(self, connection: Connection) -> None:
        with connection.begin():
            copy_moves(connection, [])
            assert connection.execute(select(TRANSFERS)).all() == []


class TestBlocks:
    def test_each_column_is_written(self, connection: Connection) -> None:
        blocks = [
            {
                "chain_id": CHAIN,
                "number": number,
                "block_hash": Digest(bytes([number] * 32)),
                "parent_hash": Digest(bytes([number - 1] * 32)),
                "timestamp": 2**40 + number,
                "has_facts": number != 2,
                "is_first": number == 1,
            }
            for number in (1, 2, 3)
        ]
        with connection.begin():
            connection.execute(delete(BLOCKS))
            copy_blocks(connection, [])
            copy_blocks(connection, blocks)
            rows = connection.execute(select(BLOCKS).order_by(BLOCKS.c.number)).mappings()
            assert [dict(row) for row in rows] == blocks

    def test_every_column_of_the_table_is_known(self) -> None:
        assert [column.name for column in BLOCKS.columns] == [
            *("chain_id", "number", "block_hash", "parent_hash", "timestamp"),
            *("has_facts", "is_first"),
        ]


def indexes(connection: Connection) -> dict[str, int]:
    """Names and object ids of the large tables' indexes, keys among them."""
    rows = connection.execute(
        text(
            "select relname, oid from pg_class join pg_index on indexrelid = oid where indrelid "
            "in ('chain_transfers'::regclass, 'chain_tokens'::regclass)"
        )
    )
    return {row.relname: row.oid for row in rows}


class TestIndexes:
    def test_those_that_a_load_dropped_are_made_and_no_other_is_touched(
        self, connection: Connection
    ) -> None:
        with side_schema(connection, "loading"):
            with connection.begin():
                before = indexes(connection)
            load.begin(connection, (TOKENS,))
            with connection.begin():
                left = indexes(connection)
            load.make_indexes(connection)
            load.make_indexes(connection)
            with connection.begin():
                after = indexes(connection)
        assert before.keys() - left.keys() == {index.name for index in TOKENS.indexes}
        assert after.keys() == before.keys()
        assert {name: after[name] for name in left} == left

    def test_names_in_another_schema_count_for_nothing(self, connection: Connection) -> None:
        with connection.begin():
            outside = indexes(connection)
        with side_schema(connection, "loading"):
            load.begin(connection)
            load.make_indexes(connection)
            with connection.begin():
                inside = indexes(connection)
        assert inside.keys() == outside.keys()
        assert not set(inside.values()) & set(outside.values())
