"""
Contracts of others that the operator let go of, and up to which block they were followed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_contracts_left"
down_revision = "2026_11_30_certificate_tags"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("index_contracts", sa.Column("left_block", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Back; what was let go of stays refused."""
    op.drop_column("index_contracts", "left_block")
