"""
What is kept of an import: its rows, as works waiting for files, answers and signatures.

Nothing here says how far a row has come: its files are in `media_uploads`, its mint is an intent,
and whether that has happened is on the chain.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, DigestType
from nft.types import Address, Digest


def _json(default: str | None = None) -> Any:
    return Field(sa_column=Column(JSONB, nullable=False, server_default=default))


class ImportRow(SQLModel, table=True):
    """A sheet as it was last taken. An account's imports are told apart by name."""

    __tablename__ = "book_imports"
    __table_args__ = (UniqueConstraint("owner", "chain_id", "name"),)

    id: str = Field(primary_key=True)
    owner: Address = Field(sa_type=AddressType)
    creator: Address = Field(sa_type=AddressType)
    """In whose name the works are minted: the account, or an artist who named it minter."""
    chain_id: int = Field(sa_type=BigInteger)
    name: str
    rows: int = Field(sa_type=Integer)
    """Of the sheet that was taken last, those with problems included."""
    problems: list[dict[str, Any]] = _json("[]")
    created_at: datetime = columns.now()
    updated_at: datetime = columns.now()


class ImportedRow(SQLModel, table=True):
    """
    A row that broke no rule: one work, or one edition.

    A work is the same work in every sheet of its account on a chain if its inventory number is,
    or its file's bytes and its number in the edition are. Hence the two unique keys, which no
    import is part of: renaming a folder mints nothing twice.
    """

    __tablename__ = "book_import_rows"
    __table_args__ = (
        UniqueConstraint("owner", "chain_id", "file_sha256", "edition_number"),
        Index(
            "book_import_rows_external_id",
            "owner",
            "chain_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id <> ''"),
        ),
        Index("book_import_rows_import", "import_id", "row"),
        Index("book_import_rows_intent", "intent_id"),
    )

    id: str = Field(primary_key=True)
    import_id: str
    """Of the sheet that named it last."""
    owner: Address = Field(sa_type=AddressType)
    chain_id: int = Field(sa_type=BigInteger)
    row: int = Field(sa_type=Integer)
    digest: Digest = Field(sa_type=DigestType)
    """Of all that the row says; another digest is a changed row."""
    external_id: str
    file_sha256: Digest = Field(sa_type=DigestType)
    edition_number: int = Field(sa_type=Integer)
    work: dict[str, Any] = _json()
    """A mint's `works` entry without its files, with `contract`, `royalties` and `copies`."""
    files: list[dict[str, Any]] = _json()
    """The work's own file first, then its cover: name, size, sha256."""
    accepted: list[str] = _json("[]")
    """Findings that the account has answered, by fingerprint."""
    intent_id: str | None = None
    """Of the group that it was last minted in."""
    place: int | None = Field(default=None, sa_type=Integer)
    """Within that group."""
    created_at: datetime = columns.now()
