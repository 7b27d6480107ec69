"""
The indexer's own books, and what the mirror says about how far it can be believed.

Locking rules as in `2026_11_22_mirror`; the new columns have constant defaults. The indexes of
`chain_tokens` are built last, in the same transaction: while they are (about a minute with ten
million works) the mirror waits, and who reads does not until the old ones go at the end.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_index"
down_revision = "2026_11_26_book_of_sales"
branch_labels = None
depends_on = None


Indexes = dict[str, tuple[list[str], str | None]]

TOKENS_BEFORE: Indexes = {
    "chain_tokens_owner": (["chain_id", "owner", "updated_block"], None),
    "chain_tokens_creator": (["chain_id", "creator", "minted_block"], None),
    "chain_tokens_digest": (["metadata_digest"], None),
    "chain_tokens_held": (["chain_id", "held_for", "updated_block"], "held_for is not null"),
}

TOKENS_AFTER: Indexes = {
    "chain_tokens_by_owner": (["owner", "minted_block"], None),
    "chain_tokens_by_creator": (["creator", "minted_block"], None),
    "chain_tokens_by_contract": (["contract", "minted_block"], None),
    "chain_tokens_by_digest": (["metadata_digest"], "metadata_digest is not null"),
}


def _key(name: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.Column[object]:
    return sa.Column(name, kind or sa.BigInteger(), autoincrement=False, nullable=False)


def _bytes(name: str, length: int, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=nullable)


def _sized(table: str, **lengths: int) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f'octet_length("{name}") = {length}', name=f"{table}_{name}_rule")
        for name, length in lengths.items()
    ]


def _now(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def upgrade() -> None:
    """Forward."""
    op.add_column("chain_cursors", sa.Column("proved_number", sa.BigInteger(), nullable=True))
    op.add_column("chain_cursors", _flag("is_loading"))
    op.add_column("chain_blocks", _flag("is_first"))
    _widen_sales()
    _make_breaks()
    _make_contracts()
    _make_foreign()
    _make_lookups()
    op.create_table(
        "index_health",
        _key("chain_id"),
        sa.Column("instance", sa.String(), nullable=False),
        _json("document"),
        _now("updated_at"),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    op.create_table(
        "index_audits",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        _bytes("block_hash", 32),
        sa.Column("how", sa.String(), nullable=False),
        _json("compared"),
        sa.Column("difference_count", sa.Integer(), nullable=False),
        _json("differences"),
        _now("started_at"),
        _now("finished_at"),
        sa.PrimaryKeyConstraint("id"),
        *_sized("index_audits", block_hash=32),
        sa.CheckConstraint("how IN ('all', 'sample')", name="index_audits_how_rule"),
    )
    op.create_index("index_audits_newest", "index_audits", ["chain_id", "id"])
    _index_tokens(TOKENS_BEFORE, TOKENS_AFTER)
    op.execute("alter table chain_tokens set (autovacuum_vacuum_scale_factor = 0.02)")


_SALE_KINDS = "'listing', 'bundle', 'offer', 'auction', 'voucher'"
_UNKNOWN_ELSEWHERE = (
    ("royalty", sa.Numeric(78, 0)),
    ("royalty_receiver", sa.LargeBinary(length=20)),
    ("fee", sa.Numeric(78, 0)),
)


def _rule_sale_kinds(kinds: str) -> None:
    """Checked without a lock that readers feel, as in `2026_11_25_sales`."""
    op.drop_constraint("chain_sales_kind_rule", "chain_sales")
    op.create_check_constraint("chain_sales_kind_rule", "chain_sales", f"kind IN ({kinds})")


def _widen_sales() -> None:
    """Sales on other venues: who was paid is known, what for is not."""
    _rule_sale_kinds(f"{_SALE_KINDS}, 'elsewhere'")
    for name, kind in _UNKNOWN_ELSEWHERE:
        op.alter_column("chain_sales", name, existing_type=kind, nullable=True)
    op.add_column("chain_sales", sa.Column("payments", postgresql.JSONB(astext_type=sa.Text())))
    op.add_column("chain_sales", sa.Column("works", sa.Integer()))
    op.create_check_constraint("chain_sales_works_rule", "chain_sales", "works >= 1")
    op.create_index(
        "chain_sales_payments",
        "chain_sales",
        ["payments"],
        postgresql_using="gin",
        postgresql_ops={"payments": "jsonb_path_ops"},
        postgresql_where=sa.text("payments is not null"),
    )
    op.create_index(
        "chain_tokens_payee",
        "chain_tokens",
        ["royalty_receiver"],
        postgresql_where=sa.text("royalty_receiver <> creator and royalty_bps > 0"),
    )


def _narrow_sales() -> None:
    op.execute("delete from chain_sales where kind = 'elsewhere'")
    op.drop_index("chain_tokens_payee", table_name="chain_tokens")
    op.drop_index("chain_sales_payments", table_name="chain_sales")
    op.drop_column("chain_sales", "works")
    op.drop_column("chain_sales", "payments")
    for name, kind in _UNKNOWN_ELSEWHERE:
        op.alter_column("chain_sales", name, existing_type=kind, nullable=False)
    _rule_sale_kinds(_SALE_KINDS)


def _make_breaks() -> None:
    op.create_table(
        "chain_breaks",
        _key("chain_id"),
        _key("block_number"),
        _key("log_index", sa.Integer()),
        _bytes("contract", 20),
        _bytes("token_id", 32),
        _bytes("owner", 20),
        _bytes("sender", 20),
        _bytes("transaction_hash", 32),
        sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
        *_sized("chain_breaks", contract=20, token_id=32, owner=20, sender=20, transaction_hash=32),
    )
    op.create_index("chain_breaks_token", "chain_breaks", ["chain_id", "contract", "token_id"])


def _make_contracts() -> None:
    op.create_table(
        "index_contracts",
        _key("chain_id"),
        _bytes("contract", 20),
        _now("requested_at"),
        _bytes("requested_by", 20, nullable=True),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("symbol", sa.String(), server_default="", nullable=False),
        sa.Column("sought_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_block", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("joined_block", sa.BigInteger(), nullable=True),
        sa.Column("read_to", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("chain_id", "contract"),
        *_sized("index_contracts", contract=20, requested_by=20),
    )


def _make_foreign() -> None:
    """What only collections of others say."""
    ends = ("first_token_id", "last_token_id")
    for table, parties in (("chain_ranges", ("sender", "receiver")), ("chain_refreshes", ())):
        op.create_table(
            table,
            _key("chain_id"),
            _key("block_number"),
            _key("log_index", sa.Integer()),
            _bytes("contract", 20),
            *(_bytes(name, 32) for name in ends),
            *(_bytes(name, 20) for name in parties),
            _bytes("transaction_hash", 32),
            sa.PrimaryKeyConstraint("chain_id", "block_number", "log_index"),
            *_sized(table, contract=20, **dict.fromkeys(ends, 32), transaction_hash=32),
            *_sized(table, **dict.fromkeys(parties, 20)),
        )
    key = ["chain_id", "contract"]
    op.create_index("chain_ranges_token", "chain_ranges", [*key, *ends])
    op.create_index("chain_refreshes_contract", "chain_refreshes", [*key, "block_number"])


def _index_tokens(before: Indexes, after: Indexes) -> None:
    for name, (parts, where) in after.items():
        op.create_index(
            name, "chain_tokens", parts, postgresql_where=sa.text(where) if where else None
        )
    for name in before:
        op.drop_index(name, "chain_tokens")


def _make_lookups() -> None:
    """What the works of others are described by."""
    key = ("chain_id", "contract", "token_id")
    op.create_table(
        "media_token_metadata",
        _key("chain_id"),
        _bytes("contract", 20),
        _bytes("token_id", 32),
        _key("version", sa.Integer()),
        _now("fetched_at"),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        _bytes("sha256", 32, nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint(*key, "version"),
        *_sized("media_token_metadata", contract=20, token_id=32, sha256=32),
    )
    op.create_table(
        "media_lookups",
        _key("chain_id"),
        _bytes("contract", 20),
        _bytes("token_id", 32),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_block", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint(*key),
        *_sized("media_lookups", contract=20, token_id=32),
    )
    due = sa.text("due_at is not null")
    op.create_index("media_lookups_due", "media_lookups", ["due_at"], postgresql_where=due)
    op.create_table(
        "media_marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Back."""
    _narrow_sales()
    for table in (
        *("media_marks", "media_lookups", "media_token_metadata"),
        *("chain_refreshes", "chain_ranges"),
        *("index_audits", "index_health", "index_contracts", "chain_breaks"),
    ):
        op.drop_table(table)
    op.drop_column("chain_blocks", "is_first")
    op.drop_column("chain_cursors", "is_loading")
    op.drop_column("chain_cursors", "proved_number")
    op.execute("alter table chain_tokens reset (autovacuum_vacuum_scale_factor)")
    _index_tokens(TOKENS_AFTER, TOKENS_BEFORE)
