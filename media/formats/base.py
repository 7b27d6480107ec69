"""What every walk gives back, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Unfit(Exception):
    """A file that is not taken; `code` is stable, `detail` names the rule and the value."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Structure:
    """
    What the headers say. `end` is where the work ends, `extra` pictures follow the first.

    Width, height and frames are 0 where a kind has none. `details` are what this kind alone has
    (`duration`, `codec`, `pages`); a decoder adds to them, and they become part of the answer.
    """

    type: str
    width: int
    height: int
    frames: int
    end: int
    extra: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
