"""
A likeness in words: what was done to one picture to lay it over the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.likenesses.schemas import MatchOut
from media.fingerprints import FIRST_CROP, SYMMETRIES, WITHOUT_BORDER
from media.likenesses import Likeness

_SAID = {
    "mirrored": "mirrored",
    "upside_down_mirrored": "mirrored upside down",
    "turned_180": "turned by a half",
    "turned_90": "turned by a quarter",
    "turned_270": "turned by a quarter",
    "transposed": "mirrored and turned by a quarter",
    "transverse": "mirrored and turned by a quarter",
    "part_of_it": "a part of it",
    "holds_it": "with more around it",
    "border": "but for a border",
}


def transformation(one: Likeness, *, swapped: bool = False) -> list[str]:
    """
    How the asked picture lies over the other. `swapped` looks from the other one's side.

    A crop of the other that resembles the whole of this means that this is a part of it.
    """
    mine, other = one.kind, one.other_kind
    if swapped:
        mine, other = other, mine
    said = []
    if one.symmetry:
        said.append(SYMMETRIES[one.symmetry])
    if other >= FIRST_CROP:
        said.append("part_of_it")
    elif mine >= FIRST_CROP:
        said.append("holds_it")
    if WITHOUT_BORDER in (mine, other):
        said.append("border")
    return said


def in_words(match: MatchOut) -> str:
    """A match as a phrase of English."""
    title = f"“{match.title}”" if match.title else "a work without a title"
    by = f" by {match.artist or match.creator}" if match.artist or match.creator else ""
    how = [_SAID[one] for one in match.transformation]
    return title + by + (f" ({', '.join(how)})" if how else "")


def sentence(code: str, matches: Sequence[MatchOut]) -> str:
    """What a finding says. It states what was seen, and leaves to people what it means."""
    said = "; ".join(in_words(one) for one in matches[:3])
    more = f"; and {len(matches) - 3} more" if len(matches) > 3 else ""
    begin = {
        "SameFile": "Exactly this file was published before",
        "NearCopy": "This picture is very close to one that was published before",
        "PossibleCopy": "This picture resembles one that was published before",
    }[code]
    return f"{begin}: {said}{more}. There may be good reasons; it stays your decision."
