"""
`/vouchers/…`: a work that its first collector mints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.certificates import versions
from api.deps import NowDep, PartsDep, ReadSessionDep, chain_of
from api.pages import render
from api.sales.standing import standing_of
from api.tokens.deps import read_hash
from api.tokens.schemas import EditionOut, MediaOut
from api.vouchers.queries import get_voucher
from api.vouchers.schemas import VoucherOut
from nft.types import Address, TokenRef

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What the label of a work says before there is a token."""

    title: str
    artist: str
    creator: str
    description: str
    alt_text: str
    media: list[MediaOut]
    edition: EditionOut
    date: str = ""
    medium: str = ""
    dimensions: str = ""
    rights: str = ""
    foreign: bool = False


def face_of(voucher: VoucherOut) -> Face:
    """A voucher as the template of a work takes it."""
    return Face(
        title=voucher.title,
        artist=voucher.artist,
        creator=voucher.creator,
        description=voucher.description,
        alt_text=voucher.alt_text,
        media=voucher.media,
        edition=EditionOut(number=0, size=voucher.edition_size),
    )


@router.get("/vouchers/{voucher_hash}")
async def voucher_page(
    request: Request,
    voucher_hash: str,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """The work, its price, who gets what, and the door to mint it."""
    voucher = await get_voucher(session, parts, read_hash(voucher_hash))
    part = chain_of(parts, voucher.chain_id)
    first = TokenRef(int(voucher.chain_id), Address.parse(voucher.contract), int(voucher.token_id))
    context: dict[str, Any] = {
        "section": "market",
        "viewer": viewer,
        "voucher": voucher,
        "token": face_of(voucher),
        "house": await standing_of(session, part, now),
        # Of a hidden voucher's there is none to show, and of a new one's the worker issues it.
        "is_certified": not voucher.hidden and await versions.newest(session, first) is not None,
    }
    return render(request, "vouchers/voucher.html", context)
