"""
Asking what a picture resembles: when it was uploaded, and once more before it is minted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.likenesses.schemas import ComparedOut, Likely, LikenessesOut, MatchOut
from api.likenesses.subjects import Subject, subjects_of
from api.likenesses.wording import sentence, transformation
from api.parts import Parts
from api.tokens.schemas import TokenOut
from media import likenesses
from media.likenesses import Likeness
from nft.types import Address, Digest

CODES: dict[Likely, str] = {
    "same_file": "SameFile",
    "near": "NearCopy",
    "possible": "PossibleCopy",
}


async def compare(session: AsyncSession, parts: Parts, sha256: Digest, *, now: datetime) -> None:
    """Ask again, before a mint: what was published since the upload counts too."""
    gather = partial(likenesses.gather, at_hand=parts.shelves, sha256=sha256)
    question = await session.run_sync(gather)
    hits = await to_thread.run_sync(question.hits)

    def record(sync: Any) -> None:
        found = likenesses.answer(sync, question, hits)
        likenesses.record(sync, question, found, occasion=likenesses.MINT, now=now)

    await session.run_sync(record)


async def matches(
    session: AsyncSession, parts: Parts, sha256: Digest, viewer: Address
) -> list[MatchOut]:
    """Published works that a content resembles, nearest first, as `viewer` should see them."""
    compared = await session.run_sync(lambda sync: likenesses.last(sync, sha256))
    found = list(compared.found) if compared is not None else []
    alike = [(one.other, one) for one in found]
    subjects = await subjects_of(session, parts, [sha256, *(other for other, _ in alike)])
    told = []
    if sha256 in subjects:
        told.append(_match(sha256, subjects[sha256], None, viewer))
    told += [
        _match(other, subjects[other], one, viewer) for other, one in alike if other in subjects
    ]
    return told


def findings(found: Sequence[MatchOut]) -> list[dict[str, Any]]:
    """What an artist should answer: likenesses to the works of others, by how near they are."""
    made = []
    for likeness, code in CODES.items():
        those = [one for one in found if one.likeness == likeness and not one.own]
        if those:
            made.append(
                {
                    "code": code,
                    "detail": sentence(code, those),
                    "matches": [one.model_dump(mode="json") for one in those],
                }
            )
    return made


async def findings_of(
    session: AsyncSession, parts: Parts, sha256: Digest, viewer: Address
) -> list[dict[str, Any]]:
    """The findings of a content for whoever wants to mint it, by its newest comparison."""
    return findings(await matches(session, parts, sha256, viewer))


async def of_token(session: AsyncSession, parts: Parts, token: TokenOut) -> LikenessesOut:
    """The evidence of a minted work; of a work from elsewhere there is none."""
    if token.foreign or not token.creator:
        return LikenessesOut(compared=None, found=[], later=[])
    named = [Digest.parse(file.sha256) for file in token.media]
    minted_at = token.minted.timestamp
    return await of_work(session, parts, named, Address.parse(token.creator), minted_at=minted_at)


async def of_work(
    session: AsyncSession,
    parts: Parts,
    sha256s: Sequence[Digest],
    creator: Address,
    *,
    minted_at: datetime,
) -> LikenessesOut:
    """The evidence of a minted work: what its files resembled, and what came later."""
    compared = None
    found: dict[str, MatchOut] = {}
    later: dict[str, MatchOut] = {}
    own = set(sha256s)
    for sha256 in sha256s:
        last = await session.run_sync(partial(likenesses.last, sha256=sha256, before=minted_at))
        if last is None:
            continue
        made = last.made
        if compared is None or made.hashes:
            compared = ComparedOut(
                algorithm=made.algorithm,
                near=made.near,
                possible=made.possible,
                pictures=made.pictures,
                is_comparable=bool(made.hashes),
                compared_at=made.compared_at,
            )
        after = await session.run_sync(partial(likenesses.resembling, sha256=sha256))
        others = [one.other for one in last.found] + [subject for subject, _ in after]
        subjects = await subjects_of(session, parts, others)
        _collect(found, [(one.other, one) for one in last.found], subjects, creator, own)
        _collect(later, after, subjects, creator, own, swapped=True)
    later = {name: one for name, one in later.items() if name not in found}
    return LikenessesOut(compared=compared, found=list(found.values()), later=list(later.values()))


def _collect(
    into: dict[str, MatchOut],
    alike: Sequence[tuple[Digest, Likeness]],
    subjects: dict[Digest, Subject],
    creator: Address,
    own: set[Digest],
    *,
    swapped: bool = False,
) -> None:
    """Only what was minted is told of in public."""
    for other, one in alike:
        subject = subjects.get(other)
        if subject is None or subject.work_url is None or other in own:
            continue
        into.setdefault(str(other), _match(other, subject, one, creator, swapped=swapped))


def _match(
    other: Digest,
    subject: Subject,
    one: Likeness | None,
    viewer: Address,
    *,
    swapped: bool = False,
) -> MatchOut:
    likeness: Likely = "same_file"
    if one is not None:
        likeness = "near" if one.is_near else "possible"
    return MatchOut(
        likeness=likeness,
        distance=one.distance if one is not None else 0,
        transformation=transformation(one, swapped=swapped) if one is not None else [],
        title=subject.title,
        artist=subject.artist,
        creator=str(subject.creator),
        own=subject.creator == viewer,
        work_url=subject.work_url,
        thumbnail_url=subject.thumbnail_url,
        sha256=str(other),
    )
