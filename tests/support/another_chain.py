"""
Another chain in a test's database, beside the one that is mirrored.
"""

from sqlalchemy import Connection, text

ANOTHER = 1

_CURSOR = text(
    """
    insert into chain_cursors
    select (jsonb_populate_record(one, jsonb_build_object('chain_id', cast(:another as bigint)))).*
    from chain_cursors as one
    """
)


def mirrored_too(connection: Connection) -> None:
    """It is read as far as the first."""
    connection.execute(_CURSOR, {"another": ANOTHER})
