"""
Files as the exchange knows them: `media_*` rows, written by this package alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from media.tables_pins import PinRow as PinRow
from media.tables_pins import ReferenceRow as ReferenceRow
from nft.database import AddressType, DigestType, TokenIdType
from nft.types import Address, Digest


def _now() -> Any:
    return Field(
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )


def _chain() -> Any:
    return Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})


def _json(default: str) -> Any:
    return Field(sa_column=Column(JSONB, nullable=False, server_default=default))


class UploadRow(SQLModel, table=True):
    """One resumable upload and, once checked, the facts of its file."""

    __tablename__ = "media_uploads"
    __table_args__ = (
        Index("media_uploads_owner", "owner", "created_at"),
        Index("media_uploads_sha256", "sha256"),
    )

    id: str = Field(primary_key=True)
    """128 random bits; never made from the file's name."""
    owner: Address = Field(sa_type=AddressType)
    filename: str
    filetype: str
    length: int = Field(sa_type=BigInteger)
    received: int = Field(default=0, sa_type=BigInteger)
    """The tus offset: bytes on disk and synced."""
    state: str
    """receiving, checking, ready or refused."""
    stage: str = Field(default="receiving", sa_column_kwargs={"server_default": "receiving"})
    """How far it is: receiving, hashed, checked, derived, compared."""
    expected_sha256: Digest | None = Field(default=None, sa_type=DigestType)
    """What its owner announced that the whole file hashes to."""
    upload_metadata: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """`Upload-Metadata` as it was sent."""
    findings: list[dict[str, Any]] = _json("[]")
    problem: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    type: str | None = None
    sha256: Digest | None = Field(default=None, sa_type=DigestType)
    cids: dict[str, str] = _json("{}")
    width: int | None = Field(default=None, sa_type=Integer)
    height: int | None = Field(default=None, sa_type=Integer)
    frames: int | None = Field(default=None, sa_type=Integer)
    blur: str | None = None
    """A tiny placeholder as a data URL."""
    details: dict[str, Any] = _json("{}")
    """What this kind alone has: `duration`, `codec`, `pages` and the like."""
    created_at: datetime = _now()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ContentRow(SQLModel, table=True):
    """A file in the store, once for everybody who uploaded it."""

    __tablename__ = "media_contents"
    __table_args__ = (Index("media_contents_recipe", "recipe", "sha256"),)

    sha256: Digest = Field(sa_type=DigestType, primary_key=True)
    cid: str = Field(unique=True)
    """Of the default profile; other profiles of the same bytes are in `cids`."""
    profile: str
    cids: dict[str, str] = _json("{}")
    size: int = Field(sa_type=BigInteger)
    type: str
    width: int | None = Field(default=None, sa_type=Integer)
    height: int | None = Field(default=None, sa_type=Integer)
    frames: int | None = Field(default=None, sa_type=Integer)
    blur: str | None = None
    details: dict[str, Any] = _json("{}")
    recipe: int = Field(default=1, sa_type=Integer, sa_column_kwargs={"server_default": text("1")})
    """By which its variants were made that are shown."""
    created_at: datetime = _now()


class VariantRow(SQLModel, table=True):
    """A derived picture: deterministic, without metadata, never the original."""

    __tablename__ = "media_variants"

    sha256: Digest = Field(sa_type=DigestType, primary_key=True)
    """Of the original."""
    recipe: int = Field(
        default=1,
        sa_type=Integer,
        primary_key=True,
        sa_column_kwargs={"server_default": text("1"), "autoincrement": False},
    )
    """Which way of deriving it came from; see `media.recipes`."""
    name: str = Field(primary_key=True)
    """`w480`, `w960` and so on, with `.avif`, `.webp`, `.jpg` or `.png`."""
    variant_sha256: Digest = Field(sa_type=DigestType)
    cid: str
    """Of the derived file, by the default profile."""
    type: str
    width: int = Field(sa_type=Integer)
    height: int = Field(sa_type=Integer)
    size: int = Field(sa_type=BigInteger)


class MetadataRow(SQLModel, table=True):
    """Metadata documents by the digest that tokens store, canonical bytes and parsed."""

    __tablename__ = "media_metadata"
    __table_args__ = (
        # One index for look-ups by the sha256, cid or external id that a document names.
        Index(
            "media_metadata_document",
            "document",
            postgresql_using="gin",
            postgresql_ops={"document": "jsonb_path_ops"},
        ),
    )

    digest: Digest = Field(sa_type=DigestType, primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = _now()


class TokenMetadataRow(SQLModel, table=True):
    """
    What a token of somebody else's collection was found to be described by, version after version.

    No part of the mirror: what lies behind https cannot be read again as it was. A version is
    added when the bytes differ from the newest one's.
    """

    __tablename__ = "media_token_metadata"

    chain_id: int = _chain()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    version: int = Field(
        sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    """From 1 on."""
    fetched_at: datetime = _now()
    block_number: int = Field(sa_type=BigInteger)
    """As of which the contract was asked where the document lies."""
    uri: str
    """Its beginning, where it is long."""
    sha256: Digest | None = Field(default=None, sa_type=DigestType)
    """Of the bytes; None when there were none."""
    size: int | None = Field(default=None, sa_type=Integer)
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    error: str | None = None
    """Why there is no document."""


class LookupRow(SQLModel, table=True):
    """When a token of somebody else's collection was looked at, and when it will be next."""

    __tablename__ = "media_lookups"
    __table_args__ = (
        Index("media_lookups_due", "due_at", postgresql_where=text("due_at is not null")),
    )

    chain_id: int = _chain()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    due_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    """None: not before it is said to have changed."""
    looked_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    looked_block: int | None = Field(default=None, sa_type=BigInteger)
    """As of which the contract was asked then."""
    attempts: int = Field(
        default=0, sa_type=Integer, sa_column_kwargs={"server_default": text("0")}
    )
    """In vain, since it was due."""


class MarkRow(SQLModel, table=True):
    """How far somebody has read the mirror's outbox."""

    __tablename__ = "media_marks"

    name: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
