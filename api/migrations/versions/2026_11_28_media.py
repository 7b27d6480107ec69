"""
Works of every kind, where they are kept, what they resemble, and how healthy that is.
"""

from __future__ import annotations

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


def downgrade() -> None:
    """Take it away again."""
    _drop_stages()
    for table in ("media_uploads", "media_contents"):
        op.drop_column(table, "details")
    op.drop_table("book_import_rows")
    op.drop_table("book_imports")


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
