"""
What contracts of others say of their works besides, as they say it.

A new table alone: nothing waits for it. A mirror from before has older notes after
`vernissage index rebuild`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_notes"
down_revision = "2026_11_29_bundles"
branch_labels = None
depends_on = None

TABLE = "chain_notes"


def _key(name: str, kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Forward."""
    lengths = {"contract": 20, "token_id": 32, "transaction_hash": 32}
    op.create_table(
        TABLE,
        _key("chain_id", sa.BigInteger()),
        _key("block_number", sa.BigInteger()),
        _key("log_index", sa.Integer()),
        *(
            sa.Column(name, sa.LargeBinary(length=lengths[name]), nullable=False)
            for name in ("contract", "token_id")
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
        *(
            sa.CheckConstraint(f'octet_length("{name}") = {length}', name=f"{TABLE}_{name}_rule")
            for name, length in lengths.items()
        ),
    )
    op.create_index(
        "chain_notes_token", TABLE, ["chain_id", "contract", "token_id", "block_number"]
    )


def downgrade() -> None:
    """Back; a rebuild by the newer version reads them again."""
    op.drop_table(TABLE)
