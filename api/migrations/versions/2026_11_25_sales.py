"""
Every way to sell a work, mirrored: auctions, vouchers, artists' collections, splitters, and what
the platform decides.

Locking rules as in `2026_11_22_mirror`. The mirror can be read anew (`vernissage index rebuild`),
which also fills what the new columns say about old rows; until then they are listings, as they
were. The new columns' rules and the one index on an old table (partial, and empty at first) cost
a scan of sales and of works, seconds for millions, and write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_sales"
down_revision = "2026_11_22_book"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    _change_tables()
    _make_auctions()
    _make_collections()
    _make_the_rest()


def _change_tables() -> None:
    op.alter_column("chain_credits", "exchange", new_column_name="contract")
    op.execute(
        "ALTER TABLE chain_credits "
        "RENAME CONSTRAINT chain_credits_exchange_rule TO chain_credits_contract_rule"
    )
    op.add_column(
        "chain_sales", sa.Column("kind", sa.String(), server_default="listing", nullable=False)
    )
    op.add_column("chain_sales", sa.Column("fee_receiver", sa.LargeBinary(length=20)))
    op.add_column("chain_tokens", sa.Column("held_for", sa.LargeBinary(length=20)))
    for name, table, rule in (
        (
            "chain_sales_kind_rule",
            "chain_sales",
            "kind IN ('listing', 'bundle', 'offer', 'auction', 'voucher')",
        ),
        (
            "chain_sales_fee_receiver_rule",
            "chain_sales",
            'octet_length("fee_receiver") = 20',
        ),
        ("chain_tokens_held_for_rule", "chain_tokens", 'octet_length("held_for") = 20'),
    ):
        op.create_check_constraint(name, table, rule)
    op.create_index(
        "chain_tokens_held",
        "chain_tokens",
        ["chain_id", "held_for", "updated_block"],
        unique=False,
        postgresql_where=sa.text("held_for is not null"),
    )


def _fact(
    table: str,
    *columns: sa.Column[Any],
    rules: Mapping[str, str] | None = None,
    indexes: Mapping[str, Sequence[str]],
) -> None:
    """A table of facts: its own columns between those of every fact, each with its rule."""
    columns = (*columns, _bytes("transaction_hash", 32))
    checks = {**(rules or {})}
    for column in columns:
        if isinstance(column.type, sa.LargeBinary):
            checks[column.name] = f'octet_length("{column.name}") = {column.type.length}'
        elif isinstance(column.type, sa.Numeric):
            checks[column.name] = f'"{column.name}" >= 0'
    op.create_table(
        table,
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        *columns,
        *[
            sa.CheckConstraint(rule, name=f"{table}_{column}_rule")
            for column, rule in sorted(checks.items())
        ],
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    for name, parts in indexes.items():
        op.create_index(f"{table}_{name}", table, ["chain_id", *parts], unique=False)


def _bytes(name: str, length: int = 20, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=nullable)


def _amount(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(78, 0), nullable=nullable)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _moved() -> sa.Column[Any]:
    return sa.Column("transfer_log_index", sa.Integer())


def _make_auctions() -> None:
    _fact(
        "chain_auctions",
        *(_bytes("auctions"), _bytes("auction_hash", 32), _bytes("seller")),
        *(_bytes("contract"), _bytes("token_id", 32), _moved()),
        indexes={
            "hash": ["auction_hash"],
            "token": ["contract", "token_id", "block_number"],
            "seller": ["seller", "block_number"],
        },
    )
    _fact(
        "chain_bids",
        *(_bytes("auctions"), _bytes("auction_hash", 32), _bytes("bidder"), _amount("amount")),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        indexes={
            "auction": ["auction_hash", "block_number", "log_index"],
            "bidder": ["bidder", "block_number"],
        },
    )
    _fact(
        "chain_outcomes",
        *(_bytes("auctions"), _bytes("auction_hash", 32), _text("outcome"), _moved()),
        rules={"outcome": "outcome IN ('settled', 'unwound', 'reclaimed')"},
        indexes={"auction": ["auction_hash"]},
    )
    _fact(
        "chain_skips",
        *(_bytes("exchange"), _bytes("order_hash", 32), _text("reason")),
        indexes={"order": ["order_hash"]},
    )


def _make_collections() -> None:
    _fact(
        "chain_collections",
        *(_bytes("contract"), _bytes("artist"), _text("name"), _text("symbol")),
        indexes={"contract": ["contract"], "artist": ["artist", "block_number"]},
    )
    _fact(
        "chain_descriptions",
        _bytes("contract"),
        indexes={"contract": ["contract", "block_number"]},
    )
    _fact(
        "chain_editions",
        *(_bytes("contract"), _bytes("first_token_id", 32)),
        sa.Column("size", sa.BigInteger(), nullable=False),
        rules={"size": "size > 0"},
        indexes={"first": ["contract", "first_token_id"]},
    )
    _fact(
        "chain_minters",
        *(_bytes("contract"), _bytes("creator"), _bytes("minter")),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        indexes={"of": ["contract", "creator", "minter"]},
    )
    _fact(
        "chain_default_royalties",
        *(_bytes("contract"), _bytes("creator")),
        sa.Column("royalty_bps", sa.Integer(), nullable=False),
        _bytes("royalty_receiver"),
        rules={"royalty_bps": "royalty_bps BETWEEN 0 AND 10000"},
        indexes={"of": ["contract", "creator", "block_number"]},
    )
    _fact(
        "chain_all_frozen",
        *(_bytes("contract"), _bytes("creator")),
        indexes={"of": ["contract", "creator"]},
    )


def _make_the_rest() -> None:
    _fact(
        "chain_governance",
        *(_bytes("contract"), _text("event")),
        *(_bytes("account", nullable=True), _bytes("currency", nullable=True)),
        sa.Column("allowed", sa.Boolean()),
        sa.Column("fee_bps", sa.Integer()),
        sa.Column("starts_at", sa.BigInteger()),
        sa.Column("ends_at", sa.BigInteger()),
        _amount("amount", nullable=True),
        rules={"fee_bps": "fee_bps BETWEEN 0 AND 10000"},
        indexes={"of": ["contract", "event", "block_number"]},
    )
    _fact(
        "chain_splitters",
        _bytes("splitter"),
        sa.Column("shares", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        indexes={"splitter": ["splitter"]},
    )
    op.create_index(
        "chain_splitters_receivers",
        "chain_splitters",
        ["shares"],
        postgresql_using="gin",
        postgresql_ops={"shares": "jsonb_path_ops"},
    )
    _fact(
        "chain_releases",
        *(_bytes("splitter"), _bytes("receiver"), _bytes("currency"), _amount("amount")),
        indexes={
            "splitter": ["splitter", "currency", "receiver"],
            "receiver": ["receiver", "block_number"],
        },
    )


MADE = (
    *("chain_auctions", "chain_bids", "chain_outcomes", "chain_skips"),
    *("chain_collections", "chain_descriptions", "chain_editions", "chain_minters"),
    *("chain_default_royalties", "chain_all_frozen"),
    *("chain_governance", "chain_splitters", "chain_releases"),
)


def downgrade() -> None:
    """Back."""
    for table in reversed(MADE):
        op.drop_table(table)
    op.drop_index("chain_tokens_held", table_name="chain_tokens")
    op.drop_column("chain_tokens", "held_for")
    op.drop_column("chain_sales", "fee_receiver")
    op.drop_column("chain_sales", "kind")
    op.execute(
        "ALTER TABLE chain_credits "
        "RENAME CONSTRAINT chain_credits_contract_rule TO chain_credits_exchange_rule"
    )
    op.alter_column("chain_credits", "contract", new_column_name="exchange")
