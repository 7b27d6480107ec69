"""
The tag of a certificate beside its bytes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_certificate_tags"
down_revision = "2026_11_30_notes_by_kind"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is written anew once, and locked meanwhile: some seconds for 100,000 works."""
    op.add_column(
        "book_certificates",
        sa.Column("tag", sa.Text(), sa.Computed(TAG, persisted=True), nullable=True),
    )


def downgrade() -> None:
    """What the column says can be taken from the bytes again."""
    op.drop_column("book_certificates", "tag")


TAG = "left(encode(sha256(body), 'hex'), 32)"
