"""
Which published works a picture resembles, and the record of having asked.

A question is gathered from the rows, answered without them (that is what takes time), and its
answer is written down with the rules it was found by. It names contents by their SHA-256 alone: who
made what, and whether that is somebody else, the api knows. Only what was published is compared
with and told, so nobody learns of another's private upload.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from media import shelves
from media.fingerprints import ALGORITHM, HASH_BYTES, SIDES_KEPT, WHOLE, Fingerprint
from media.scanning import NEAR, POSSIBLE, Columns, Hit, search
from media.shelves import Loose, Shelves
from media.tables import ContentRow
from media.tables_copies import ComparisonRow, FingerprintRow, LikenessRow
from media.tables_pins import ReferenceRow
from nft.types import Digest

UPLOAD, MINT = "upload", "mint"
MOST_TOLD = 20
"""So many likenesses of one content are kept, the nearest."""
_LOOSE_BASE = 1 << 40
"""Places of loose pictures count from here, far above any number."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and of whom."""

    sha256: Digest
    asked: tuple[Fingerprint, ...]
    shelves: tuple[tuple[int, Columns], ...]
    loose: Loose
    own: int
    """So many of them are the content's own, where it is published already."""

    @property
    def pictures(self) -> int:
        """With so many pictures it is compared."""
        held = [*(shelf for _, shelf in self.shelves), self.loose.columns]
        return max(0, sum(map(_pictures, held)) - self.own)

    def hits(self) -> list[Hit]:
        """Every picture within reach; needs no database; a second for a million works."""
        if not self.asked:
            return []
        return search([*self.shelves, (_LOOSE_BASE, self.loose.columns)], self.asked)


def _pictures(columns: Columns) -> int:
    return int((columns.kinds == WHOLE).sum())


@dataclass(frozen=True, slots=True)
class Likeness:
    """A published content that resembles the one asked for."""

    other: Digest
    distance: int
    symmetry: int
    kind: int
    other_kind: int

    @property
    def is_near(self) -> bool:
        """Near, or only possible."""
        return self.distance <= NEAR


def keep(
    session: Session,
    sha256: Digest,
    pictures: Sequence[Sequence[Fingerprint]],
    *,
    now: datetime,
) -> None:
    """Write down what a content looks like; once, whoever uploads it again."""
    for place, seen in enumerate(pictures):
        if not seen:
            continue
        values = {
            "sha256": sha256,
            "picture": place,
            "algorithm": ALGORITHM,
            "kinds": bytes(one.kind for one in seen),
            "qualities": bytes(one.quality for one in seen),
            "hashes": b"".join(one.hashes[0] for one in seen),
            "mirrored": b"".join(b"".join(one.hashes[1:]) for one in seen),
            "created_at": now,
        }
        session.execute(insert(FingerprintRow).values(values).on_conflict_do_nothing())


def publish(session: Session, cids: Iterable[str]) -> None:
    """From here on these contents are compared with; their holder consented to publish them."""
    contents = select(col(ContentRow.sha256)).where(col(ContentRow.cid).in_(list(cids)))
    session.execute(
        update(FingerprintRow)
        .where(col(FingerprintRow.sha256).in_(contents), ~col(FingerprintRow.is_public))
        .values(is_public=True)
    )


def forget(session: Session, sha256: Digest) -> None:
    """A content goes: what it looked like, and what was found of it, go with it."""
    session.execute(delete(FingerprintRow).where(col(FingerprintRow.sha256) == sha256))
    made = select(col(ComparisonRow.id)).where(col(ComparisonRow.sha256) == sha256)
    session.execute(delete(LikenessRow).where(col(LikenessRow.comparison_id).in_(made)))
    session.execute(delete(ComparisonRow).where(col(ComparisonRow.sha256) == sha256))


def kept(session: Session, sha256: Digest) -> tuple[Fingerprint, ...]:
    """The fingerprints of a content, of all its pictures."""
    query = select(FingerprintRow).where(
        col(FingerprintRow.sha256) == sha256, col(FingerprintRow.algorithm) == ALGORITHM
    )
    rows = session.execute(query.order_by(col(FingerprintRow.picture))).scalars()
    return tuple(one for row in rows for one in _fingerprints(row))


def _fingerprints(row: FingerprintRow) -> Iterable[Fingerprint]:
    others = HASH_BYTES * (SIDES_KEPT - 1)
    for place, (kind, quality) in enumerate(zip(row.kinds, row.qualities, strict=True)):
        mirrored = row.mirrored[others * place : others * (place + 1)]
        hashes = (
            row.hashes[HASH_BYTES * place : HASH_BYTES * (place + 1)],
            *(mirrored[at : at + HASH_BYTES] for at in range(0, others, HASH_BYTES)),
        )
        yield Fingerprint(kind, quality, hashes)


