"""
What others say of a work: bindings, countersignatures, marks, claims and their answers.

New tables alone, so nothing waits. A trigger refuses to delete from them: what was said stays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_standing"
down_revision = "2026_11_29_statements"
branch_labels = None
depends_on = None

KEPT = (
    "book_bindings",
    "book_readings",
    "book_countersignatures",
    "book_marks",
    "book_claims",
    "book_claim_answers",
)


def _bytes(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=nullable)


def _text(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    kind = sa.String()
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _now(name: str = "created_at") -> sa.Column[object]:
    default = sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=False)


def _big(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _number() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _token() -> list[sa.Column[object]]:
    return [_big("chain_id"), _bytes("contract", 20), _bytes("token_id", 32)]


def _sized(table: str, **lengths: int) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f'octet_length("{name}") = {length}', name=f"{table}_{name}_rule")
        for name, length in lengths.items()
    ]


def _rule(table: str, column: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=f"{table}_{column}_rule")


def upgrade() -> None:
    """Forward."""
    _make_bindings()
    _make_countersignatures()
    _make_marks()
    _make_claims()
    op.create_table(
        "book_outbox",
        _number(),
        *_text("natural_key", "place", "kind"),
        _json("payload"),
        sa.Column("is_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("natural_key"),
    )
    op.create_index(
        "book_outbox_untold", "book_outbox", ["id"], postgresql_where=sa.text("NOT is_told")
    )
    op.execute(
        """
        CREATE FUNCTION book_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what was said of a work stays in %', TG_TABLE_NAME;
        END $$
        """
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION book_keep()"
        )


def _make_bindings() -> None:
    op.create_table(
        "book_bindings",
        _bytes("binding_hash", 32),
        _big("chain_id"),
        _bytes("account", 20),
        *_text("domain", "method"),
        _time("issued_at"),
        _bytes("signature"),
        _now(),
        _time("withdrawn_at", nullable=True),
        sa.PrimaryKeyConstraint("binding_hash"),
        *_sized("book_bindings", binding_hash=32, account=20),
        _rule("book_bindings", "method", "method IN ('well-known', 'did:web')"),
    )
    op.create_index("book_bindings_account", "book_bindings", ["chain_id", "account"])
    op.create_table(
        "book_readings",
        _number(),
        _bytes("binding_hash", 32, nullable=True),
        *_text("url", "host", "outcome", "detail"),
        _bytes("sha256", 32, nullable=True),
        _bytes("body", nullable=True),
        _time("read_at"),
        sa.PrimaryKeyConstraint("id"),
        *_sized("book_readings", binding_hash=32, sha256=32),
        _rule("book_readings", "outcome", "outcome IN ('held', 'lost', 'silent')"),
    )
    op.create_index("book_readings_host", "book_readings", ["host", "read_at"])
    op.create_index("book_readings_binding", "book_readings", ["binding_hash", "read_at"])


def _make_countersignatures() -> None:
    op.create_table(
        "book_countersignatures",
        _bytes("countersignature_hash", 32),
        *_token(),
        _bytes("certificate", 32),
        _bytes("metadata_digest", 32),
        *_text("gallery", "public_key"),
        _json("document"),
        _big("reading_id"),
        _now(),
        _time("withdrawn_at", nullable=True),
        _json("withdrawal", nullable=True),
        sa.PrimaryKeyConstraint("countersignature_hash"),
        *_sized(
            "book_countersignatures",
            countersignature_hash=32,
            contract=20,
            token_id=32,
            certificate=32,
            metadata_digest=32,
        ),
    )
    op.create_index(
        "book_countersignatures_token",
        "book_countersignatures",
        ["chain_id", "contract", "token_id"],
    )
    op.create_index("book_countersignatures_gallery", "book_countersignatures", ["gallery"])


def _make_marks() -> None:
    op.create_table(
        "book_marks",
        _bytes("mark_hash", 32),
        *_token(),
        *_text("kind", "by"),
        _bytes("account", 20, nullable=True),
        *_text("reason"),
        sa.Column("transfer_count", sa.Numeric(78, 0), nullable=True),
        _big("block_number", nullable=True),
        _bytes("block_hash", 32, nullable=True),
        _bytes("signature", nullable=True),
        _time("issued_at"),
        _now(),
        _time("taken_back_at", nullable=True),
        *_text("taken_back_by", "taken_back_reason", nullable=True),
        _bytes("taken_back_signature", nullable=True),
        sa.PrimaryKeyConstraint("mark_hash"),
        *_sized("book_marks", mark_hash=32, contract=20, token_id=32, account=20, block_hash=32),
        _rule("book_marks", "transfer_count", '"transfer_count" >= 0'),
        _rule("book_marks", "kind", "kind IN ('lost', 'stolen')"),
        _rule("book_marks", "by", "\"by\" IN ('owner', 'issuer')"),
    )
    op.create_index("book_marks_token", "book_marks", ["chain_id", "contract", "token_id"])


def _make_claims() -> None:
    op.create_table(
        "book_claims",
        *_text("id"),
        *_token(),
        _bytes("claimant", 20),
        *_text("basis"),
        _json("evidence"),
        *_text("reason"),
        _now(),
        *_text("decision", "decision_reason", nullable=True),
        _time("decided_at", nullable=True),
        _time("withdrawn_at", nullable=True),
        *_text("withdrawn_reason", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        *_sized("book_claims", contract=20, token_id=32, claimant=20),
        _rule("book_claims", "basis", "basis IN ('earlier_work', 'bound_domain')"),
        _rule("book_claims", "decision", "decision IN ('upheld', 'rejected')"),
    )
    op.create_index("book_claims_token", "book_claims", ["chain_id", "contract", "token_id"])
    op.create_index("book_claims_claimant", "book_claims", ["claimant", "created_at"])
    op.create_table(
        "book_claim_answers",
        _number(),
        *_text("claim_id", "role"),
        _bytes("account", 20, nullable=True),
        *_text("words"),
        _now(),
        sa.PrimaryKeyConstraint("id"),
        *_sized("book_claim_answers", account=20),
        _rule("book_claim_answers", "role", "role IN ('artist', 'owner', 'issuer', 'claimant')"),
    )
    op.create_index("book_claim_answers_claim", "book_claim_answers", ["claim_id", "id"])


def downgrade() -> None:
    """Back."""
    op.drop_table("book_outbox")
    for table in reversed(KEPT):
        op.drop_table(table)
    op.execute("DROP FUNCTION book_keep()")
