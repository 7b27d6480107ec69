"""
Who made the contents that a comparison names: minted works first, else what is being minted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.intents.abandon import INTENT_HOLDER
from api.parts import Parts
from api.tables import IntentRow
from api.tokens import documents
from indexer.tables import TokenRow
from media.tables import ContentRow, MetadataRow, VariantRow
from media.tables_pins import ReferenceRow
from nft.types import Address, Digest, TokenRef

_ID_FROM = len(INTENT_HOLDER) + 1


@dataclass(frozen=True, slots=True)
class Subject:
    """A content as a work: whose, called what, and where to be seen."""

    creator: Address
    title: str
    artist: str
    work_url: str | None
    thumbnail_url: str | None = None


async def subjects_of(
    session: AsyncSession, parts: Parts, sha256s: Iterable[Digest]
) -> dict[Digest, Subject]:
    """
    The works of these contents, the earliest where there are several.

    Left out is what neither was minted nor is being minted with its artist's consent.
    """
    wanted = sorted(set(sha256s))
    if not wanted:
        return {}
    found = await _minted(session, parts, wanted)
    found |= await _on_their_way(session, [one for one in wanted if one not in found])
    thumbnails = await _thumbnails(session, parts, list(found))
    return {
        sha256: Subject(
            subject.creator,
            subject.title,
            subject.artist,
            subject.work_url,
            thumbnails.get(sha256),
        )
        for sha256, subject in found.items()
    }


async def _minted(
    session: AsyncSession, parts: Parts, wanted: Sequence[Digest]
) -> dict[Digest, Subject]:
    query = (
        select(TokenRow, col(MetadataRow.document))
        .join(MetadataRow, col(MetadataRow.digest) == col(TokenRow.metadata_digest))
        .where(or_(*(_names(sha256) for sha256 in wanted)))
        .order_by(col(TokenRow.minted_block), col(TokenRow.minted_log_index))
        .limit(50 * len(wanted))
    )
    found: dict[Digest, Subject] = {}
    for row, document in (await session.execute(query)).all():
        token = TokenRef(row.chain_id, row.contract, row.token_id)
        subject = Subject(
            creator=row.creator,
            title=documents.text(document, "name"),
            artist=_artist(document),
            work_url=f"{parts.public_url}/works/{token.path}",
        )
        for sha256 in _files_of(document) & set(wanted):
            found.setdefault(sha256, subject)
    return found


def _names(sha256: Digest) -> Any:
    named = {"properties": {"media": [{"sha256": str(sha256)}]}}
    return col(MetadataRow.document).contains(named)


def _files_of(document: Mapping[str, Any]) -> set[Digest]:
    return {Digest.parse(documents.text(one, "sha256")) for one in documents.assets(document)}


def _artist(document: Mapping[str, Any]) -> str:
    return documents.text(documents.part(document, "properties"), "artist")


async def _on_their_way(session: AsyncSession, wanted: Sequence[Digest]) -> dict[Digest, Subject]:
    """Contents that an intent holds: their files are public, their works not yet minted."""
    query = (
        select(col(ContentRow.sha256), col(IntentRow.account), col(IntentRow.facts))
        .join(ReferenceRow, col(ReferenceRow.cid) == col(ContentRow.cid))
        # The id is cut out of the holder, so that intents are found by their key.
        .join(IntentRow, col(IntentRow.id) == func.substr(col(ReferenceRow.holder), _ID_FROM))
        .where(
            col(ContentRow.sha256).in_(wanted), col(ReferenceRow.holder).startswith(INTENT_HOLDER)
        )
        .order_by(col(IntentRow.created_at))
    )
    found: dict[Digest, Subject] = {}
    for sha256, account, facts in (await session.execute(query)).all():
        creator = Address.parse(facts["creator"]) if "creator" in facts else account
        title = (facts.get("titles") or [""])[0]
        found.setdefault(sha256, Subject(creator, title, artist="", work_url=None))
    return found


async def _thumbnails(
    session: AsyncSession, parts: Parts, sha256s: Sequence[Digest]
) -> dict[Digest, str]:
    query = (
        select(col(VariantRow.sha256), col(VariantRow.cid))
        .where(
            col(VariantRow.sha256).in_(sha256s),
            col(VariantRow.type).in_(("image/webp", "image/jpeg", "image/png")),
        )
        .order_by(col(VariantRow.width).desc(), col(VariantRow.name))
    )
    # The smallest comes last and stays.
    rows = (await session.execute(query)).all()
    return {sha256: f"{parts.media_url}/ipfs/{cid}" for sha256, cid in rows}
