"""
Every way to sell a work, mirrored: auctions, vouchers, artists' collections, splitters, and what
the platform decides.

Locking rules as in `2026_11_22_mirror`. The mirror can be read anew (`vernissage index rebuild`),
which also fills what the new columns say about old rows; until then they are listings, as they
were. The new columns' rules and the one index on an old table (partial, and empty at first) cost
a scan of sales and of works, seconds for millions, and write nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_sales"
down_revision = "2026_11_22_book"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    _change_tables()
    _make_tables()


def _change_tables() -> None:
    op.alter_column("chain_credits", "exchange", new_column_name="contract")
    op.execute(
        "ALTER TABLE chain_credits "
        "RENAME CONSTRAINT chain_credits_exchange_rule TO chain_credits_contract_rule"
    )
    op.add_column(
        "chain_sales", sa.Column("kind", sa.String(), server_default="listing", nullable=False)
    )
    op.add_column("chain_sales", sa.Column("fee_receiver", sa.LargeBinary(length=20)))
    op.add_column("chain_tokens", sa.Column("held_for", sa.LargeBinary(length=20)))
    for name, table, rule in (
        (
            "chain_sales_kind_rule",
            "chain_sales",
            "kind IN ('listing', 'bundle', 'offer', 'auction', 'voucher')",
        ),
        (
            "chain_sales_fee_receiver_rule",
            "chain_sales",
            'octet_length("fee_receiver") = 20',
        ),
        ("chain_tokens_held_for_rule", "chain_tokens", 'octet_length("held_for") = 20'),
    ):
        op.create_check_constraint(name, table, rule)
    op.create_index(
        "chain_tokens_held",
        "chain_tokens",
        ["chain_id", "held_for", "updated_block"],
        unique=False,
        postgresql_where=sa.text("held_for is not null"),
    )


def _make_tables() -> None:
    op.create_table(
        "chain_all_frozen",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("creator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_all_frozen_contract_rule"),
        sa.CheckConstraint('octet_length("creator") = 20', name="chain_all_frozen_creator_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_all_frozen_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_all_frozen_of", "chain_all_frozen", ["chain_id", "contract", "creator"], unique=False
    )
    op.create_table(
        "chain_auctions",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("auctions", sa.LargeBinary(length=20), nullable=False),
        sa.Column("auction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seller", sa.LargeBinary(length=20), nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("transfer_log_index", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            'octet_length("auction_hash") = 32', name="chain_auctions_auction_hash_rule"
        ),
        sa.CheckConstraint('octet_length("auctions") = 20', name="chain_auctions_auctions_rule"),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_auctions_contract_rule"),
        sa.CheckConstraint('octet_length("seller") = 20', name="chain_auctions_seller_rule"),
        sa.CheckConstraint('octet_length("token_id") = 32', name="chain_auctions_token_id_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_auctions_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_auctions_hash", "chain_auctions", ["chain_id", "auction_hash"], unique=False
    )
    op.create_index(
        "chain_auctions_seller",
        "chain_auctions",
        ["chain_id", "seller", "block_number"],
        unique=False,
    )
    op.create_index(
        "chain_auctions_token",
        "chain_auctions",
        ["chain_id", "contract", "token_id", "block_number"],
        unique=False,
    )
    op.create_table(
        "chain_bids",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("auctions", sa.LargeBinary(length=20), nullable=False),
        sa.Column("auction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("bidder", sa.LargeBinary(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(78, 0), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('"amount" >= 0', name="chain_bids_amount_rule"),
        sa.CheckConstraint(
            'octet_length("auction_hash") = 32', name="chain_bids_auction_hash_rule"
        ),
        sa.CheckConstraint('octet_length("auctions") = 20', name="chain_bids_auctions_rule"),
        sa.CheckConstraint('octet_length("bidder") = 20', name="chain_bids_bidder_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_bids_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_bids_auction",
        "chain_bids",
        ["chain_id", "auction_hash", "block_number", "log_index"],
        unique=False,
    )
    op.create_index(
        "chain_bids_bidder", "chain_bids", ["chain_id", "bidder", "block_number"], unique=False
    )
    op.create_table(
        "chain_collections",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("artist", sa.LargeBinary(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("symbol", sa.String(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("artist") = 20', name="chain_collections_artist_rule"),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_collections_contract_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_collections_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_collections_artist",
        "chain_collections",
        ["chain_id", "artist", "block_number"],
        unique=False,
    )
    op.create_index(
        "chain_collections_contract", "chain_collections", ["chain_id", "contract"], unique=False
    )
    op.create_table(
        "chain_default_royalties",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("creator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("royalty_bps", sa.Integer(), nullable=False),
        sa.Column("royalty_receiver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            'octet_length("contract") = 20', name="chain_default_royalties_contract_rule"
        ),
        sa.CheckConstraint(
            'octet_length("creator") = 20', name="chain_default_royalties_creator_rule"
        ),
        sa.CheckConstraint(
            'octet_length("royalty_receiver") = 20',
            name="chain_default_royalties_royalty_receiver_rule",
        ),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32',
            name="chain_default_royalties_transaction_hash_rule",
        ),
        sa.CheckConstraint(
            "royalty_bps BETWEEN 0 AND 10000", name="chain_default_royalties_royalty_bps_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_default_royalties_of",
        "chain_default_royalties",
        ["chain_id", "contract", "creator", "block_number"],
        unique=False,
    )
    op.create_table(
        "chain_descriptions",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            'octet_length("contract") = 20', name="chain_descriptions_contract_rule"
        ),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_descriptions_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_descriptions_contract",
        "chain_descriptions",
        ["chain_id", "contract", "block_number"],
        unique=False,
    )
    op.create_table(
        "chain_editions",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("first_token_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_editions_contract_rule"),
        sa.CheckConstraint(
            'octet_length("first_token_id") = 32', name="chain_editions_first_token_id_rule"
        ),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_editions_transaction_hash_rule"
        ),
        sa.CheckConstraint("size > 0", name="chain_editions_size_rule"),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_editions_first",
        "chain_editions",
        ["chain_id", "contract", "first_token_id"],
        unique=False,
    )
    op.create_table(
        "chain_governance",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("account", sa.LargeBinary(length=20), nullable=True),
        sa.Column("currency", sa.LargeBinary(length=20), nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=True),
        sa.Column("fee_bps", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(78, 0), nullable=True),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('"amount" >= 0', name="chain_governance_amount_rule"),
        sa.CheckConstraint("fee_bps BETWEEN 0 AND 10000", name="chain_governance_fee_bps_rule"),
        sa.CheckConstraint('octet_length("account") = 20', name="chain_governance_account_rule"),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_governance_contract_rule"),
        sa.CheckConstraint('octet_length("currency") = 20', name="chain_governance_currency_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_governance_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_governance_of",
        "chain_governance",
        ["chain_id", "contract", "event", "block_number"],
        unique=False,
    )
    op.create_table(
        "chain_minters",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.LargeBinary(length=20), nullable=False),
        sa.Column("creator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("minter", sa.LargeBinary(length=20), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("contract") = 20', name="chain_minters_contract_rule"),
        sa.CheckConstraint('octet_length("creator") = 20', name="chain_minters_creator_rule"),
        sa.CheckConstraint('octet_length("minter") = 20', name="chain_minters_minter_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_minters_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_minters_of",
        "chain_minters",
        ["chain_id", "contract", "creator", "minter"],
        unique=False,
    )
    op.create_table(
        "chain_outcomes",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("auctions", sa.LargeBinary(length=20), nullable=False),
        sa.Column("auction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("transfer_log_index", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('settled', 'unwound', 'reclaimed')", name="chain_outcomes_outcome_rule"
        ),
        sa.CheckConstraint(
            'octet_length("auction_hash") = 32', name="chain_outcomes_auction_hash_rule"
        ),
        sa.CheckConstraint('octet_length("auctions") = 20', name="chain_outcomes_auctions_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_outcomes_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_outcomes_auction", "chain_outcomes", ["chain_id", "auction_hash"], unique=False
    )
    op.create_table(
        "chain_releases",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("splitter", sa.LargeBinary(length=20), nullable=False),
        sa.Column("receiver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("currency", sa.LargeBinary(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(78, 0), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('"amount" >= 0', name="chain_releases_amount_rule"),
        sa.CheckConstraint('octet_length("currency") = 20', name="chain_releases_currency_rule"),
        sa.CheckConstraint('octet_length("receiver") = 20', name="chain_releases_receiver_rule"),
        sa.CheckConstraint('octet_length("splitter") = 20', name="chain_releases_splitter_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_releases_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_releases_receiver",
        "chain_releases",
        ["chain_id", "receiver", "block_number"],
        unique=False,
    )
    op.create_index(
        "chain_releases_splitter",
        "chain_releases",
        ["chain_id", "splitter", "currency", "receiver"],
        unique=False,
    )
    op.create_table(
        "chain_skips",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.LargeBinary(length=20), nullable=False),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("exchange") = 20', name="chain_skips_exchange_rule"),
        sa.CheckConstraint('octet_length("order_hash") = 32', name="chain_skips_order_hash_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_skips_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index("chain_skips_order", "chain_skips", ["chain_id", "order_hash"], unique=False)
    op.create_table(
        "chain_splitters",
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("splitter", sa.LargeBinary(length=20), nullable=False),
        sa.Column("shares", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint('octet_length("splitter") = 20', name="chain_splitters_splitter_rule"),
        sa.CheckConstraint(
            'octet_length("transaction_hash") = 32', name="chain_splitters_transaction_hash_rule"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
    )
    op.create_index(
        "chain_splitters_receivers",
        "chain_splitters",
        ["shares"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"shares": "jsonb_path_ops"},
    )
    op.create_index(
        "chain_splitters_splitter", "chain_splitters", ["chain_id", "splitter"], unique=False
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("chain_splitters_splitter", table_name="chain_splitters")
    op.drop_index(
        "chain_splitters_receivers",
        table_name="chain_splitters",
        postgresql_using="gin",
        postgresql_ops={"shares": "jsonb_path_ops"},
    )
    op.drop_table("chain_splitters")
    op.drop_index("chain_skips_order", table_name="chain_skips")
    op.drop_table("chain_skips")
    op.drop_index("chain_releases_splitter", table_name="chain_releases")
    op.drop_index("chain_releases_receiver", table_name="chain_releases")
    op.drop_table("chain_releases")
    op.drop_index("chain_outcomes_auction", table_name="chain_outcomes")
    op.drop_table("chain_outcomes")
    op.drop_index("chain_minters_of", table_name="chain_minters")
    op.drop_table("chain_minters")
    op.drop_index("chain_governance_of", table_name="chain_governance")
    op.drop_table("chain_governance")
    op.drop_index("chain_editions_first", table_name="chain_editions")
    op.drop_table("chain_editions")
    op.drop_index("chain_descriptions_contract", table_name="chain_descriptions")
    op.drop_table("chain_descriptions")
    op.drop_index("chain_default_royalties_of", table_name="chain_default_royalties")
    op.drop_table("chain_default_royalties")
    op.drop_index("chain_collections_contract", table_name="chain_collections")
    op.drop_index("chain_collections_artist", table_name="chain_collections")
    op.drop_table("chain_collections")
    op.drop_index("chain_bids_bidder", table_name="chain_bids")
    op.drop_index("chain_bids_auction", table_name="chain_bids")
    op.drop_table("chain_bids")
    op.drop_index("chain_auctions_token", table_name="chain_auctions")
    op.drop_index("chain_auctions_seller", table_name="chain_auctions")
    op.drop_index("chain_auctions_hash", table_name="chain_auctions")
    op.drop_table("chain_auctions")
    op.drop_index("chain_all_frozen_of", table_name="chain_all_frozen")
    op.drop_table("chain_all_frozen")
    op.drop_index("chain_tokens_held", table_name="chain_tokens")
    op.drop_column("chain_tokens", "held_for")
    op.drop_column("chain_sales", "fee_receiver")
    op.drop_column("chain_sales", "kind")
    op.execute(
        "ALTER TABLE chain_credits "
        "RENAME CONSTRAINT chain_credits_contract_rule TO chain_credits_exchange_rule"
    )
    op.alter_column("chain_credits", "contract", new_column_name="exchange")
