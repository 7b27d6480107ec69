"""
The issuer's keys, places in status lists and what became of them, checkpoints and anchors.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_issuer"
down_revision = "2026_11_29_standing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    _make_keys()
    _make_status()
    _make_checkpoints()
    _make_anchors()


def downgrade() -> None:
    """Take them away again."""
    for name in (
        *("anchored", "anchors", "checkpoints"),
        *("status_changes", "status_entries", "issuer_keys"),
    ):
        op.drop_table(f"book_{name}")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _length(table: str, column: str, bytes_: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f'octet_length("{column}") = {bytes_}', name=f"{table}_{column}_rule")


def _document(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=True)


def _certificate() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _make_keys() -> None:
    table = "book_issuer_keys"
    op.create_table(
        table,
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        _moment("valid_from"),
        _moment("compromised_from", nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        _length(table, "public_key", 32),
        sa.CheckConstraint("number >= 1", name="book_issuer_keys_number_rule"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("public_key"),
    )


def _make_status() -> None:
    table = "book_status_entries"
    now = sa.text("now()")
    op.create_table(
        table,
        sa.Column("list_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        *_certificate(),
        sa.Column("allocated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        _length(table, "contract", 20),
        _length(table, "token_id", 32),
        sa.CheckConstraint("place BETWEEN 0 AND 131071", name="book_status_entries_place_rule"),
        sa.PrimaryKeyConstraint("list_number", "place"),
        sa.UniqueConstraint("chain_id", "contract", "token_id", "version"),
    )
    table = "book_status_changes"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), nullable=False),
        *_certificate(),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _moment("changed_at"),
        _length(table, "contract", 20),
        _length(table, "token_id", 32),
        sa.CheckConstraint("status BETWEEN 0 AND 2", name="book_status_changes_status_rule"),
        sa.PrimaryKeyConstraint("id"),
    )
    named = ["chain_id", "contract", "token_id", "version", "id"]
    op.create_index("book_status_changes_token", table, named, unique=False)


def _make_checkpoints() -> None:
    table = "book_checkpoints"
    op.create_table(
        table,
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        _moment("noted_at"),
        _length(table, "block_hash", 32),
        sa.PrimaryKeyConstraint("chain_id", "number"),
    )


def _make_anchors() -> None:
    table = "book_anchors"
    op.create_table(
        table,
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        _moment("prepared_at"),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=True),
        sa.Column("anchorer", sa.LargeBinary(length=20), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("timestamp", sa.BigInteger(), nullable=True),
        sa.Column("state_block", sa.BigInteger(), nullable=True),
        _document("evidence"),
        _document("issuer_key"),
        _length(table, "root", 32),
        _length(table, "contract", 20),
        _length(table, "anchorer", 20),
        sa.CheckConstraint("octet_length(leaves) % 33 = 0", name="book_anchors_leaves_rule"),
        sa.PrimaryKeyConstraint("chain_id", "day"),
    )
    table = "book_anchored"
    op.create_table(
        table,
        sa.Column("certificate", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        _length(table, "certificate", 32),
        sa.PrimaryKeyConstraint("certificate"),
    )
    op.create_index("book_anchored_day", table, ["chain_id", "day"], unique=False)
