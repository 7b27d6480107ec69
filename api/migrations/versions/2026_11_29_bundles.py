"""
Evidence bundles that are pinned beside their works.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_bundles"
down_revision = "2026_11_29_issuing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table, so nothing waits."""
    op.create_table(
        "book_bundles",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("cid", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "contract", "token_id"),
        sa.CheckConstraint('octet_length("contract") = 20', name="book_bundles_contract_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="book_bundles_token_id_rule"),
    )


def downgrade() -> None:
    """Bundles can be drawn again."""
    op.drop_table("book_bundles")
