"""
The card of a work: what a link to it shows elsewhere, 1200 by 630.

The work hangs whole on the wall's colour, beside or above its label; the seal of its artist stands
at the foot. A work without a picture has its label alone. The same facts give the same bytes;
`LAYOUT` is raised with every change of the drawing.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from media.lettering import ITALIC, ROMAN, SANS, Lettering, Style

LAYOUT = 1
SIZE = (1200, 630)
WALL, INK, QUIET = (244, 241, 234), (29, 27, 24), (99, 93, 84)
SEAL, ON_SEAL = (176, 42, 28), (255, 253, 248)
MARGIN = 56
LABEL_WIDTH = 336
STRIP_HEIGHT = 148
GAP = 52
WIDE = 2.0
"""From this proportion on the label stands below."""
SEAL_SIDE = 76
_FINE = 4
Bar = tuple[int, int, int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Card:
    """What the label says; `seal` are bars from point to point on a field of 1000 by 1000."""

    title: str
    artist: str
    note: str
    """One quiet line: year, medium."""
    seal: Sequence[Bar]
    is_upright: bool
    """Chinese titles are, between 《 》; others are in italics."""


def draw(card: Card, picture: Image.Image | None, fonts: Path) -> bytes:
    """The card as a JPEG; `picture` is a variant of ours, never a stranger's file."""
    sheet = Image.new("RGB", SIZE, WALL)
    letters = Lettering(fonts)
    width, height = SIZE
    inner = (MARGIN, MARGIN, width - MARGIN, height - MARGIN)
    if picture is None:
        _label(sheet, letters, card, inner, size=84, most=3)
    elif picture.width >= WIDE * picture.height:
        foot = height - MARGIN - STRIP_HEIGHT
        _hang(sheet, picture, (MARGIN, MARGIN, width - MARGIN, foot - GAP // 2))
        _label(sheet, letters, card, (MARGIN, foot, width - MARGIN, height - MARGIN), 46, 1)
    else:
        left = width - MARGIN - LABEL_WIDTH
        _hang(sheet, picture, (MARGIN, MARGIN, left - GAP, height - MARGIN))
        _label(sheet, letters, card, (left, *inner[1:]), 50, 4)
    held = io.BytesIO()
    sheet.save(held, "JPEG", quality=90, subsampling="4:4:4", optimize=True, progressive=True)
    return held.getvalue()


def _hang(sheet: Image.Image, picture: Image.Image, box: Box) -> None:
    """All of the picture in the middle of a box, with the shadow of a framed work."""
    work = _sized(picture.convert("RGBA"), box[2] - box[0], box[3] - box[1])
    left = box[0] + (box[2] - box[0] - work.width) // 2
    top = box[1] + (box[3] - box[1] - work.height) // 2
    shadow = Image.new("L", SIZE, 0)
    under = (left + 8, top + 14, left + work.width - 8, top + work.height + 10)
    ImageDraw.Draw(shadow).rectangle(under, fill=90)
    sheet.paste((0, 0, 0), mask=shadow.filter(ImageFilter.GaussianBlur(14)))
    ground = Image.new("RGBA", work.size, (*WALL, 255))
    ground.alpha_composite(work)
    sheet.paste(ground.convert("RGB"), (left, top))


def _sized(work: Image.Image, width: int, height: int) -> Image.Image:
    """As large as it fits; what is smaller than half of that grows pixel by pixel, unblurred."""
    scale = min(width / work.width, height / work.height)
    if scale >= 2:
        whole = int(scale)
        return work.resize((work.width * whole, work.height * whole), Image.Resampling.NEAREST)
    if scale >= 1:
        return work
    size = (max(1, round(work.width * scale)), max(1, round(work.height * scale)))
    return work.resize(size, Image.Resampling.LANCZOS)


def _label(
    sheet: Image.Image, letters: Lettering, card: Card, box: Box, size: int, most: int
) -> None:
    """Artist, title and a quiet line from the top; the seal and the house at the foot."""
    left, top, right, bottom = box
    is_strip = bottom - top <= STRIP_HEIGHT
    room = right - left - (SEAL_SIDE + GAP if is_strip else 0)
    by, small = Style(SANS, 26), Style(SANS, 22)
    title = Style(ROMAN if card.is_upright else ITALIC, size)
    y = float(top + 24)
    for line in letters.lines(card.artist, by, room, 1 if is_strip else 2):
        letters.draw(sheet, (left, y), line, by, INK)
        y += 34
    y += size * 0.72
    words = f"《{card.title}》" if card.is_upright else card.title
    for line in letters.lines(words, title, room, most):
        # The opening bracket hangs outside, so that the characters stand in line with the rest.
        outside = size * 0.52 if line.startswith("《") else 0
        letters.draw(sheet, (left - outside, y), line, title, INK)
        y += size * 1.16
    y += 36 - size * 0.72 if is_strip else 6 - size * 0.3
    for line in letters.lines(card.note, small, room, 1 if is_strip else 2):
        letters.draw(sheet, (left, y), line, small, QUIET)
        y += 30
    _foot(sheet, letters, card, (left, right, bottom), is_strip=is_strip)


def _foot(
    sheet: Image.Image,
    letters: Lettering,
    card: Card,
    at: tuple[int, int, int],
    *,
    is_strip: bool,
) -> None:
    left, right, bottom = at
    house = Style(ROMAN, 28)
    seal = _seal(card.seal)
    where = right - SEAL_SIDE if is_strip else left
    sheet.paste(seal, (where, bottom - SEAL_SIDE), seal)
    name = letters.width("Vernissage", house)
    x = where - name - 24 if is_strip else left + SEAL_SIDE + 24
    letters.draw(sheet, (x, bottom - SEAL_SIDE / 2 + 10), "Vernissage", house, INK)


def _seal(bars: Sequence[Bar]) -> Image.Image:
    """In relief: white in red, drawn large and made small so that its edges are smooth."""
    side = SEAL_SIDE * _FINE
    scale = side / 1000
    large = Image.new("RGBA", (side, side), (*SEAL, 0))
    pen = ImageDraw.Draw(large)
    ground = (20 * scale, 20 * scale, 980 * scale, 980 * scale)
    pen.rounded_rectangle(ground, radius=60 * scale, fill=(*SEAL, 255))
    for x1, y1, x2, y2 in bars:
        box = (x1 - 25, y1 - 25, x2 + 25, y2 + 25)  # a square pen of 50 on both ends
        pen.rectangle([value * scale for value in box], fill=(*ON_SEAL, 255))
    return large.resize((SEAL_SIDE, SEAL_SIDE), Image.Resampling.LANCZOS)
