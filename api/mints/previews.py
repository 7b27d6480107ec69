"""
A work that is not one yet, as the public page will show it: files that only their owner may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.chains.schemas import AsOf
from api.gateway import private
from api.mints.schemas import MAX_FILES, MediaIn
from api.parts import Parts
from api.tokens.schemas import EditionOut, MediaOut, MintedOut, RoyaltyOut, TokenOut, VariantOut
from api.uploads import service as uploads
from media.recipes import is_current
from media.tables import UploadRow, VariantRow
from media.uploads import READY
from nft.content.profiles import DEFAULT
from nft.errors import NoSuchUpload, UploadExpired
from nft.types import ZERO_ADDRESS, Address

BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""Stands where the studio puts the file that only the browser has."""


class PreviewIn(BaseModel):
    """What the studio knows of a work so far."""

    model_config = ConfigDict(extra="ignore")

    title: str = Field(default="", max_length=400)
    artist: str = Field(default="", max_length=600)
    alt_text: str = Field(default="", max_length=20_000)
    date: str = Field(default="", max_length=600)
    medium: str = Field(default="", max_length=600)
    dimensions: str = Field(default="", max_length=600)
    edition_number: int = Field(default=1, ge=0, le=10**9)
    edition_size: int | None = Field(default=1, ge=0, le=10**9)
    type: str = Field(default="", max_length=100)
    width: int | None = Field(default=None, ge=1, le=10**6)
    height: int | None = Field(default=None, ge=1, le=10**6)
    files: list[MediaIn] = Field(default=[], max_length=MAX_FILES)
    """Checked uploads; while there are none, `type` and sizes are what the browser made out."""


async def files_of(
    session: AsyncSession, parts: Parts, body: PreviewIn, *, owner: Address, now: datetime
) -> list[MediaOut]:
    """The files at addresses that end by themselves; uploads that are gone are left out."""
    found = []
    for one in body.files:
        try:
            row = await uploads.find(session, one.upload_id, owner=owner, now=now)
        except (NoSuchUpload, UploadExpired):
            continue
        if row.state == READY:
            query = select(VariantRow).where(col(VariantRow.sha256) == row.sha256, is_current())
            made = (await session.execute(query.order_by(col(VariantRow.width)))).scalars().all()
            found.append(_file(parts, row, made, role=one.role, now=now))
    return _with_poster(found)


def _file(
    parts: Parts, row: UploadRow, made: Sequence[VariantRow], *, role: str, now: datetime
) -> MediaOut:
    def at(cid: str) -> str:
        return private.url_of(parts.media_url, parts.secret_key, cid, now=now)

    cid = row.cids[DEFAULT.name]
    return MediaOut(
        role=role,
        cid=cid,
        sha256=str(row.sha256),
        type=row.type or "",
        size=row.length,
        url=at(cid) + ("/" if row.details.get("entry") else ""),
        width=row.width,
        height=row.height,
        blur=row.blur,
        details=row.details,
        variants=[
            VariantOut(
                name=each.name,
                url=at(each.cid),
                width=each.width,
                height=each.height,
                type=each.type,
            )
            for each in made
        ],
    )


def _with_poster(files: list[MediaOut]) -> list[MediaOut]:
    """As the mint does: without a picture of its own a work is shown by its poster."""
    first = next((one for one in files if one.variants), None)
    if first is None or any(one.role == "image" for one in files):
        return files
    largest = first.variants[-1]
    facts = {"url": largest.url, "type": largest.type, "kind": "image", "details": {}}
    size = {"width": largest.width, "height": largest.height}
    return [*files, first.model_copy(update={"role": "image", **facts, **size})]


def bare_file_of(body: PreviewIn) -> list[MediaOut]:
    """The file that only the browser has yet, if it is a picture; nothing else can be shown."""
    if not body.type.startswith("image/"):
        return []
    return [
        MediaOut(
            role="image",
            cid="",
            sha256="",
            type=body.type,
            size=0,
            url=BLANK,
            width=body.width,
            height=body.height,
        )
    ]


def preview_of(body: PreviewIn, files: list[MediaOut], *, now: datetime) -> TokenOut:
    """A work that is not one yet."""
    nobody = str(ZERO_ADDRESS)
    return TokenOut(
        chain_id="",
        contract=nobody,
        token_id="0",
        asset="",
        test=False,
        title=body.title,
        description="",
        artist=body.artist,
        alt_text=body.alt_text,
        date=body.date,
        medium=body.medium,
        dimensions=body.dimensions,
        edition=EditionOut(number=max(1, body.edition_number), size=body.edition_size),
        attributes=[],
        rights="",
        external_id="",
        creator="",
        owner=nobody,
        transfer_count=0,
        royalty=RoyaltyOut(receiver=nobody, bps=0),
        media=files,
        metadata_digest=None,
        metadata_cid=None,
        metadata_known=True,
        token_uri=None,
        frozen=False,
        burned=False,
        minted=MintedOut(block_number="0", transaction_hash="", timestamp=now),
        listing=None,
        work_url="",
        certificate_url="",
        as_of=AsOf(block_number="0", block_hash="", timestamp=now, finality="pending"),
    )
