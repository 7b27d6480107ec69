"""
${message}

Locking rules: every statement must be quick on a full table. An index is added CONCURRENTLY in a
migration of its own, a NOT NULL column gets a default, a CHECK is added NOT VALID and validated
later. Whatever rewrites a table is written as a job, not here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Forward."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Back."""
    ${downgrades if downgrades else "pass"}
