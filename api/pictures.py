"""
How a page names the files of one picture: formats in order of weight, widths, and the room it has.

A reader's browser takes the first format that it knows and of that the width that it needs. What
every browser shows stands last, in the `img` itself, and is the original where no variant of that
kind is as good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

MODERN = ("image/avif", "image/webp")
"""In the order in which they are offered."""
ENOUGH_WIDTH = 960
"""A format that stops short of this, and of the original, is not offered: it would look soft."""
LIGHT_BYTES = 2 * 1024**2
"""An original up to this size may stand for a width that its fallbacks lack."""
HANG_REM = 24
"""How wide a picture hangs in a row, for each unit of width over height: 16.5 to 30 by its row."""


class File(Protocol):
    """One derived file, or what is enough of it."""

    @property
    def type(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def width(self) -> int: ...


class Original(Protocol):
    """A file of a work, with what was derived from it."""

    @property
    def type(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def variants(self) -> Sequence[File]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A `source` element: one format in all its widths."""

    type: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture's elements: sources for those who know them, and the `img` for everybody."""

    sources: tuple[Source, ...]
    src: str
    srcset: str


def shown(file: Original) -> Shown:
    """The files of a picture as a page offers them; without variants the original alone."""
    enough = min(file.width or ENOUGH_WIDTH, ENOUGH_WIDTH)
    sources = []
    for kind in MODERN:
        files = _by_width(one for one in file.variants if one.type == kind)
        if files and files[-1].width >= enough:
            sources.append(Source(kind, _srcset(files)))
    plain = _by_width(one for one in file.variants if one.type not in MODERN)
    candidates = [(one.url, one.width) for one in plain]
    widest = plain[-1].width if plain else 0
    if file.type.startswith("image/") and (not plain or _is_better(file, widest)):
        candidates.append((file.url, file.width or 0))
    if not candidates:
        # A poster whose fallback is missing: any of its files is more than none.
        candidates = [(one.url, one.width) for one in _by_width(file.variants)]
    is_choice = len(candidates) > 1 and all(width for _, width in candidates)
    return Shown(
        sources=tuple(sources),
        src=candidates[-1][0] if candidates else file.url,
        srcset=", ".join(f"{url} {width}w" for url, width in candidates) if is_choice else "",
    )


def _is_better(file: Original, widest: int) -> bool:
    """Whether the original shows more than its fallbacks and is no burden."""
    return min(file.width or 0, 1_600) > widest and file.size <= LIGHT_BYTES


def _by_width(files: Iterable[File]) -> list[File]:
    return sorted(files, key=lambda one: one.width)


def _srcset(files: Iterable[File]) -> str:
    return ", ".join(f"{one.url} {one.width}w" for one in files)


def poster(file: Original) -> str:
    """One address for where only one can be named: what every reader of it knows."""
    return shown(file).src


def hang_sizes(width: int | None, height: int | None) -> str:
    """How wide a picture hangs among others; a phone shows it from edge to edge."""
    ratio = max(0.2, min(5.0, width / height)) if width and height else 1.0
    return f"(max-width: 40rem) 100vw, min(92vw, {HANG_REM * ratio:.0f}rem)"


def wall_sizes(width: int | None, height: int | None) -> str:
    """How wide it hangs on its own wall, which bounds its height too."""
    ratio = width / height if width and height else 1.0
    return f"(max-width: 56rem) 100vw, min(66vw, {80 * ratio:.0f}vh, {56 * ratio:.0f}rem)"
