"""
The mirror's tables: what the indexer writes.

Locking rules: every statement must be quick on a full table. An index is added CONCURRENTLY in a
migration of its own, a NOT NULL column gets a default, a CHECK is added NOT VALID and validated
later. Whatever rewrites a table is written as a job, not here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_mirror"
down_revision = "2026_11_22_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "chain_approvals",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("owner", sa.LargeBinary(length=20), nullable=False),
        sa.Column("operator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_approvals_contract_rule"),
        sa.CheckConstraint('octet_length("operator") = 20', name="chain_approvals_operator_rule"),
        sa.CheckConstraint('octet_length("owner") = 20', name="chain_approvals_owner_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="chain_approvals_token_id_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_approvals_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_approvals_owner",
        "chain_approvals",
        ["chain_id", "contract", "owner", "operator"],
        unique=False,
    )
    op.create_index(
        "chain_approvals_token",
        "chain_approvals",
        ["chain_id", "contract", "token_id"],
        unique=False,
    )
    op.create_table(
        "chain_blocks",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("parent_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("has_facts", sa.Boolean(), nullable=False),
        sa.CheckConstraint('octet_length("block_hash") = 32', name="chain_blocks_block_hash_rule"),
        sa.CheckConstraint(
            'octet_length("parent_hash") = 32', name="chain_blocks_parent_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "number"),
    )
    op.create_index(
        "chain_blocks_empty",
        "chain_blocks",
        ["chain_id", "number"],
        unique=False,
        postgresql_where=sa.text("not has_facts"),
    )
    op.create_table(
        "chain_cancels",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.LargeBinary(length=20), nullable=False),
        sa.Column("maker", sa.LargeBinary(length=20), nullable=False),
        sa.Column("nonce", sa.Numeric(78, 0), nullable=True),
        sa.Column("counter", sa.Numeric(78, 0), nullable=True),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('"counter" >= 0', name="chain_cancels_counter_rule"),
        sa.CheckConstraint('"nonce" >= 0', name="chain_cancels_nonce_rule"),
        sa.CheckConstraint('octet_length("exchange") = 20', name="chain_cancels_exchange_rule"),
        sa.CheckConstraint('octet_length("maker") = 20', name="chain_cancels_maker_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_cancels_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_cancels_maker",
        "chain_cancels",
        ["chain_id", "exchange", "maker", "nonce"],
        unique=False,
    )
    op.create_table(
        "chain_credits",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.LargeBinary(length=20), nullable=False),
        sa.Column("account", sa.LargeBinary(length=20), nullable=False),
        sa.Column("currency", sa.LargeBinary(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(78, 0), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("account") = 20', name="chain_credits_account_rule"),
        sa.CheckConstraint('octet_length("currency") = 20', name="chain_credits_currency_rule"),
        sa.CheckConstraint('octet_length("exchange") = 20', name="chain_credits_exchange_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_credits_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_credits_account", "chain_credits", ["chain_id", "account", "currency"], unique=False
    )
    op.create_table(
        "chain_cursors",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("safe_number", sa.BigInteger(), nullable=False),
        sa.Column("final_number", sa.BigInteger(), nullable=False),
        sa.Column("head_number", sa.BigInteger(), nullable=False),
        sa.Column("halted", sa.String(), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('octet_length("block_hash") = 32', name="chain_cursors_block_hash_rule"),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    op.create_table(
        "chain_outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('octet_length("block_hash") = 32', name="chain_outbox_block_hash_rule"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "chain_outbox_block", "chain_outbox", ["chain_id", "block_number"], unique=False
    )
    op.create_table(
        "chain_sales",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.LargeBinary(length=20), nullable=False),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("maker", sa.LargeBinary(length=20), nullable=False),
        sa.Column("taker", sa.LargeBinary(length=20), nullable=False),
        sa.Column("seller", sa.LargeBinary(length=20), nullable=False),
        sa.Column("buyer", sa.LargeBinary(length=20), nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("currency", sa.LargeBinary(length=20), nullable=False),
        sa.Column("price", sa.Numeric(78, 0), nullable=False),
        sa.Column("royalty", sa.Numeric(78, 0), nullable=False),
        sa.Column("royalty_receiver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("fee", sa.Numeric(78, 0), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("nonce", sa.Numeric(78, 0), nullable=True),
        sa.Column("transfer_log_index", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('"fee" >= 0', name="chain_sales_fee_rule"),
        sa.CheckConstraint('"nonce" >= 0', name="chain_sales_nonce_rule"),
        sa.CheckConstraint('"price" >= 0', name="chain_sales_price_rule"),
        sa.CheckConstraint('"royalty" >= 0', name="chain_sales_royalty_rule"),
        sa.CheckConstraint('octet_length("buyer") = 20', name="chain_sales_buyer_rule"),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_sales_contract_rule"),
        sa.CheckConstraint('octet_length("currency") = 20', name="chain_sales_currency_rule"),
        sa.CheckConstraint('octet_length("exchange") = 20', name="chain_sales_exchange_rule"),
        sa.CheckConstraint('octet_length("maker") = 20', name="chain_sales_maker_rule"),
        sa.CheckConstraint('octet_length("order_hash") = 32', name="chain_sales_order_hash_rule"),
        sa.CheckConstraint(
            'octet_length("royalty_receiver") = 20', name="chain_sales_royalty_receiver_rule"
        ),
        sa.CheckConstraint('octet_length("seller") = 20', name="chain_sales_seller_rule"),
        sa.CheckConstraint('octet_length("taker") = 20', name="chain_sales_taker_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="chain_sales_token_id_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_sales_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index("chain_sales_order", "chain_sales", ["chain_id", "order_hash"], unique=False)
    op.create_index(
        "chain_sales_royalty",
        "chain_sales",
        ["chain_id", "royalty_receiver", "block_number"],
        unique=False,
    )
    op.create_index(
        "chain_sales_token",
        "chain_sales",
        ["chain_id", "contract", "token_id", "block_number"],
        unique=False,
    )
    op.create_table(
        "chain_token_changes",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("metadata_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("royalty_bps", sa.Integer(), nullable=True),
        sa.Column("royalty_receiver", sa.LargeBinary(length=20), nullable=True),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            'octet_length("contract") = 20', name="chain_token_changes_contract_rule"
        ),
        sa.CheckConstraint(
            'octet_length("metadata_digest") = 32', name="chain_token_changes_metadata_digest_rule"
        ),
        sa.CheckConstraint(
            'octet_length("royalty_receiver") = 20',
            name="chain_token_changes_royalty_receiver_rule",
        ),
        sa.CheckConstraint(
            'octet_length("token_id") = 32', name="chain_token_changes_token_id_rule"
        ),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32',
            name="chain_token_changes_transaction_hash_rule",
        ),
        sa.CheckConstraint(
            "royalty_bps BETWEEN 0 AND 10000", name="chain_token_changes_royalty_bps_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_token_changes_token",
        "chain_token_changes",
        ["chain_id", "contract", "token_id", "block_number"],
        unique=False,
    )
    op.create_table(
        "chain_tokens",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("creator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("owner", sa.LargeBinary(length=20), nullable=False),
        sa.Column("transfer_count", sa.BigInteger(), nullable=False),
        sa.Column("metadata_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("royalty_bps", sa.Integer(), nullable=False),
        sa.Column("royalty_receiver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("is_frozen", sa.Boolean(), nullable=False),
        sa.Column("minted_block", sa.BigInteger(), nullable=False),
        sa.Column("minted_log_index", sa.Integer(), nullable=False),
        sa.Column("mint_transaction", sa.LargeBinary(length=32), nullable=False),
        sa.Column("updated_block", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_tokens_contract_rule"),
        sa.CheckConstraint('octet_length("creator") = 20', name="chain_tokens_creator_rule"),
        sa.CheckConstraint(
            'octet_length("metadata_digest") = 32', name="chain_tokens_metadata_digest_rule"
        ),
        sa.CheckConstraint(
            'octet_length("mint_transaction") = 32', name="chain_tokens_mint_transaction_rule"
        ),
        sa.CheckConstraint('octet_length("owner") = 20', name="chain_tokens_owner_rule"),
        sa.CheckConstraint(
            'octet_length("royalty_receiver") = 20', name="chain_tokens_royalty_receiver_rule"
        ),
        sa.CheckConstraint('octet_length("token_id") = 32', name="chain_tokens_token_id_rule"),
        sa.CheckConstraint("transfer_count >= 0", name="chain_tokens_transfer_count_rule"),
        sa.PrimaryKeyConstraint("chain_id", "contract", "token_id"),
    )
    op.create_index(
        "chain_tokens_creator",
        "chain_tokens",
        ["chain_id", "creator", "minted_block"],
        unique=False,
    )
    op.create_index("chain_tokens_digest", "chain_tokens", ["metadata_digest"], unique=False)
    op.create_index(
        "chain_tokens_newest", "chain_tokens", ["minted_block", "minted_log_index"], unique=False
    )
    op.create_index(
        "chain_tokens_owner", "chain_tokens", ["chain_id", "owner", "updated_block"], unique=False
    )
    op.create_index(
        "chain_tokens_updated", "chain_tokens", ["updated_block", "chain_id"], unique=False
    )
    op.create_table(
        "chain_transfers",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sender", sa.LargeBinary(length=20), nullable=False),
        sa.Column("receiver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_transfers_contract_rule"),
        sa.CheckConstraint('octet_length("receiver") = 20', name="chain_transfers_receiver_rule"),
        sa.CheckConstraint('octet_length("sender") = 20', name="chain_transfers_sender_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="chain_transfers_token_id_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_transfers_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_transfers_token",
        "chain_transfers",
        ["chain_id", "contract", "token_id", "block_number"],
        unique=False,
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("chain_transfers_token", table_name="chain_transfers")
    op.drop_table("chain_transfers")
    op.drop_index("chain_tokens_updated", table_name="chain_tokens")
    op.drop_index("chain_tokens_owner", table_name="chain_tokens")
    op.drop_index("chain_tokens_newest", table_name="chain_tokens")
    op.drop_index("chain_tokens_digest", table_name="chain_tokens")
    op.drop_index("chain_tokens_creator", table_name="chain_tokens")
    op.drop_table("chain_tokens")
    op.drop_index("chain_token_changes_token", table_name="chain_token_changes")
    op.drop_table("chain_token_changes")
    op.drop_index("chain_sales_token", table_name="chain_sales")
    op.drop_index("chain_sales_royalty", table_name="chain_sales")
    op.drop_index("chain_sales_order", table_name="chain_sales")
    op.drop_table("chain_sales")
    op.drop_index("chain_outbox_block", table_name="chain_outbox")
    op.drop_table("chain_outbox")
    op.drop_table("chain_cursors")
    op.drop_index("chain_credits_account", table_name="chain_credits")
    op.drop_table("chain_credits")
    op.drop_index("chain_cancels_maker", table_name="chain_cancels")
    op.drop_table("chain_cancels")
    op.drop_index(
        "chain_blocks_empty", table_name="chain_blocks", postgresql_where=sa.text("not has_facts")
    )
    op.drop_table("chain_blocks")
    op.drop_index("chain_approvals_token", table_name="chain_approvals")
    op.drop_index("chain_approvals_owner", table_name="chain_approvals")
    op.drop_table("chain_approvals")
