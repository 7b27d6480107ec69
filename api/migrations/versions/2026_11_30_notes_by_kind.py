"""
The last note of a kind is found at the end of the index, however often a contract said it.

The old index goes first: few mirrors have many notes, and making it is quick.
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_30_notes_by_kind"
down_revision = "2026_11_30_waiting_since"
branch_labels = None
depends_on = None

NAME, TABLE = "chain_notes_token", "chain_notes"
TOKEN = ["chain_id", "contract", "token_id"]


def upgrade() -> None:
    """Forward."""
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, [*TOKEN, "kind", "block_number", "log_index"])


def downgrade() -> None:
    """Back."""
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, [*TOKEN, "block_number"])
