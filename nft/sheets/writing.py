"""
CSV that comes back as it went out, and that no spreadsheet takes for formulas.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a return would be computed by Excel and its
like, whoever wrote it. It gets an apostrophe in front, which `nft.sheets.tables` takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from nft.sheets.columns import COLUMNS

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""

REPORT = ("row", "column", "cell", "value", "rule", "detail")
_RISKY = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A cell that stays text."""
    return f"'{text}" if _RISKY.match(text) else text


def write_table(rows: Iterable[Sequence[str]], *, separator: str = ",") -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark; every cell guarded."""
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return (BOM + held.getvalue()).encode()


def template() -> bytes:
    """An empty sheet: the header and one example row, which nobody has a file for."""
    names = [column.name for column in COLUMNS]
    return write_table([names, [column.example for column in COLUMNS]])


def write_report(problems: Iterable[dict[str, Any]]) -> bytes:
    """A report as a sheet, to be kept beside the one that it is about."""
    rows = [[str(problem.get(name, "")) for name in REPORT] for problem in problems]
    return write_table([REPORT, *rows])
