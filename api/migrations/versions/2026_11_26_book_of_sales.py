"""
Every way to sell: auctions and vouchers on the book, orders signed together or for a set.

The new columns of `book_orders` have constant defaults, which PostgreSQL adds without touching a
row.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_book_of_sales"
down_revision = "2026_11_25_sales"
branch_labels = None
depends_on = None


def _bytes(name: str, length: int) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=False)


def _amount(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(78, 0), nullable=False)


def _big(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _small(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _list(name: str) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default="[]", nullable=False)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _posted() -> list[sa.Column[object]]:
    """What every signed thing is kept with."""
    return [
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        _flag("is_awaited"),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    ]


def _rules(table: str, rules: dict[str, str]) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=f"{table}_{column}_rule") for column, rule in rules.items()
    ]


def _sized(length: int, *columns: str) -> dict[str, str]:
    return {column: f'octet_length("{column}") = {length}' for column in columns}


def _counted(*columns: str) -> dict[str, str]:
    return {column: f'"{column}" >= 0' for column in columns}


def upgrade() -> None:
    """Forward."""
    for column in (
        _flag("is_awaited"),
        sa.Column("bulk_index", sa.Integer(), server_default="0", nullable=False),
        _list("bulk_proof"),
        _list("set_works"),
    ):
        op.add_column("book_orders", column)
    _make_auctions()
    _make_vouchers()


def _make_auctions() -> None:
    op.create_table(
        "book_auctions",
        _bytes("auction_hash", 32),
        *_big("chain_id"),
        _bytes("auctions", 20),
        _bytes("seller", 20),
        _bytes("contract", 20),
        _bytes("token_id", 32),
        _amount("transfer_count"),
        _amount("reserve"),
        *_big("start", "open_until", "duration", "end"),
        *_small("min_step_bps", "max_royalty_bps", "max_fee_bps"),
        _amount("nonce"),
        _amount("counter"),
        *_posted(),
        sa.PrimaryKeyConstraint("auction_hash"),
        *_rules(
            "book_auctions",
            _sized(32, "auction_hash", "token_id")
            | _sized(20, "auctions", "seller", "contract")
            | _counted("transfer_count", "reserve", "nonce", "counter")
            | {"open_until": "start <= open_until"},
        ),
    )
    op.create_index("book_auctions_token", "book_auctions", ["chain_id", "contract", "token_id"])
    op.create_index("book_auctions_seller", "book_auctions", ["chain_id", "seller", "created_at"])
    op.create_index("book_auctions_newest", "book_auctions", ["created_at", "auction_hash"])


def _make_vouchers() -> None:
    op.create_table(
        "book_vouchers",
        _bytes("voucher_hash", 32),
        *_big("chain_id"),
        _bytes("contract", 20),
        _bytes("signer", 20),
        _bytes("token_id", 32),
        _bytes("metadata_digest", 32),
        _amount("price"),
        _bytes("currency", 20),
        *_small("royalty_bps"),
        _bytes("royalty_receiver", 20),
        _bytes("recipient", 20),
        _bytes("fee_receiver", 20),
        *_small("max_fee_bps"),
        *_big("edition_size", "max_per_recipient", "start", "end"),
        _amount("nonce"),
        _amount("counter"),
        *_posted(),
        sa.PrimaryKeyConstraint("voucher_hash"),
        *_rules(
            "book_vouchers",
            _sized(32, "voucher_hash", "token_id", "metadata_digest")
            | _sized(
                20,
                "contract",
                "signer",
                "currency",
                "royalty_receiver",
                "recipient",
                "fee_receiver",
            )
            | _counted("price", "nonce", "counter")
            | {"end": 'start <= "end"', "edition_size": "edition_size >= 1"},
        ),
    )
    op.create_index("book_vouchers_token", "book_vouchers", ["chain_id", "contract", "token_id"])
    op.create_index("book_vouchers_signer", "book_vouchers", ["chain_id", "signer", "created_at"])
    op.create_index("book_vouchers_newest", "book_vouchers", ["created_at", "voucher_hash"])


def downgrade() -> None:
    """Back."""
    op.drop_table("book_vouchers")
    op.drop_table("book_auctions")
    for column in ("set_works", "bulk_proof", "bulk_index", "is_awaited"):
        op.drop_column("book_orders", column)
