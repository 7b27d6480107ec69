"""
Works of every kind, where they are kept, what they resemble, and how healthy that is.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_28_media"
down_revision = "2026_11_27_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what works of every kind need."""
    _make_imports()
    for table in ("media_uploads", "media_contents"):
        op.add_column(table, _list("details", "{}"))
    _add_stages()
    _add_pins()
    _make_likenesses()
    _add_recipes()


def downgrade() -> None:
    """Take it away again."""
    _drop_recipes()
    _drop_stages()
    for table in ("likenesses", "comparisons", "fingerprint_shelves", "fingerprints"):
        op.drop_table(f"media_{table}")
    for table in ("media_uploads", "media_contents"):
        op.drop_column(table, "details")
    op.drop_table("book_import_rows")
    op.drop_table("book_imports")
    _remove_pins()


def _moment(name: str) -> sa.Column[object]:
    now = sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)


def _list(name: str, default: str | None = "[]") -> sa.Column[object]:
    held = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, held, server_default=default, nullable=False)


def _length(table: str, column: str, bytes_: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f'octet_length("{column}") = {bytes_}', name=f"{table}_{column}_rule")


def _make_imports() -> None:
    """Sheets of works, and their rows."""
    op.create_table(
        "book_imports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.LargeBinary(length=20), nullable=False),
        sa.Column("creator", sa.LargeBinary(length=20), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        _list("problems"),
        _moment("created_at"),
        _moment("updated_at"),
        _length("book_imports", "owner", 20),
        _length("book_imports", "creator", 20),
        sa.CheckConstraint("rows >= 0", name="book_imports_rows_rule"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "chain_id", "name"),
    )
    table = "book_import_rows"
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("owner", sa.LargeBinary(length=20), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("edition_number", sa.Integer(), nullable=False),
        _list("work", None),
        _list("files", None),
        _list("accepted"),
        sa.Column("intent_id", sa.String(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        _moment("created_at"),
        _length(table, "owner", 20),
        _length(table, "digest", 32),
        _length(table, "file_sha256", 32),
        sa.CheckConstraint("edition_number >= 1", name="book_import_rows_edition_number_rule"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "chain_id", "file_sha256", "edition_number"),
    )
    op.create_index("book_import_rows_import", table, ["import_id", "row"], unique=False)
    op.create_index("book_import_rows_intent", table, ["intent_id"], unique=False)
    op.create_index(
        "book_import_rows_external_id",
        table,
        ["owner", "chain_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id <> ''"),
    )


def _add_stages() -> None:
    """What an upload announced, and how far its check is."""
    stage = sa.Column("stage", sa.String(), server_default="receiving", nullable=False)
    op.add_column("media_uploads", stage)
    op.add_column("media_uploads", sa.Column("expected_sha256", sa.LargeBinary(32), nullable=True))
    named = sa.Column("upload_metadata", sa.String(), server_default="", nullable=False)
    op.add_column("media_uploads", named)
    op.create_check_constraint(
        "media_uploads_stage_rule",
        "media_uploads",
        "stage IN ('receiving', 'hashed', 'checked', 'derived', 'compared')",
    )
    op.create_check_constraint(
        "media_uploads_expected_sha256_rule",
        "media_uploads",
        'octet_length("expected_sha256") = 32',
    )


def _drop_stages() -> None:
    for column in ("upload_metadata", "expected_sha256", "stage"):
        op.drop_column("media_uploads", column)


def _add_recipes() -> None:
    """By which way of deriving variants were made; older ones stay beside newer ones."""
    for table in ("media_variants", "media_contents"):
        recipe = sa.Column("recipe", sa.Integer(), server_default="1", nullable=False)
        op.add_column(table, recipe)
    op.drop_constraint("media_variants_pkey", "media_variants", type_="primary")
    op.create_primary_key("media_variants_pkey", "media_variants", ["sha256", "recipe", "name"])
    op.create_index("media_contents_recipe", "media_contents", ["recipe", "sha256"])


def _drop_recipes() -> None:
    op.execute(
        "DELETE FROM media_variants AS newer USING media_variants AS older "
        "WHERE newer.sha256 = older.sha256 AND newer.name = older.name "
        "AND newer.recipe > older.recipe"
    )
    op.drop_index("media_contents_recipe", table_name="media_contents")
    op.drop_constraint("media_variants_pkey", "media_variants", type_="primary")
    for table in ("media_variants", "media_contents"):
        op.drop_column(table, "recipe")
    op.create_primary_key("media_variants_pkey", "media_variants", ["sha256", "name"])


# Where contents are kept

PIN_STATES_BEFORE = "state IN ('wanted', 'pinned', 'read_back', 'failed', 'unwanted')"
PIN_STATES = (
    "state IN ('wanted', 'sent', 'pinned', 'read_back', 'at_risk', 'lost', 'failed', 'unwanted')"
)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), nullable=False)


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _rule(table: str, column: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=f"{table}_{column}_rule")


def _add_pins() -> None:
    """The pins that there are count as read when they were looked at last."""
    for column in ("read_at", "sent_at", "due_at"):
        op.add_column("media_pins", _time(column))
    op.add_column("media_pins", _now("changed_at"))
    op.execute(
        "UPDATE media_pins SET changed_at = coalesce(checked_at, created_at), "
        "read_at = CASE WHEN state = 'read_back' THEN coalesce(checked_at, created_at) END, "
        "due_at = CASE WHEN state <> 'read_back' THEN now() END"
    )
    op.drop_constraint("media_pins_state_rule", "media_pins")
    op.create_check_constraint("media_pins_state_rule", "media_pins", PIN_STATES)
    op.create_check_constraint("media_pins_attempts_rule", "media_pins", "attempts >= 0")
    op.create_check_constraint(
        "media_pins_read_at_rule", "media_pins", "read_at IS NOT NULL OR state <> 'read_back'"
    )
    op.create_index("media_pins_read", "media_pins", ["store", "read_at"])
    unfinished = sa.text("state not in ('read_back')")
    op.create_index("media_pins_unfinished", "media_pins", ["due_at"], postgresql_where=unfinished)
    _make_pin_tables()
    op.execute(
        "INSERT INTO media_health (cid, state, wanted, standing) "
        "SELECT cid, CASE WHEN count(*) = read THEN 'kept' ELSE 'coming' END, count(*), read FROM "
        "(SELECT cid, count(*) FILTER (WHERE state = 'read_back') OVER (PARTITION BY cid) AS read "
        "FROM media_pins WHERE state <> 'unwanted') AS pins GROUP BY cid, read"
    )


def _make_pin_tables() -> None:
    op.create_table(
        "media_pin_events",
        *(_id(), _text("cid"), _text("store"), _text("from_state"), _text("to_state")),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        _text("why"),
        _rule("media_pin_events", "to_state", "to_state <> from_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("media_pin_events_cid", "media_pin_events", ["cid", "id"])
    op.create_table(
        "media_health",
        *(_text("cid"), _text("state"), _number("wanted"), _number("standing")),
        _now("changed_at"),
        _rule("media_health", "state", "state IN ('coming', 'kept', 'at_risk', 'lost')"),
        _rule("media_health", "wanted", "wanted >= 1"),
        _rule("media_health", "standing", "(standing >= wanted) = (state = 'kept')"),
        sa.PrimaryKeyConstraint("cid"),
    )
    fallen = sa.text("state in ('at_risk', 'lost')")
    op.create_index("media_health_fallen", "media_health", ["state"], postgresql_where=fallen)
    op.create_table(
        "media_places",
        _text("store"),
        sa.Column("can_be_read", sa.Boolean(), nullable=False),
        *(_time("answered_at"), _time("silent_since"), _text("problem", nullable=True)),
        _time("audited_at"),
        sa.PrimaryKeyConstraint("store"),
    )
    kinds = "kind IN ('media.at_risk', 'media.lost', 'media.restored')"
    op.create_table(
        "media_outbox",
        *(_id(), _text("cid"), _text("kind")),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        _now("written_at"),
        _rule("media_outbox", "kind", kinds),
        sa.PrimaryKeyConstraint("id"),
    )


def _remove_pins() -> None:
    """What has fallen, or is on its way, is to be brought anew."""
    for table in ("media_outbox", "media_places", "media_health", "media_pin_events"):
        op.drop_table(table)
    op.drop_index("media_pins_unfinished", table_name="media_pins")
    op.drop_index("media_pins_read", table_name="media_pins")
    for rule in ("read_at", "attempts", "state"):
        op.drop_constraint(f"media_pins_{rule}_rule", "media_pins")
    op.execute("UPDATE media_pins SET state = 'wanted' WHERE state IN ('sent', 'at_risk', 'lost')")
    op.create_check_constraint("media_pins_state_rule", "media_pins", PIN_STATES_BEFORE)
    for column in ("changed_at", "due_at", "sent_at", "read_at"):
        op.drop_column("media_pins", column)


def _make_likenesses() -> None:
    """What pictures look like, and which resembled which when."""
    table = "media_fingerprints"
    op.create_table(
        table,
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("picture", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("kinds", "qualities", "hashes", "mirrored")
        ),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        _moment("created_at"),
        _length(table, "sha256", 32),
        *(
            sa.CheckConstraint(rule, name=f"{table}_{column}_rule")
            for column, rule in (
                ("kinds", "octet_length(hashes) = 32 * octet_length(kinds)"),
                ("qualities", "octet_length(qualities) = octet_length(kinds)"),
                ("mirrored", "octet_length(mirrored) = 96 * octet_length(kinds)"),
            )
        ),
        sa.PrimaryKeyConstraint("sha256", "picture"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "media_fingerprints_loose",
        table,
        ["algorithm"],
        unique=False,
        postgresql_where=sa.text("number is null and is_public"),
    )
    table = "media_fingerprint_shelves"
    op.create_table(
        table,
        sa.Column("shelf", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.LargeBinary(length=32), nullable=False),
        _moment("created_at"),
        _length(table, "identity", 32),
        sa.PrimaryKeyConstraint("shelf"),
    )
    table = "media_comparisons"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("near", "possible", "hashes")),
        sa.Column("pictures", sa.BigInteger(), nullable=False),
        _moment("compared_at"),
        _length(table, "sha256", 32),
        sa.CheckConstraint("occasion IN ('upload', 'mint')", name=f"{table}_occasion_rule"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("media_comparisons_sha256", table, ["sha256", "id"], unique=False)
    table = "media_likenesses"
    op.create_table(
        table,
        sa.Column("comparison_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other_sha256", sa.LargeBinary(length=32), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("distance", "symmetry", "kind", "other_kind")
        ),
        _length(table, "other_sha256", 32),
        sa.CheckConstraint("distance BETWEEN 0 AND 256", name=f"{table}_distance_rule"),
        sa.PrimaryKeyConstraint("comparison_id", "other_sha256"),
    )
    op.create_index("media_likenesses_other", table, ["other_sha256"], unique=False)
