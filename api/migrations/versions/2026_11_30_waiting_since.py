"""
Since when a work waits for its certificate.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_waiting_since"
down_revision = "2026_11_30_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits already counts from now on: its first day was not kept. The table is short."""
    op.add_column(
        "book_certificates_due",
        sa.Column(
            "waiting_since",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
    )


def downgrade() -> None:
    """The queue works without."""
    op.drop_column("book_certificates_due", "waiting_since")
