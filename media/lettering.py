"""
Text drawn as the pages set it: Newsreader and Instrument Sans, and Noto Serif for Chinese.

The faces are the very files that browsers get (FreeType reads WOFF2), split by ranges of
characters; a line of text is cut into runs, each in the first face that has its characters. What
no face has is left out: an empty box says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROMAN, ITALIC, SANS = "roman", "italic", "sans"
_LATIN = "0000-00FF,0131,0152-0153,02BB-02BC,02C6,02DA,02DC,2000-206F,20AC,2122,2191,2193,2212,2215"
_LATIN_EXT = "0100-0130,0132-0151,0154-02BA,02BD-02C5,1E00-1EFF,20A0-20AB,2C60-2C7F,A720-A7FF"
_FILES = {
    ROMAN: "fonts/newsreader-{}-opsz-normal.woff2",
    ITALIC: "fonts/newsreader-{}-opsz-italic.woff2",
    SANS: "fonts/instrument-sans-{}-wght-normal.woff2",
}
_FACE = re.compile(r"url\(\./(files/[\w-]+\.woff2)\)[^;]*;\s*unicode-range: ([^;]+);")
_WORD = re.compile(r"[⺀-鿿豈-﫿＀-｠　-〿][，。、：；！？》）」]*|\S+|\s+")
_HEAVIEST_OPTICAL = 72
_LONGEST = 400
"""Characters of a text that are looked at: strangers write titles too."""
Ink = tuple[int, int, int]


def _ranges(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for part in text.replace("U+", "").split(","):
        low, _, high = part.strip().partition("-")
        found.append((int(low, 16), int(high or low, 16)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is set: which face first, how large, how heavy."""

    face: str
    size: int
    weight: int = 400


class Lettering:
    """The faces below a folder; for one thread, since FreeType's faces are no more than that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fonts: dict[tuple[str, int, int], ImageFont.FreeTypeFont] = {}

    @cached_property
    def _chinese(self) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
        css = (self._folder / "noto-serif-sc" / "wght.css").read_text("utf-8")
        return [(f"noto-serif-sc/{file}", _ranges(found)) for file, found in _FACE.findall(css)]

    def _file_of(self, character: str, face: str) -> str | None:
        code = ord(character)
        latin = [("latin", _ranges(_LATIN)), ("latin-ext", _ranges(_LATIN_EXT))]
        files = [(_FILES[face].format(script), ranges) for script, ranges in latin]
        for file, ranges in [*files, *self._chinese]:
            if any(low <= code <= high for low, high in ranges):
                return file
        return None

    def _font(self, file: str, style: Style) -> ImageFont.FreeTypeFont:
        key = (file, style.size, style.weight)
        if key not in self._fonts:
            font = ImageFont.truetype(self._folder / file, style.size)
            optical = [min(style.size, _HEAVIEST_OPTICAL)] if "-opsz-" in file else []
            font.set_variation_by_axes([style.weight, *optical])
            self._fonts[key] = font
        return self._fonts[key]

    def _runs(self, text: str, style: Style) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        for file, run in groupby(text, key=lambda each: self._file_of(each, style.face)):
            if file is not None:
                yield self._font(file, style), "".join(run)

    def width(self, text: str, style: Style) -> float:
        """How wide a line is, in pixels."""
        return sum(font.getlength(run) for font, run in self._runs(text, style))

    def draw(
        self, image: Image.Image, at: tuple[float, float], text: str, style: Style, ink: Ink
    ) -> None:
        """A line whose letters stand on the line at `at`."""
        drawing = ImageDraw.Draw(image)
        x, y = at
        for font, run in self._runs(text, style):
            drawing.text((x, y), run, fill=ink, font=font, anchor="ls")
            x += font.getlength(run)

    def lines(self, text: str, style: Style, width: float, most: int) -> list[str]:
        """Broken between words or Chinese characters; what does not fit ends in an ellipsis."""
        made = [""]
        words = [
            word
            for each in _WORD.findall(" ".join(text[:_LONGEST].split()))
            for word in self._cut(each, style, width)
        ]
        for number, word in enumerate(words):
            if self.width((made[-1] + word).rstrip(), style) <= width:
                made[-1] += word
            elif len(made) < most:
                made.append(word.lstrip())
            else:
                made[-1] = self._ended(made[-1] + "".join(words[number:]), style, width)
                break
        return [line.strip() for line in made if line.strip()]

    def _cut(self, word: str, style: Style, width: float) -> Sequence[str]:
        """A word wider than the line, in pieces."""
        if self.width(word, style) <= width:
            return [word]
        middle = len(word) // 2
        if not middle:
            return [word]
        return [*self._cut(word[:middle], style, width), *self._cut(word[middle:], style, width)]

    def _ended(self, text: str, style: Style, width: float) -> str:
        while text and self.width(text.rstrip() + "…", style) > width:
            text = text[:-1]
        return text.rstrip() + "…"
