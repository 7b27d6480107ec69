"""
From a request and checked uploads to the documents that will be minted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.mints.covers import FITTING, Covers, with_cover
from api.mints.schemas import WorkIn
from media.formats import kind_of
from media.tables import UploadRow
from nft.content.profiles import DEFAULT
from nft.errors import MetadataInvalid
from nft.metadata import (
    Asset,
    Attribute,
    Edition,
    Work,
    canonical_bytes,
    check_work,
    document,
    metadata_digest,
)
from nft.types import Digest

NO_COVERS: Covers = {}


@dataclass(frozen=True, slots=True)
class Written:
    """A work's metadata, ready to be pinned."""

    document: dict[str, Any]
    body: bytes
    digest: Digest
    cids: tuple[str, ...]
    """Of the files, without the document's own."""
    sha256s: tuple[Digest, ...]


def write(
    work: WorkIn, files: Mapping[str, UploadRow], covers: Covers = NO_COVERS, *, at: str = ""
) -> Written:
    """
    The canonical document of a work. Raises `MetadataInvalid`, `CoverMissing` or
    `MetadataTooLarge`.

    `at` stands before the field's name in an error: `works/3/`, say.
    """
    try:
        assets = tuple(_asset(files[one.upload_id], one.role) for one in work.media)
        _check_roles(assets)
        assets = with_cover(assets, covers)
        check_work(_described(work, assets))
    except MetadataInvalid as error:
        error.field = at + (error.field or "")
        raise
    found = document(_described(work, assets))
    body = canonical_bytes(found)
    return Written(
        document=found,
        body=body,
        digest=metadata_digest(body),
        cids=tuple(asset.cid for asset in assets),
        sha256s=tuple(asset.sha256 for asset in assets),
    )


def _described(work: WorkIn, assets: tuple[Asset, ...]) -> Work:
    return Work(
        title=work.title,
        assets=assets,
        artist=work.artist,
        description=work.description,
        alt_text=work.alt_text,
        date=work.work.date,
        medium=work.work.medium,
        dimensions=work.work.dimensions,
        edition=Edition(work.work.edition.number, work.work.edition.size),
        attributes=tuple(Attribute(one.trait_type, str(one.value)) for one in work.attributes),
        rights=work.rights,
        external_id=work.external_id,
    )


def _asset(row: UploadRow, role: str) -> Asset:
    assert row.sha256 is not None
    assert row.type is not None
    return Asset(
        role=role,
        cid=row.cids[DEFAULT.name],
        profile=DEFAULT.name,
        sha256=row.sha256,
        type=row.type,
        # Of a page of several files the archive that they came in is not what is kept.
        size=int(row.details.get("bytes", row.length)),
        width=row.width,
        height=row.height,
        entry=row.details.get("entry"),
    )


def _check_roles(assets: tuple[Asset, ...]) -> None:
    for position, asset in enumerate(assets):
        fitting = FITTING.get(asset.role)
        if fitting is not None and kind_of(asset.type) not in fitting:
            raise MetadataInvalid(
                f"media/{position}/role",
                f"{asset.type} is no {asset.role}; that is for: {', '.join(sorted(fitting))}",
            )