def gather(
    session: Session,
    at_hand: Shelves,
    sha256: Digest,
    asked: Iterable[Fingerprint] | None = None,
) -> Question:
    """What is asked of whom, as of this moment. Without `asked`, what was kept of the content."""
    wanted = tuple(asked) if asked is not None else kept(session, sha256)
    return Question(
        sha256=sha256,
        asked=wanted,
        shelves=tuple(at_hand.all(session)),
        loose=shelves.loose(session),
        own=_own(session, sha256),
    )


def _own(session: Session, sha256: Digest) -> int:
    query = select(func.count()).where(
        col(FingerprintRow.sha256) == sha256,
        col(FingerprintRow.is_public),
        col(FingerprintRow.algorithm) == ALGORITHM,
    )
    return session.execute(query).scalar_one()


def answer(session: Session, question: Question, hits: Sequence[Hit]) -> list[Likeness]:
    """Hits by content, nearest first: of others, and still published. Each content once."""
    numbers = [hit.picture for hit in hits if hit.picture < _LOOSE_BASE]
    names = shelves.names(session, numbers)
    best: dict[Digest, Likeness] = {}
    for hit in hits:
        if hit.picture >= _LOOSE_BASE:
            other = question.loose.sha256s[hit.picture - _LOOSE_BASE]
        elif hit.picture in names:
            other = names[hit.picture]
        else:
            continue
        if other != question.sha256 and other not in best:
            best[other] = Likeness(other, hit.distance, hit.symmetry, hit.kind, hit.other_kind)
    public = _published(session, best)
    return [one for one in best.values() if one.other in public][:MOST_TOLD]


def _published(session: Session, sha256s: Iterable[Digest]) -> set[Digest]:
    """Of these contents, those that an intent or a token holds."""
    query = (
        select(col(ContentRow.sha256))
        .join(ReferenceRow, col(ReferenceRow.cid) == col(ContentRow.cid))
        .where(col(ContentRow.sha256).in_(list(sha256s)))
    )
    return set(session.execute(query).scalars())


def record(
    session: Session,
    question: Question,
    found: Sequence[Likeness],
    *,
    occasion: str,
    now: datetime,
) -> None:
    """Keep what was found, by which rules and among how many."""
    made = ComparisonRow(
        sha256=question.sha256,
        occasion=occasion,
        algorithm=ALGORITHM,
        near=NEAR,
        possible=POSSIBLE,
        hashes=len(question.asked),
        pictures=question.pictures,
        compared_at=now,
    )
    session.add(made)
    session.flush()
    assert made.id is not None
    session.add_all(
        LikenessRow(
            comparison_id=made.id,
            other_sha256=one.other,
            distance=one.distance,
            symmetry=one.symmetry,
            kind=one.kind,
            other_kind=one.other_kind,
        )
        for one in found
    )
    session.flush()


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison as it was recorded."""

    made: ComparisonRow
    found: tuple[Likeness, ...]


def last(session: Session, sha256: Digest, *, before: datetime | None = None) -> Compared | None:
    """
    The newest comparison of a content; None when there was none.

    `before` a moment, which is when its work was minted: whoever sends the same file later has it
    compared again. The first one where none is as old, since clocks and chains disagree.
    """
    query = select(ComparisonRow).where(col(ComparisonRow.sha256) == sha256)
    order: list[ColumnElement[Any]] = [col(ComparisonRow.id).desc()]
    if before is not None:
        is_after = col(ComparisonRow.compared_at) > before
        order = [is_after.asc(), case((is_after, col(ComparisonRow.id))).asc(), *order]
    made = session.execute(query.order_by(*order).limit(1)).scalar_one_or_none()
    if made is None:
        return None
    rows = select(LikenessRow).where(col(LikenessRow.comparison_id) == made.id)
    nearest = rows.order_by(col(LikenessRow.distance), col(LikenessRow.other_sha256))
    return Compared(made, tuple(_likeness(row) for row in session.execute(nearest).scalars()))


def _likeness(row: LikenessRow) -> Likeness:
    return Likeness(row.other_sha256, row.distance, row.symmetry, row.kind, row.other_kind)


def resembling(session: Session, sha256: Digest) -> list[tuple[Digest, Likeness]]:
    """Published contents that were found to resemble this one, with what was found; latest only."""
    query = (
        select(col(ComparisonRow.sha256), LikenessRow)
        .join(ComparisonRow, col(ComparisonRow.id) == col(LikenessRow.comparison_id))
        .where(col(LikenessRow.other_sha256) == sha256)
        .order_by(col(ComparisonRow.id).desc())
        .limit(10 * MOST_TOLD)
    )
    found: dict[Digest, Likeness] = {}
    for subject, row in session.execute(query).all():
        found.setdefault(subject, _likeness(row))
    public = _published(session, found)
    told = [(subject, one) for subject, one in found.items() if subject in public]
    return sorted(told, key=lambda pair: pair[1].distance)[:MOST_TOLD]
