"""
The root that a contract holds for a day in place of ours.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_other_roots"
down_revision = "2026_11_30_contradictions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No day is known to have one yet: the next try to write it finds out."""
    op.add_column("book_anchors", sa.Column("other_root", sa.LargeBinary(32), nullable=True))
    op.create_check_constraint(
        "book_anchors_other_root_rule", "book_anchors", "octet_length(other_root) = 32"
    )


def downgrade() -> None:
    """Such a day waits again."""
    op.drop_column("book_anchors", "other_root")
