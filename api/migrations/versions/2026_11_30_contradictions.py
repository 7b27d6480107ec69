"""
What contracts of others say against their own proven events, beside the differences of an audit.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_30_contradictions"
down_revision = "2026_11_30_orders_hidden"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None were told apart before. The default is a constant, so that no row is written anew."""
    op.add_column(
        "index_audits",
        sa.Column("contradictions", JSONB, server_default=sa.text("'[]'::jsonb"), nullable=False),
    )


def downgrade() -> None:
    """Audits without."""
    op.drop_column("index_audits", "contradictions")
