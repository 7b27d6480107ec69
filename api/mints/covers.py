"""
The picture that stands for a work, where its artist gave none.

A film, a sound or a document has a poster if one could be taken from it. Its largest size becomes
the work's picture, pinned and named like any file: other marketplaces show that one too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from media.recipes import is_current
from media.tables import UploadRow, VariantRow
from nft.content.profiles import DEFAULT
from nft.errors import MetadataInvalid
from nft.metadata import Asset
from nft.types import Digest

Covers = Mapping[Digest, Asset]
"""By the SHA-256 of the file they were made from."""

# What every marketplace can show comes first.
_BEST = ("image/webp", "image/jpeg", "image/png", "image/avif")

FITTING: Mapping[str, frozenset[str]] = {
    "image": frozenset({"image"}),
    "animation": frozenset({"image", "video", "audio", "model", "page"}),
    "document": frozenset({"document", "image"}),
}
"""Which kinds of files a role is for."""


class CoverMissing(MetadataInvalid):
    """A work that cannot be shown by a picture anywhere."""

    def __init__(self) -> None:
        super().__init__(
            "media",
            "none of the files shows a picture: add one with the role `image`, by which the work "
            "is known in lists and on other marketplaces",
        )


async def covers_of(session: AsyncSession, files: Iterable[UploadRow]) -> Covers:
    """The largest poster of every file that is no picture itself."""
    wanted = {
        row.sha256 for row in files if row.sha256 and not (row.type or "").startswith("image/")
    }
    if not wanted:
        return {}
    query = select(VariantRow).where(col(VariantRow.sha256).in_(wanted), is_current())
    found: dict[Digest, VariantRow] = {}
    for row in (await session.execute(query)).scalars():
        best = found.get(row.sha256)
        if row.type in _BEST and (best is None or _rank(row) > _rank(best)):
            found[row.sha256] = row
    return {sha256: _asset(row) for sha256, row in found.items()}


def with_cover(assets: tuple[Asset, ...], covers: Covers) -> tuple[Asset, ...]:
    """The files of a work with a picture among them. Raises `CoverMissing`."""
    if any(asset.role == "image" for asset in assets):
        return assets
    made = next((covers[asset.sha256] for asset in assets if asset.sha256 in covers), None)
    if made is not None:
        return (*assets, made)
    first = next((asset for asset in assets if asset.type.startswith("image/")), None)
    if first is None:
        raise CoverMissing
    return (*assets, replace(first, role="image"))


def _rank(row: VariantRow) -> tuple[int, int]:
    # A card or another crop is no picture of the whole; its name says so.
    return (row.width if row.name.startswith(("w", "poster")) else 0, -_BEST.index(row.type))


def _asset(row: VariantRow) -> Asset:
    return Asset(
        role="image",
        cid=row.cid,
        profile=DEFAULT.name,
        sha256=row.variant_sha256,
        type=row.type,
        size=row.size,
        width=row.width,
        height=row.height,
    )
