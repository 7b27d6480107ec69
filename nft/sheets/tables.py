"""
Bytes of a CSV file as rows of cells, whatever program wrote them.

RFC 4180 with what spreadsheets do besides: a byte order mark, UTF-16 ("Unicode text"), semicolons
or tabs for commas, `sep=;` in front, line ends of any kind, rows that end early. Line breaks inside
quotes stay. Whatever else is not as it should be is a problem with its place, never a guess.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nft.sheets.columns import REQUIRED, column_of, nearest
from nft.sheets.problems import Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 2_000
MAX_COLUMNS = 120
MAX_CELL = 20_000
"""Characters; the longest field of a work takes 10,000."""

_SEPARATORS = ",;\t|"
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row that holds anything, by column."""

    row: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """A sheet as it was read; with `problems` of its form the rows are as far as they go."""

    columns: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Where each column stands, and how its header is written."""
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    separator: str = ","
    width: int = 0
    """Cells of the header."""

    def problem(self, row: int, column: str, rule: str, detail: str, value: str = "") -> Problem:
        """A problem of one of its cells."""
        place, header = self.columns.get(column, (None, column))
        return Problem(row=row, column=header, place=place, value=value, rule=rule, detail=detail)


def read_table(data: bytes) -> Table:
    """The rows of a file that is anything at all; never raises."""
    table = Table()
    text = _decode(data, table)
    if text is None:
        return table
    table.separator, text = _separator(text)
    rows = _records(text, table)
    header = next(rows, None)
    if header is None:
        table.problems.append(_whole("SheetEmpty", "the sheet holds no rows, not even a header"))
        return table
    if not _read_header(table, header[1]):
        return table
    for row, cells in rows:
        _read_row(table, row, cells)
        if len(table.lines) > MAX_ROWS:
            table.lines.pop()
            why = f"a sheet takes at most {MAX_ROWS} rows; divide it in several"
            table.problems.append(_whole("TooManyRows", why, row=row))
            break
    if not table.lines and not table.problems:
        table.problems.append(_whole("SheetEmpty", "below its header the sheet holds no rows"))
    return table


def _whole(rule: str, detail: str, *, row: int = 1, value: str = "") -> Problem:
    return Problem(row=row, column="", value=value, rule=rule, detail=detail)


def _decode(data: bytes, table: Table) -> str | None:
    if len(data) > MAX_BYTES:
        why = f"{len(data)} bytes, above the maximum of {MAX_BYTES} bytes for a sheet"
        table.problems.append(_whole("SheetTooLarge", why))
        return None
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        why = (
            f"the file is not {encoding.removesuffix('-sig').upper()}: byte {error.start + 1}, in "
            f"line {row}, is no character; save it as “CSV UTF-8”"
        )
        table.problems.append(_whole("NotUtf8", why, row=row))
        return None
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        table.problems.append(_whole("NotText", "the file holds a NUL and is no text", row=row))
        return None
    return text


def _separator(text: str) -> tuple[str, str]:
    """What parts the cells: as `sep=` says, else what makes most columns of the header."""
    said = re.match(r"sep=(.)(\r\n|\n|\r)", text)
    if said:
        return said[1], text[said.end() :]
    head = text[:MAX_CELL].lstrip("\r\n")

    def known(separator: str) -> int:
        try:
            first = next(csv.reader(io.StringIO(head, newline=""), delimiter=separator), [])
        except csv.Error:
            return 0
        return sum(column_of(cell) is not None for cell in first)

    return max(_SEPARATORS, key=known), text


def _records(text: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers; ends with a problem where quotes do not close."""
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=table.separator, strict=True)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = f"from line {reader.line_num} on the quotes do not match: {error}"
            table.problems.append(_whole("QuotesUnbalanced", why, row=row))
            return
        if any(cell.strip() for cell in cells):
            yield row, cells


def _read_header(table: Table, cells: list[str]) -> bool:
    """Note where the columns stand; false when the rows below cannot be read."""
    if len(cells) > MAX_COLUMNS:
        why = f"{len(cells)} columns, above the maximum of {MAX_COLUMNS}"
        table.problems.append(_whole("TooManyColumns", why))
        return False
    table.width = len(cells)
    for place, header in enumerate(cells):
        name = column_of(header)
        if not header.strip():
            continue
        problem = None
        if name is None:
            meant = nearest(header)
            hint = f"; is `{meant}` meant?" if meant else ""
            problem = ("ColumnUnknown", f"there is no column {header.strip()[:60]!r}{hint}")
        elif name in table.columns:
            problem = ("ColumnTwice", f"the column `{name}` stands here a second time")
        else:
            table.columns[name] = (place, header.strip())
        if problem:
            table.problems.append(
                Problem(
                    row=1,
                    column=header.strip()[:60],
                    place=place,
                    value=header,
                    rule=problem[0],
                    detail=problem[1],
                )
            )
    missing = [name for name in REQUIRED if name not in table.columns]
    for name in missing:
        why = f"the sheet has no column `{name}`, which every work needs"
        table.problems.append(Problem(row=1, column=name, rule="ColumnMissing", detail=why))
    return not missing


def _read_row(table: Table, row: int, cells: list[str]) -> None:
    at = {place: name for name, (place, _) in table.columns.items()}
    found = {}
    for place, raw in enumerate(cells):
        text = clean(raw)
        name = at.get(place)
        if name is None:
            if text and not _is_told(table, place):
                table.problems.append(_stray(table, row, place, text))
            continue
        if len(text) > MAX_CELL:
            why = f"{len(text)} characters, above the maximum of {MAX_CELL}"
            table.problems.append(table.problem(row, name, "CellTooLong", why, text))
            text = ""
        found[name] = text
    table.lines.append(Line(row, found))


def _stray(table: Table, row: int, place: int, text: str) -> Problem:
    """A cell that stands below no column."""
    rule, why = "ColumnNameless", "a cell below a column without a name"
    if place >= table.width:
        rule = "CellTooMany"
        why = "a cell beyond the last column; is a cell that holds a separator not quoted?"
    return Problem(row=row, column="", place=place, value=text, rule=rule, detail=why)


def _is_told(table: Table, place: int) -> bool:
    """Whether the header of this column is a problem already."""
    return any(problem.row == 1 and problem.place == place for problem in table.problems)


def clean(raw: str) -> str:
    """A cell without the space around it, its line ends plain, a writer's guard taken off."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u00a0\u3000\ufeff")
    return text[1:] if _GUARDED.match(text) else text
