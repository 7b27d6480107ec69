"""
Making variants again, for contents that came in when fewer or other ones were made.

One content at a time, in any process, as often as one likes: the rows of the new variants come
first, then their files beside the public original, and last the word that they are the ones to
show. Whoever is killed between these leaves the old ones shown, and the next run goes on there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from media import keeping
from media.checks import Inspection, MadeVariant, Problem, inspect
from media.recipes import RECIPE
from media.tables import ContentRow, VariantRow
from media.work import MediaParts
from nft.content.cid import Cid
from nft.content.importer import Imported
from nft.content.profiles import DEFAULT
from nft.types import Digest

_BATCH = 100
_STORE = "embedded"
Made = list[tuple[MadeVariant, Imported]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A content whose variants could not be made again; those it has stay."""

    cid: str
    problem: str


def derive_missing(parts: MediaParts) -> Iterator[Failure | None]:
    """Bring every content to today's recipe, one after the other; None is one that worked out."""
    after = b""
    while batch := _outdated(parts, after):
        for sha256, cid in batch:
            problem = derive_again(parts, sha256, cid)
            yield Failure(cid, problem) if problem else None
        after = bytes(batch[-1][0])


def _outdated(parts: MediaParts, after: bytes) -> list[tuple[Digest, str]]:
    query = (
        select(col(ContentRow.sha256), col(ContentRow.cid))
        .where(col(ContentRow.recipe) < RECIPE)
        .order_by(col(ContentRow.sha256))
        .limit(_BATCH)
    )
    if after:
        query = query.where(col(ContentRow.sha256) > Digest(after))
    with parts.sessions() as session:
        return [(sha256, cid) for sha256, cid in session.execute(query)]


def derive_again(parts: MediaParts, sha256: Digest, cid: str) -> str | None:
    """Today's variants of one content; why not, if not."""
    stores = (parts.private, parts.public)
    record = next((found for store in stores if (found := store.find_record(Cid.parse(cid)))), None)
    if record is None:
        return "its file is not in the store"
    if record.is_folder:
        _settle(parts, sha256)  # A folder of files has no picture of its own.
        return None
    file = next((path for store in stores if (path := store.find_file(bytes(sha256)))), None)
    if file is None:
        return "its file is not in the store"
    with TemporaryDirectory(dir=parts.rules.folder, prefix="checking-") as folder:
        looked_at = inspect(file, Path(folder))
        if isinstance(looked_at, Problem):
            return f"{looked_at.code}: {looked_at.detail}"
        while not _keep(parts, sha256, looked_at, Path(folder)):
            pass  # a sweep took files away that were here; they are added again
    _publish(parts, sha256, cid)
    _settle(parts, sha256)
    return None


def _keep(parts: MediaParts, sha256: Digest, found: Inspection, folder: Path) -> bool:
    """Files and rows of the new variants; false if the files did not stay until the rows stood."""
    made: Made = [(one, parts.private.add_file(folder / one.name)) for one in found.variants]
    line = select(col(ContentRow.sha256)).where(col(ContentRow.sha256) == sha256).with_for_update()
    with parts.sessions.begin() as session:
        # A sweep holds this line while it removes files; from here on it waits for our rows.
        if session.execute(line).scalar_one_or_none() is None:
            _drop(parts, made)
            return True
        if not all(parts.private.has(file.roots[DEFAULT.name].cid) for _, file in made):
            return False
        for one, file in made:
            values = {
                **asdict(one),
                "sha256": sha256,
                "recipe": RECIPE,
                "variant_sha256": Digest(file.sha256),
                "cid": file.cids[DEFAULT.name],
                "size": file.size,
            }
            session.execute(insert(VariantRow).values(values).on_conflict_do_nothing())
    return True


def _drop(parts: MediaParts, made: Made) -> None:
    """Files of a content that went meanwhile, unless another came out at the same ones."""
    for _, file in made:
        with parts.sessions() as session:
            same = col(VariantRow.variant_sha256) == Digest(file.sha256)
            is_used = session.execute(select(col(VariantRow.cid)).where(same).limit(1)).first()
        if is_used is None:
            parts.private.remove(file.roots[DEFAULT.name].cid)


def _publish(parts: MediaParts, sha256: Digest, cid: str) -> None:
    """Beside the original if that is public; whoever takes it back waits, and takes these too."""
    with keeping.alone(parts, cid, _STORE):
        if parts.public.find_record(Cid.parse(cid)) is not None:
            keeping.publish_variants(parts, bytes(sha256))


def _settle(parts: MediaParts, sha256: Digest) -> None:
    with parts.sessions.begin() as session:
        session.execute(
            update(ContentRow)
            .where(col(ContentRow.sha256) == sha256, col(ContentRow.recipe) < RECIPE)
            .values(recipe=RECIPE)
        )
