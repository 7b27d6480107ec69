"""
Orders that were hidden since a moment: a change of their works, for whoever keeps a copy.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_orders_hidden"
down_revision = "2026_11_30_contracts_left"
branch_labels = None
depends_on = None

NAME, TABLE = "book_orders_hidden", "book_orders"


def upgrade() -> None:
    """Forward."""
    is_hidden = sa.text("hidden_at is not null")
    op.create_index(NAME, TABLE, ["hidden_at"], postgresql_where=is_hidden)


def downgrade() -> None:
    """Back."""
    op.drop_index(NAME, TABLE)
