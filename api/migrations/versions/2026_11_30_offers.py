"""
Certificates of works that are offered and not minted yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_offers"
down_revision = "2026_11_30_bundles_due"
branch_labels = None
depends_on = None

BEFORE = "'issued', 'mint', 'metadata', 'issuer', 'statement', 'evidence'"
TABLE = "book_certificates"


def upgrade() -> None:
    """What there is rests on a mint; the worker looks at the first work of every voucher."""
    op.add_column(TABLE, sa.Column("voucher_hash", sa.LargeBinary(length=32), nullable=True))
    op.alter_column(TABLE, "mint_block_hash", nullable=True)
    op.create_check_constraint(
        f"{TABLE}_voucher_hash_rule", TABLE, 'octet_length("voucher_hash") = 32'
    )
    op.create_check_constraint(
        f"{TABLE}_rests_on_rule", TABLE, "(mint_block_hash IS NULL) <> (voucher_hash IS NULL)"
    )
    _reasons(f"{BEFORE}, 'voucher', 'minted'")
    op.execute(
        "INSERT INTO book_certificates_due (chain_id, contract, token_id) "
        "SELECT DISTINCT chain_id, contract, token_id FROM book_vouchers ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    """Versions stay readable; those before a mint rest on a block that never was."""
    op.drop_constraint(f"{TABLE}_rests_on_rule", TABLE, type_="check")
    op.drop_column(TABLE, "voucher_hash")
    op.execute(
        f"UPDATE {TABLE} SET mint_block_hash = decode(repeat('00', 32), 'hex') "
        "WHERE mint_block_hash IS NULL"
    )
    op.execute(f"UPDATE {TABLE} SET reason = 'mint' WHERE reason IN ('voucher', 'minted')")
    op.alter_column(TABLE, "mint_block_hash", nullable=False)
    _reasons(BEFORE)


def _reasons(words: str) -> None:
    op.drop_constraint(f"{TABLE}_reason_rule", TABLE, type_="check")
    op.create_check_constraint(f"{TABLE}_reason_rule", TABLE, f"reason IN ({words})")
