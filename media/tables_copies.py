"""
What pictures look like, and which resembled which when: `media_*` rows like the others.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

from media.tables import _now
from nft.database import DigestType
from nft.types import Digest


class FingerprintRow(SQLModel, table=True):
    """One picture of a content; several where one does not say it all (frames of a video)."""

    __tablename__ = "media_fingerprints"
    __table_args__ = (
        Index(
            "media_fingerprints_loose",
            "algorithm",
            postgresql_where=text("number is null and is_public"),
        ),
    )

    sha256: Digest = Field(sa_type=DigestType, primary_key=True)
    """Of the content."""
    picture: int = Field(
        sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    algorithm: str
    kinds: bytes = Field(sa_type=LargeBinary)
    """A byte for each hash: the whole, without border, a crop (`media.fingerprints`)."""
    qualities: bytes = Field(sa_type=LargeBinary)
    hashes: bytes = Field(sa_type=LargeBinary)
    """32 bytes each, in the order of `kinds`."""
    mirrored: bytes = Field(sa_type=LargeBinary)
    """96 bytes each: the picture upside down, mirrored, turned by half. Read only to ask with."""
    is_public: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether somebody consented to publish the content; nobody is told of any other."""
    number: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    """Its place among the sealed ones (`media.shelves`); None while it is loose."""
    created_at: datetime = _now()


class ShelfRow(SQLModel, table=True):
    """So many fingerprints, numbered once and for all, which every process keeps as a file."""

    __tablename__ = "media_fingerprint_shelves"

    shelf: int = Field(sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False})
    identity: Digest = Field(sa_type=DigestType)
    """Of what it holds; a database that was restored seals another one under the same number."""
    created_at: datetime = _now()


class ComparisonRow(SQLModel, table=True):
    """That a content was compared, when, by what rules, and with how many. Never changed."""

    __tablename__ = "media_comparisons"
    __table_args__ = (Index("media_comparisons_sha256", "sha256", "id"),)

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), primary_key=True),
    )
    sha256: Digest = Field(sa_type=DigestType)
    occasion: str
    """`upload` or `mint`."""
    algorithm: str
    near: int = Field(sa_type=Integer)
    possible: int = Field(sa_type=Integer)
    hashes: int = Field(sa_type=Integer)
    """Of this content; 0 when there was nothing to compare by."""
    pictures: int = Field(sa_type=BigInteger)
    """With so many pictures of others it was compared."""
    compared_at: datetime = _now()


class LikenessRow(SQLModel, table=True):
    """What a comparison found: evidence, kept as it was."""

    __tablename__ = "media_likenesses"
    __table_args__ = (Index("media_likenesses_other", "other_sha256"),)

    comparison_id: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    other_sha256: Digest = Field(sa_type=DigestType, primary_key=True)
    distance: int = Field(sa_type=Integer)
    """Bits of 256."""
    symmetry: int = Field(sa_type=Integer)
    kind: int = Field(sa_type=Integer)
    other_kind: int = Field(sa_type=Integer)
