"""
A likeness on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

Likely = Literal["same_file", "near", "possible"]


class MatchOut(BaseModel):
    """A published work that resembles the one in question."""

    likeness: Likely
    distance: int
    """In how many of 256 bits the two pictures' hashes differ; 0 for the same file."""
    transformation: list[str]
    """How one was laid over the other: mirrored, turned, a part, a border; or as it is."""
    title: str
    artist: str
    creator: str | None
    own: bool
    """By the same creator: an earlier work, or another of the edition."""
    work_url: str | None
    """None while nobody has minted it."""
    thumbnail_url: str | None
    sha256: str


class ComparedOut(BaseModel):
    """By what rules a picture was compared, with how many, and when."""

    algorithm: str
    near: int
    possible: int
    pictures: int
    is_comparable: bool
    """False when there is no picture, or too little in it to tell it from others."""
    compared_at: datetime


class LikenessesOut(BaseModel):
    """What was found when the work came, and what came later and resembles it."""

    compared: ComparedOut | None
    """None for a work whose picture is not held here: it was not compared."""
    found: list[MatchOut]
    later: list[MatchOut]
