"""
The book: accounts, drafts, intents, orders, certificates.

Locking rules: every statement must be quick on a full table. An index is added CONCURRENTLY in a
migration of its own, a NOT NULL column gets a default, a CHECK is added NOT VALID and validated
later. Whatever rewrites a table is written as a job, not here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_book"
down_revision = "2026_11_22_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "book_certificates",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("mint_block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("metadata_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint('octet_length("contract") = 20', name="book_certificates_contract_rule"),
        sa.CheckConstraint(
            'octet_length("metadata_digest") = 32', name="book_certificates_metadata_digest_rule"
        ),
        sa.CheckConstraint(
            'octet_length("mint_block_hash") = 32', name="book_certificates_mint_block_hash_rule"
        ),
        sa.CheckConstraint('octet_length("token_id") = 32', name="book_certificates_token_id_rule"),
        sa.PrimaryKeyConstraint("chain_id", "contract", "token_id", "version"),
    )
    op.create_index(op.f("ix_book_certificates_code"), "book_certificates", ["code"], unique=False)
    op.create_table(
        "book_drafts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.LargeBinary(length=20), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('octet_length("owner") = 20', name="book_drafts_owner_rule"),
        sa.CheckConstraint("revision >= 1", name="book_drafts_revision_rule"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_book_drafts_owner"), "book_drafts", ["owner"], unique=False)
    op.create_table(
        "book_events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("natural_key", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("natural_key"),
    )
    op.create_index("book_events_place", "book_events", ["place", "sequence"], unique=False)
    op.create_table(
        "book_idempotency",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column(
            "headers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            'octet_length("request_hash") = 32', name="book_idempotency_request_hash_rule"
        ),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_table(
        "book_intent_transactions",
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column(
            "reported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('octet_length("hash") = 32', name="book_intent_transactions_hash_rule"),
        sa.PrimaryKeyConstraint("intent_id", "step", "hash"),
    )
    op.create_table(
        "book_intents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account", sa.LargeBinary(length=20), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "plan", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "problem", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=True),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('octet_length("account") = 20', name="book_intents_account_rule"),
        sa.CheckConstraint('octet_length("contract") = 20', name="book_intents_contract_rule"),
        sa.CheckConstraint('octet_length("order_hash") = 32', name="book_intents_order_hash_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="book_intents_token_id_rule"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("book_intents_account", "book_intents", ["account", "created_at"], unique=False)
    op.create_table(
        "book_nonces",
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(length=20), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('octet_length("address") = 20', name="book_nonces_address_rule"),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_table(
        "book_order_nonces",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.LargeBinary(length=20), nullable=False),
        sa.Column("maker", sa.LargeBinary(length=20), nullable=False),
        sa.Column("next_nonce", sa.Numeric(78, 0), nullable=False),
        sa.CheckConstraint('"next_nonce" >= 0', name="book_order_nonces_next_nonce_rule"),
        sa.CheckConstraint('octet_length("exchange") = 20', name="book_order_nonces_exchange_rule"),
        sa.CheckConstraint('octet_length("maker") = 20', name="book_order_nonces_maker_rule"),
        sa.PrimaryKeyConstraint("chain_id", "exchange", "maker"),
    )
    op.create_table(
        "book_orders",
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("exchange", sa.LargeBinary(length=20), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("maker", sa.LargeBinary(length=20), nullable=False),
        sa.Column("taker", sa.LargeBinary(length=20), nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("transfer_count", sa.Numeric(78, 0), nullable=False),
        sa.Column(
            "more", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("criteria", sa.LargeBinary(length=32), nullable=False),
        sa.Column("metadata_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("currency", sa.LargeBinary(length=20), nullable=False),
        sa.Column("price", sa.Numeric(78, 0), nullable=False),
        sa.Column("end_price", sa.Numeric(78, 0), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("max_royalty_bps", sa.Integer(), nullable=False),
        sa.Column("max_fee_bps", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Numeric(78, 0), nullable=False),
        sa.Column("counter", sa.Numeric(78, 0), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('"counter" >= 0', name="book_orders_counter_rule"),
        sa.CheckConstraint('"end_price" >= 0', name="book_orders_end_price_rule"),
        sa.CheckConstraint('"nonce" >= 0', name="book_orders_nonce_rule"),
        sa.CheckConstraint('"price" >= 0', name="book_orders_price_rule"),
        sa.CheckConstraint('"transfer_count" >= 0', name="book_orders_transfer_count_rule"),
        sa.CheckConstraint("kind BETWEEN 0 AND 3", name="book_orders_kind_rule"),
        sa.CheckConstraint("max_fee_bps BETWEEN 0 AND 10000", name="book_orders_max_fee_bps_rule"),
        sa.CheckConstraint(
            "max_royalty_bps BETWEEN 0 AND 10000", name="book_orders_max_royalty_bps_rule"
        ),
        sa.CheckConstraint('octet_length("contract") = 20', name="book_orders_contract_rule"),
        sa.CheckConstraint('octet_length("criteria") = 32', name="book_orders_criteria_rule"),
        sa.CheckConstraint('octet_length("currency") = 20', name="book_orders_currency_rule"),
        sa.CheckConstraint('octet_length("exchange") = 20', name="book_orders_exchange_rule"),
        sa.CheckConstraint('octet_length("maker") = 20', name="book_orders_maker_rule"),
        sa.CheckConstraint(
            'octet_length("metadata_digest") = 32', name="book_orders_metadata_digest_rule"
        ),
        sa.CheckConstraint('octet_length("order_hash") = 32', name="book_orders_order_hash_rule"),
        sa.CheckConstraint('octet_length("taker") = 20', name="book_orders_taker_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="book_orders_token_id_rule"),
        sa.CheckConstraint('start < "end"', name="book_orders_end_rule"),
        sa.PrimaryKeyConstraint("order_hash"),
    )
    op.create_index(
        "book_orders_maker", "book_orders", ["chain_id", "maker", "created_at"], unique=False
    )
    op.create_index("book_orders_newest", "book_orders", ["created_at", "order_hash"], unique=False)
    op.create_index(
        "book_orders_nonce", "book_orders", ["chain_id", "exchange", "maker", "nonce"], unique=False
    )
    op.create_index(
        "book_orders_token", "book_orders", ["chain_id", "contract", "token_id"], unique=False
    )
    op.create_table(
        "book_outbox_cursors",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    op.create_table(
        "book_serials",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("creator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("next_serial", sa.Numeric(78, 0), nullable=False),
        sa.CheckConstraint('"next_serial" >= 0', name="book_serials_next_serial_rule"),
        sa.CheckConstraint('octet_length("contract") = 20', name="book_serials_contract_rule"),
        sa.CheckConstraint('octet_length("creator") = 20', name="book_serials_creator_rule"),
        sa.PrimaryKeyConstraint("chain_id", "contract", "creator"),
    )
    op.create_table(
        "book_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address", sa.LargeBinary(length=20), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "last_used_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('octet_length("address") = 20', name="book_sessions_address_rule"),
        sa.CheckConstraint('octet_length("token_hash") = 32', name="book_sessions_token_hash_rule"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_book_sessions_address"), "book_sessions", ["address"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_index(op.f("ix_book_sessions_address"), table_name="book_sessions")
    op.drop_table("book_sessions")
    op.drop_table("book_serials")
    op.drop_table("book_outbox_cursors")
    op.drop_index("book_orders_token", table_name="book_orders")
    op.drop_index("book_orders_nonce", table_name="book_orders")
    op.drop_index("book_orders_newest", table_name="book_orders")
    op.drop_index("book_orders_maker", table_name="book_orders")
    op.drop_table("book_orders")
    op.drop_table("book_order_nonces")
    op.drop_table("book_nonces")
    op.drop_index("book_intents_account", table_name="book_intents")
    op.drop_table("book_intents")
    op.drop_table("book_intent_transactions")
    op.drop_table("book_idempotency")
    op.drop_index("book_events_place", table_name="book_events")
    op.drop_table("book_events")
    op.drop_index(op.f("ix_book_drafts_owner"), table_name="book_drafts")
    op.drop_table("book_drafts")
    op.drop_index(op.f("ix_book_certificates_code"), table_name="book_certificates")
    op.drop_table("book_certificates")
