"""
The media's tables: uploads, contents, pins.

Locking rules: every statement must be quick on a full table. An index is added CONCURRENTLY in a
migration of its own, a NOT NULL column gets a default, a CHECK is added NOT VALID and validated
later. Whatever rewrites a table is written as a job, not here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_media"
down_revision = "2026_11_22_mirror"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "media_contents",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cid", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column(
            "cids", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=True),
        sa.Column("blur", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('octet_length("sha256") = 32', name="media_contents_sha256_rule"),
        sa.PrimaryKeyConstraint("sha256"),
        sa.UniqueConstraint("cid"),
    )
    op.create_table(
        "media_metadata",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint('octet_length("digest") = 32', name="media_metadata_digest_rule"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(
        "media_metadata_document",
        "media_metadata",
        ["document"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"document": "jsonb_path_ops"},
    )
    op.create_table(
        "media_pins",
        sa.Column("cid", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('wanted', 'pinned', 'read_back', 'failed', 'unwanted')",
            name="media_pins_state_rule",
        ),
        sa.PrimaryKeyConstraint("cid", "store"),
    )
    op.create_table(
        "media_references",
        sa.Column("cid", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("cid", "holder"),
    )
    op.create_table(
        "media_uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.LargeBinary(length=20), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("filetype", sa.String(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column(
            "cids", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=True),
        sa.Column("blur", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('receiving', 'checking', 'ready', 'refused')",
            name="media_uploads_state_rule",
        ),
        sa.CheckConstraint('octet_length("owner") = 20', name="media_uploads_owner_rule"),
        sa.CheckConstraint('octet_length("sha256") = 32', name="media_uploads_sha256_rule"),
        sa.CheckConstraint("received BETWEEN 0 AND length", name="media_uploads_received_rule"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("media_uploads_owner", "media_uploads", ["owner", "created_at"], unique=False)
    op.create_index("media_uploads_sha256", "media_uploads", ["sha256"], unique=False)
    op.create_table(
        "media_variants",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("variant_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cid", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('octet_length("sha256") = 32', name="media_variants_sha256_rule"),
        sa.CheckConstraint(
            'octet_length("variant_sha256") = 32', name="media_variants_variant_sha256_rule"
        ),
        sa.PrimaryKeyConstraint("sha256", "name"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("media_variants")
    op.drop_index("media_uploads_sha256", table_name="media_uploads")
    op.drop_index("media_uploads_owner", table_name="media_uploads")
    op.drop_table("media_uploads")
    op.drop_table("media_references")
    op.drop_table("media_pins")
    op.drop_index(
        "media_metadata_document",
        table_name="media_metadata",
        postgresql_using="gin",
        postgresql_ops={"document": "jsonb_path_ops"},
    )
    op.drop_table("media_metadata")
    op.drop_table("media_contents")
