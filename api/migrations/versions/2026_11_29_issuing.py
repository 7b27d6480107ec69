"""
Certificates with evidence: what waits to be issued, hops, proven receipts, audits.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_issuing"
down_revision = "2026_11_29_issuer"
branch_labels = None
depends_on = None

TABLES = (
    "certificate_audits",
    "receipt_proofs",
    "block_hashes",
    "hop_standings",
    "hops",
    "certificates_due",
    "certificate_cursors",
)


def upgrade() -> None:
    """Every certificate there is stays as it is; who signed it is read from its bytes."""
    method = sa.Column("method", sa.String(), server_default="", nullable=False)
    op.add_column("book_certificates", method)
    reason = sa.Column("reason", sa.String(), server_default="issued", nullable=False)
    op.add_column("book_certificates", reason)
    no = sa.text("false")
    op.add_column(
        "book_certificates",
        sa.Column("has_evidence", sa.Boolean(), server_default=no, nullable=False),
    )
    op.execute(
        "UPDATE book_certificates SET method = "
        "coalesce(convert_from(body, 'UTF8')::jsonb #>> '{proof,verificationMethod}', '')"
    )
    op.create_check_constraint(
        "book_certificates_reason_rule",
        "book_certificates",
        "reason IN ('issued', 'mint', 'metadata', 'issuer', 'statement', 'evidence')",
    )
    _make_queue()
    _make_hops()
    _make_audits()


def downgrade() -> None:
    """Versions stay; what says more of them goes."""
    for table in TABLES:
        op.drop_table(f"book_{table}")
    op.drop_constraint("book_certificates_reason_rule", "book_certificates", type_="check")
    for column in ("has_evidence", "reason", "method"):
        op.drop_column("book_certificates", column)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _bytes(name: str, length: int | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    now = sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)


def _list(name: str, default: str | None = "[]") -> sa.Column[object]:
    held = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, held, server_default=default, nullable=False)


def _length(table: str, column: str, bytes_: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f'octet_length("{column}") = {bytes_}', name=f"{table}_{column}_rule")


def _make_queue() -> None:
    table = "book_certificate_cursors"
    op.create_table(
        table,
        *(_number("chain_id"), _number("number")),
        sa.Column("method", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    table = "book_certificates_due"
    op.create_table(
        table,
        *(_number("chain_id"), _bytes("contract", 20), _bytes("token_id", 32), _moment("due_at")),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        _length(table, "contract", 20),
        _length(table, "token_id", 32),
        sa.PrimaryKeyConstraint("chain_id", "contract", "token_id"),
    )
    op.create_index("book_certificates_due_next", table, ["due_at"])


def _make_hops() -> None:
    table = "book_hops"
    op.create_table(
        table,
        *(_number("chain_id"), _number("number"), _bytes("block_hash", 32), _bytes("header")),
        *(_list("account_proof"), _list("links", "{}"), _moment("drawn_at")),
        _length(table, "block_hash", 32),
        sa.PrimaryKeyConstraint("chain_id", "number"),
    )
    op.create_table(
        "book_hop_standings",
        *(_number("chain_id"), _moment("looked_at")),
        sa.Column("is_supported", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("gaps", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    table = "book_block_hashes"
    op.create_table(
        table,
        *(_number("chain_id"), _number("first"), _bytes("hashes")),
        sa.CheckConstraint("octet_length(hashes) % 32 = 0", name=f"{table}_hashes_rule"),
        sa.PrimaryKeyConstraint("chain_id", "first"),
    )
    table = "book_receipt_proofs"
    op.create_table(
        table,
        *(_number("chain_id"), _bytes("block_hash", 32), _bytes("transaction_hash", 32)),
        _number("block_number"),
        sa.Column("first_log", sa.Integer(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        _list("receipt", None),
        _length(table, "block_hash", 32),
        _length(table, "transaction_hash", 32),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "transaction_hash"),
    )


def _make_audits() -> None:
    counts = ("checked", "incomplete", "failed")
    op.create_table(
        "book_certificate_audits",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _moment("finished_at"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        _list("failures"),
        sa.PrimaryKeyConstraint("id"),
    )
