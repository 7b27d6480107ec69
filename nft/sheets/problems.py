"""
What is wrong with a cell, said so that whoever sits before the spreadsheet finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SHOWN = 200
"""Characters of a value that a report repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault. Rows are numbered as a spreadsheet numbers them: the header is row 1."""

    row: int
    column: str
    """The column's name as the header has it; empty when the whole row is meant."""
    place: int | None = None
    """Which column it is, from 0 on."""
    value: str = ""
    rule: str
    detail: str

    @property
    def cell(self) -> str:
        """As spreadsheets name cells, `C12`; only the row where no column is meant."""
        return f"{letters(self.place)}{self.row}" if self.place is not None else str(self.row)

    def as_json(self) -> dict[str, Any]:
        """As reports hold it."""
        return {
            "row": self.row,
            "column": self.column,
            "cell": self.cell,
            "value": self.value[:SHOWN],
            "rule": self.rule,
            "detail": self.detail,
        }


class CellWrong(Exception):
    """A cell does not hold what its column asks for."""

    def __init__(self, rule: str, detail: str) -> None:
        self.rule = rule
        self.detail = detail
        super().__init__(f"{rule}: {detail}")


def letters(place: int) -> str:
    """A column's letters: A to Z, then AA."""
    found, left = "", place + 1
    while left:
        left, digit = divmod(left - 1, 26)
        found = chr(ord("A") + digit) + found
    return found
