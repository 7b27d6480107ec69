"""
What artists state of their works, signed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_statements"
down_revision = "2026_11_28_media"
branch_labels = None
depends_on = None


def _bytes(name: str, length: int | None = None) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=False)


def _length(table: str, column: str, bytes_: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f'octet_length("{column}") = {bytes_}', name=f"{table}_{column}_rule")


def upgrade() -> None:
    """One row for a signature, one for each work under it."""
    table = "book_statements"
    op.create_table(
        table,
        _bytes("digest", 32),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        _bytes("contract", 20),
        _bytes("signer", 20),
        _bytes("signature"),
        sa.Column("by_contract", sa.Boolean(), nullable=False),
        sa.Column("is_awaited", sa.Boolean(), nullable=False),
        _bytes("works"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _length(table, "digest", 32),
        _length(table, "contract", 20),
        _length(table, "signer", 20),
        sa.CheckConstraint(
            "octet_length(works) > 0 AND octet_length(works) % 32 = 0", name=f"{table}_works_rule"
        ),
        sa.PrimaryKeyConstraint("digest"),
    )
    table = "book_stated_works"
    op.create_table(
        table,
        _bytes("digest", 32),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        _bytes("contract", 20),
        _bytes("token_id", 32),
        _bytes("last_token_id", 32),
        sa.Column("copies", sa.Numeric(78, 0), nullable=False),
        _bytes("metadata_digest", 32),
        *(
            _length(table, name, 20 if name == "contract" else 32)
            for name in ("digest", "contract", "token_id", "last_token_id", "metadata_digest")
        ),
        sa.CheckConstraint('"copies" >= 0', name=f"{table}_copies_rule"),
        sa.PrimaryKeyConstraint("digest", "place"),
    )
    op.create_index(
        "book_stated_works_token",
        table,
        ["chain_id", "contract", "metadata_digest", "token_id"],
        unique=False,
    )


def downgrade() -> None:
    """Forget what artists stated; signatures are lost with it."""
    op.drop_table("book_stated_works")
    op.drop_table("book_statements")
