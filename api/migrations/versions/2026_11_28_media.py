"""
Works of every kind, where they are kept, what they resemble, and how healthy that is.
"""

from __future__ import annotations

revision = "2026_11_28_media"
down_revision = "2026_11_27_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what works of every kind need."""


def downgrade() -> None:
    """Take it away again."""
