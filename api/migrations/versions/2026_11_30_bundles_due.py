"""
The queue of evidence bundles, with what was due before there was one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_bundles_due"
down_revision = "2026_11_29_notes"
branch_labels = None
depends_on = None

WHAT_IS_DUE = """
INSERT INTO book_bundles_due (chain_id, contract, token_id)
SELECT c.chain_id, c.contract, c.token_id
  FROM (SELECT chain_id, contract, token_id, max(version) AS version, max(issued_at) AS issued_at
          FROM book_certificates GROUP BY 1, 2, 3) c
  LEFT JOIN book_bundles b USING (chain_id, contract, token_id)
  LEFT JOIN chain_tokens t USING (chain_id, contract, token_id)
 WHERE b.cid IS NULL
    OR b.version < c.version
    OR b.block_number < t.updated_block
    OR b.drawn_at < c.issued_at + interval '2 days'
    OR EXISTS (SELECT FROM book_marks m WHERE (m.chain_id, m.contract, m.token_id)
                                            = (c.chain_id, c.contract, c.token_id))
    OR EXISTS (SELECT FROM book_claims m WHERE (m.chain_id, m.contract, m.token_id)
                                             = (c.chain_id, c.contract, c.token_id))
    OR EXISTS (SELECT FROM book_countersignatures m WHERE (m.chain_id, m.contract, m.token_id)
                                                        = (c.chain_id, c.contract, c.token_id))
    OR EXISTS (SELECT FROM book_status_changes m WHERE (m.chain_id, m.contract, m.token_id)
                                                     = (c.chain_id, c.contract, c.token_id))
"""


def upgrade() -> None:
    """New tables, so nothing waits; one look at all certificates, which is the last of its kind."""
    op.create_table(
        "book_bundle_cursors",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    op.create_table(
        "book_bundles_due",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("marks", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("chain_id", "contract", "token_id"),
        sa.CheckConstraint('octet_length("contract") = 20', name="book_bundles_due_contract_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="book_bundles_due_token_id_rule"),
    )
    op.create_index("book_bundles_due_next", "book_bundles_due", ["due_at"])
    op.execute(WHAT_IS_DUE)


def downgrade() -> None:
    """What is due is found again by whoever upgrades."""
    op.drop_table("book_bundles_due")
    op.drop_table("book_bundle_cursors")
