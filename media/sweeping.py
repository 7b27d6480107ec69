"""
Sweeping: uploads whose time is over end, and content that nobody uses goes from the disk.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from media import likenesses, shelves, uploads
from media.tables import VariantRow
from media.work import MediaParts
from nft.types import Digest


def sweep(parts: MediaParts, *, now: datetime) -> int:
    """End what expired and drop contents that nobody uses; returns how many went."""
    with parts.sessions.begin() as session:
        count = uploads.expire(session, parts.rules, now=now)
    with parts.sessions.begin() as session:
        for content in uploads.unused_contents(session, now=now):
            digests = [bytes(content.sha256), *_own_variants(session, content.sha256)]
            session.execute(delete(VariantRow).where(col(VariantRow.sha256) == content.sha256))
            likenesses.forget(session, content.sha256)
            session.delete(content)
            for digest in digests:
                for root in parts.private.roots_of(digest.hex()):
                    parts.private.remove(root)
            count += 1
    return count


def _own_variants(session: Session, sha256: Digest) -> list[bytes]:
    """Variants that no other original came out at."""
    other = aliased(VariantRow)
    is_shared = select(other).where(
        col(other.variant_sha256) == col(VariantRow.variant_sha256), col(other.sha256) != sha256
    )
    query = select(col(VariantRow.variant_sha256)).where(
        col(VariantRow.sha256) == sha256, ~is_shared.exists()
    )
    return [bytes(digest) for digest in session.execute(query).scalars()]


def shelve(parts: MediaParts, *, now: datetime) -> int:
    """Put fingerprints that became public onto shelves, and have the files at hand."""
    with parts.sessions.begin() as session:
        count = shelves.seal(session, size=parts.shelves.size)
    with parts.sessions() as session:
        parts.shelves.all(session)
    parts.shelves.tidy(before=(now - timedelta(hours=1)).timestamp())
    return count
