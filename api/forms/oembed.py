"""
oEmbed 1.0: how a page of ours is shown on somebody else's.

Nothing is fetched: the address is taken apart, and only addresses of this site name a work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from api import display
from api.certificates.versions import find_by_code
from api.forms.links import forms_of
from api.parts import Parts
from api.tokens.cards import card_path
from api.tokens.deps import read_token
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from media.cards import SIZE
from nft.errors import ExchangeError, Missing, Unacceptable
from nft.types import TokenRef

LABEL_PX = 104
"""What the label below the picture takes of an embed's height."""
WIDTH, TALLEST = 560, 760
LEAST = 160
CACHE_SECONDS = 3_600
_PAGE = re.compile(r"/(?:works|c|embed)/(\d{1,20})/(0x[0-9a-fA-F]{40})/(\d{1,80})/?")
_SHORT = re.compile(r"/[vV]/([a-zA-Z0-9]{6,40})/?")


class NotEmbeddable(Missing):
    """The address is not that of a work or certificate of this site."""

    def __init__(self, url: str) -> None:
        super().__init__(f"no work or certificate of this site is at {url[:200]!r}")


class FormatNotOffered(Unacceptable):
    """oEmbed is answered as JSON only."""

    status = 501


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large whoever embeds lets it be."""

    width: int
    height: int


async def find_work(session: AsyncSession, parts: Parts, url: str) -> TokenRef:
    """The work that an address of ours names. Raises `NotEmbeddable`."""
    try:
        told, ours = urlsplit(url), urlsplit(parts.public_url)
        is_ours = told.scheme in ("http", "https") and told.netloc.lower() == ours.netloc.lower()
        path = told.path.removeprefix(ours.path) if is_ours else ""
        page, short = _PAGE.fullmatch(path), _SHORT.fullmatch(path)
        if page is not None:
            return read_token(*page.groups())
        if short is not None:
            return await find_by_code(session, short[1])
    except (ValueError, ExchangeError) as error:
        raise NotEmbeddable(url) from error
    raise NotEmbeddable(url)


async def embed(
    session: AsyncSession, parts: Parts, url: str, bounds: Bounds
) -> dict[str, str | int]:
    """The answer for one address. Raises `NotEmbeddable`."""
    ref = await find_work(session, parts, url)
    try:
        token = await get_token(session, parts, ref)
    except Missing as error:
        raise NotEmbeddable(url) from error
    width, height = _size(token, bounds)
    told: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Vernissage",
        "provider_url": parts.public_url,
        "title": token.title,
        "author_name": token.artist or display.short(token.creator),
        "author_url": f"{parts.public_url}/artists/{token.creator}",
        "cache_age": CACHE_SECONDS,
        "html": _frame(parts, token, ref, (width, height)),
        "width": width,
        "height": height,
    }
    if SIZE[0] <= bounds.width and SIZE[1] <= bounds.height:
        told |= {
            "thumbnail_url": parts.public_url + card_path(token),
            "thumbnail_width": SIZE[0],
            "thumbnail_height": SIZE[1],
        }
    return told


def _size(token: TokenOut, bounds: Bounds) -> tuple[int, int]:
    """As wide as a column of text, and as high as the picture then is, within the bounds."""
    width = max(1, min(WIDTH, bounds.width))
    image = next((one for one in token.media if one.role == "image"), None)
    ratio = image.width / image.height if image and image.width and image.height else 1.5
    height = round(width / ratio) + LABEL_PX
    return width, max(1, min(max(LEAST, height), TALLEST, bounds.height))


def _frame(parts: Parts, token: TokenOut, ref: TokenRef, size: tuple[int, int]) -> str:
    """The frame, every value of it escaped."""
    return str(
        Markup(
            '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox" '
            'referrerpolicy="no-referrer" style="border:0;max-width:100%"></iframe>'
        ).format(parts.public_url + forms_of(ref)["embed"], *size, token.title or "Vernissage")
    )
