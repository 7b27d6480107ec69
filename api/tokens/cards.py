"""
The card of a work, which links to it show elsewhere: drawn once for the same facts, then kept.

Its address names what it was drawn from, so it may be kept for ever by whoever fetched it; asked
for by an older name, or none, the same address gives today's card and says that it may change.
Cards are a cache below `DATA_DIR`: lost ones are drawn again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import display, seal
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_bytes
from api.pages import STATIC
from api.parts import Parts
from api.tokens.deps import TokenDep
from api.tokens.queries import get_token
from api.tokens.schemas import MediaOut, TokenOut, VariantOut
from media.cards import LAYOUT, Card
from nft.content.cid import Cid
from nft.types import Address

router = APIRouter(include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
BEST_WIDTH = 960
"""Of the picture that is drawn: no card has room for more than this."""
AT_ONCE = 2
_LIMITER = CapacityLimiter(AT_ONCE)


@router.get("/works/{chain_id}/{contract}/{token_id}/card.jpg")
async def card(
    request: Request, token: TokenDep, session: ReadSessionDep, parts: PartsDep, v: str = ""
) -> Response:
    """The card of a work as a JPEG of 1200 by 630."""
    work = await get_token(session, parts, token)
    name = card_name(work)
    await session.close()  # Who waits for their turn needs no connection, and there are few.
    body = await to_thread.run_sync(_kept, parts, work, name, limiter=_LIMITER)
    age = FOR_EVER if v == name[:16] else FOR_A_WHILE
    return public_bytes(request, body, media_type="image/jpeg", headers={"Cache-Control": age})


def card_path(work: TokenOut) -> str:
    """Where a work's card lies on this site, by a name that changes with what stands on it."""
    path = f"/works/{work.chain_id}/{work.contract}/{work.token_id}"
    return f"{path}/card.jpg?v={card_name(work)[:16]}"


def card_name(work: TokenOut) -> str:
    """Of everything that is drawn."""
    shown = small_picture(work.media)
    facts = [LAYOUT, work.metadata_digest, work.title, work.artist, _note(work), work.creator]
    told = json.dumps([*facts, shown.url.rpartition("/")[2] if shown else None])
    return hashlib.sha256(told.encode()).hexdigest()


def _note(work: TokenOut) -> str:
    separator = "，" if display.is_han(work.title) else ", "
    return separator.join(part for part in (work.date, work.medium) if part)


def small_picture(media: Iterable[MediaOut]) -> VariantOut | None:
    """A small file of ours, in a format that keeps its colours; never a stranger's original."""
    by_role = sorted(media, key=lambda file: file.role != "image")
    image = next((file for file in by_role if file.variants), None)
    if image is None:
        return None
    plain = [one for one in image.variants if one.type in ("image/jpeg", "image/png")]
    wide = [one for one in plain if one.width >= BEST_WIDTH]
    chosen = wide[:1] or sorted(plain, key=lambda one: one.width)[-1:]
    return chosen[0] if chosen else None


def _kept(parts: Parts, work: TokenOut, name: str) -> bytes:
    from media.disk import make_folder, write_whole

    folder = parts.data_dir / "cards"
    place = folder / name[:2] / f"{name}.jpg"
    if place.is_file():
        return place.read_bytes()
    shown = small_picture(work.media)
    file = file_of(parts, shown) if shown is not None else None
    body = _drawn(work, file)
    if file is not None or shown is None:
        make_folder(folder / "scratch")
        write_whole(place, body, scratch=folder / "scratch")
    return body


def file_of(parts: Parts, shown: VariantOut) -> Path | None:
    """The file of a picture of ours, once it is public."""
    record = parts.public.find_record(Cid.parse(shown.url.rpartition("/")[2]))
    return parts.public.find_file(bytes.fromhex(record.file)) if record else None


def _drawn(work: TokenOut, file: Path | None) -> bytes:
    from PIL import Image

    from media.cards import draw

    label = Card(
        title=work.title,
        artist=work.artist or display.short(work.creator),
        note=_note(work),
        seal=seal.bars(bytes(Address.parse(work.creator))),
        is_upright=display.is_han(work.title),
    )
    fonts = STATIC / "vendor"
    if file is None:
        return draw(label, None, fonts)
    with Image.open(file, formats=["JPEG", "PNG"]) as picture:
        return draw(label, picture, fonts)
