"""
Paper: sheets set by typst, in the pages' own faces, as PDF/A-3 that is PDF/UA-1 as well.

A sheet is a template of ours (`sheets/`) and data. What strangers wrote is data only: it comes as
JSON and is set as text, so there is nothing in it for the typesetter to run. There is no network,
no file besides those handed in, and no clock: the same data give the same bytes.

The faces come from `make setup` (`api/local/faces.py`), each a family of its own. Of the hundred
into which the Chinese one is split a sheet names only those that its words need.
"""

from __future__ import annotations

import json
import threading
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

SHEETS = Path(__file__).parent / "sheets"
STANDARDS = ("a-3a", "ua-1")
"""PDF/A-3, level A, for keeping and for the attachment; PDF/UA-1 for readers who listen."""

MISSING = "\N{WHITE SQUARE}"
"""Stands for a character that no face of ours has: an archive may not hold an empty box."""
SERIF = ("Newsreader latin", "Newsreader latin-ext")
SANS = ("Instrument Sans latin", "Instrument Sans latin-ext")
LATIN, CHINESE = "latin", "Noto Serif SC "
MARKS = "“”‘’—…·"


@dataclass(frozen=True, slots=True)
class Ranges:
    """The characters of one family."""

    family: str
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def has(self, code: int) -> bool:
        """Whether the family has this character."""
        place = bisect_right(self.firsts, code) - 1
        return place >= 0 and code <= self.lasts[place]


class Faces:
    """The faces below a folder, and who has which character."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        told: dict[str, Any] = json.loads((folder / "faces.json").read_text("utf-8"))
        found: dict[str, list[tuple[int, int]]] = {}
        for face in told.values():
            pairs = {(first, last) for first, last in face["ranges"]}
            # An italic may lack what its roman has; what both have can be set either way.
            known = found.get(face["family"])
            found[face["family"]] = sorted(pairs) if known is None else _both(known, sorted(pairs))
        self._families = {
            family: Ranges(family, tuple(p[0] for p in pairs), tuple(p[1] for p in pairs))
            for family, pairs in found.items()
        }
        self._latin = [self._families[name] for name in (*SERIF, *SANS)]
        self._chinese = [one for name, one in self._families.items() if name.startswith(CHINESE)]
        self._of = lru_cache(maxsize=20_000)(self._find)

    def _find(self, character: str) -> str | None:
        """The family that has a character: `latin` for both Latin houses, or a Chinese one."""
        code = ord(character)
        serif, sans = self._latin[:2], self._latin[2:]
        if any(one.has(code) for one in serif) and any(one.has(code) for one in sans):
            return LATIN
        return self._find_chinese(code)

    def _find_chinese(self, code: int) -> str | None:
        return next((one.family for one in self._chinese if one.has(code)), None)

    def printable(self, text: str) -> str:
        """The text with a box for each character that no face has; what is invisible goes."""
        said = []
        for character in unicodedata.normalize("NFC", text):
            if character in "\n\t" or self._of(character) is not None:
                said.append(character)
            elif character.isprintable() or character.isspace():
                said.append(" " if character.isspace() else MISSING)
        return "".join(said)

    def chinese_for(self, texts: Iterable[str]) -> list[str]:
        """The Chinese families that these words need, in the order of the faces."""
        characters = set[str]().union(*texts)
        needed = {self._of(each) for each in characters if each not in "\n\t"}
        # Inside of Chinese quotation marks and dashes are set in the Chinese face, too.
        needed |= {self._find_chinese(ord(each)) for each in characters.intersection(MARKS)}
        return [one.family for one in self._chinese if one.family in needed]


def _both(
    one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The ranges that two ascending lists have in common."""
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        first, last = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if first <= last:
            found.append((first, last))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


class Press:
    """A typesetter that is kept: its faces are read once. For any number of threads."""

    def __init__(self, faces: Path) -> None:
        self.faces = Faces(faces)
        self._lock = threading.Lock()
        self._compiler: Any = None

    def print(
        self, sheet: str, texts: Mapping[str, bytes], *, picture: Path | None, timestamp: int
    ) -> bytes:
        """
        The PDF of a sheet, its data (UTF-8) and a picture, which the sheet finds by its file's
        name; `timestamp` is the only time it knows.

        One at a time: the typesetter itself works with every core there is.
        """
        body = (SHEETS / f"{sheet}.typ").read_bytes()
        # What is in memory has to be text; a picture is read where it lies, and nothing beside it.
        root = SHEETS if picture is None else picture.parent
        with self._lock:
            made: bytes = self._made().compile(
                input={"main.typ": body, **texts},
                root=str(root),
                format="pdf",
                pdf_standards=list(STANDARDS),
                timestamp=timestamp,
            )
        return made

    def _made(self) -> Any:
        if self._compiler is None:
            import typst

            fonts = typst.Fonts(
                include_system_fonts=False,
                include_embedded_fonts=True,
                font_paths=[str(self.faces.folder)],
            )
            self._compiler = typst.Compiler(font_paths=fonts)
        return self._compiler
