"""
PDF by its frame alone: its first bytes, its last, and how often it was ended.

What stands inside is for `media.decoders.pdf`, which has a parser.
"""

from __future__ import annotations

import re

from media.formats.base import Structure, Unfit
from media.formats.kinds import PDF

_MARK = re.compile(rb"%%EOF")
_SPACE = b"\r\n \t\0"


def walk_pdf(data: memoryview) -> Structure:
    """Where the last `%%EOF` stands, and how many there are."""
    ends = [match.end() for match in _MARK.finditer(data)]
    if not ends:
        raise Unfit("FileDamaged", "the PDF has no end (%%EOF)")
    end = ends[-1]
    while end < len(data) and end - ends[-1] < 8 and data[end] in _SPACE:
        end += 1
    return Structure(PDF, 0, 0, frames=0, end=end, details={"ends": len(ends)})
