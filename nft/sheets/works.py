"""
Rows to works, or every problem of every row.

A work is named by its inventory number where it has one, and by its file's bytes and its number in
the edition in any case: two rows of a sheet may share neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import rfc8785

from nft.errors import MetadataInvalid
from nft.metadata import MAX_ATTRIBUTES, MAX_SHORT, MAX_TEXT, MAX_TITLE, Attribute, check_text
from nft.sheets import cells
from nft.sheets.cells import Money
from nft.sheets.columns import REQUIRED, TRAIT
from nft.sheets.problems import CellWrong, Problem
from nft.sheets.tables import Line, Table, read_table
from nft.types import Address, Digest

T = TypeVar("T")

MAX_EDITION = 1_000_000
OPEN = ("open", "offen", "?", "不限")

TEXTS: Mapping[str, int] = {
    "title": MAX_TITLE,
    "artist": MAX_SHORT,
    "description": MAX_TEXT,
    "alt_text": MAX_TEXT,
    "date": MAX_SHORT,
    "medium": MAX_SHORT,
    "dimensions": MAX_SHORT,
    "rights": MAX_TEXT,
    "external_id": MAX_SHORT,
}


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file of the folder."""

    name: str
    size: int
    sha256: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds at the exchange that the sheet is for."""

    currencies: Mapping[str, Money]
    """By symbol and by address, both in lower case; the first is taken where none is named."""
    collections: Mapping[str, Address] | None = None
    """The account's own by name and address in lower case; None: any address may be right."""
    max_copies: int = 100
    max_file_bytes: int | None = None
    files: Mapping[str, FileFact] | None = None
    """By name in composed form; None: the folder is not known."""
    may_sell: bool = True
    """False for a minter, who cannot sell what is the creator's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWork:
    """One row that breaks no rule."""

    row: int
    file: str
    cover: str = ""
    title: str
    artist: str = ""
    description: str = ""
    alt_text: str = ""
    date: str = ""
    medium: str = ""
    dimensions: str = ""
    edition_number: int = 1
    edition_size: int | None = 1
    copies: int = 1
    royalty_bps: int = 0
    royalties: tuple[tuple[Address, int], ...] = ()
    """Named receivers; empty: the account that mints receives `royalty_bps`."""
    price: int | None = None
    """In the smallest unit of `currency`; None: not for sale."""
    currency: Address
    rights: str = ""
    external_id: str = ""
    contract: Address | None = None
    attributes: tuple[Attribute, ...] = ()

    def digest(self, files: Mapping[str, FileFact]) -> Digest:
        """Of everything that the row says, its files by their bytes and not by their names."""
        said: dict[str, Any] = asdict(self) | {
            "file": _content(files, self.file),
            "cover": _content(files, self.cover),
            "price": None if self.price is None else str(self.price),
            "currency": str(self.currency),
            "contract": str(self.contract or ""),
            "royalties": [[str(one), bps] for one, bps in self.royalties],
        }
        del said["row"]
        return Digest.sha256(rfc8785.dumps(said))


def _content(files: Mapping[str, FileFact], name: str) -> str:
    return str(files[name].sha256) if name else ""


@dataclass(slots=True)
class Sheet:
    """A sheet, read to the end."""

    works: list[SheetWork] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    """That hold anything, the header left out."""
    table: Table = field(default_factory=Table)


def read_sheet(data: bytes, terms: Terms) -> Sheet:
    """Every work that can be taken, and every problem; never raises, whatever the bytes are."""
    table = read_table(data)
    sheet = Sheet(problems=list(table.problems), rows=len(table.lines), table=table)
    bad = {problem.row for problem in table.problems if problem.row > 1}
    is_headless = any(problem.row == 1 for problem in table.problems)
    found: list[SheetWork] = []
    for line in table.lines:
        row = _Row(table, line, terms)
        work = row.read()
        sheet.problems += row.problems
        if work is not None and line.row not in bad:
            found.append(work)
    sheet.works = _without_repeats(found, sheet, terms)
    sheet.problems.sort(key=lambda one: (one.row, -1 if one.place is None else one.place))
    if is_headless:
        sheet.works = []  # A column that was misread may have meant anything.
    return sheet


class _Row:
    """One row while it is read: every cell is looked at, whatever the one before said."""

    def __init__(self, table: Table, line: Line, terms: Terms) -> None:
        self.table, self.line, self.terms = table, line, terms
        self.problems: list[Problem] = []

    def read(self) -> SheetWork | None:
        texts = {name: self._text(name, limit) for name, limit in TEXTS.items()}
        for name in REQUIRED:
            if not self._cell(name):
                self._wrong(name, "CellEmpty", f"every work needs a {name}")
        file = self._file("file")
        cover = self._file("cover")
        if file and cover == file:
            self._wrong("cover", "CoverIsFile", "the cover is the work's own file; leave it empty")
        edition = self._edition()
        royalty = self._royalty()
        price, currency = self._price()
        contract = self._read("collection", self._collection, None)
        attributes = self._attributes()
        if self.problems:
            return None
        number, size, copies = edition
        return SheetWork(
            row=self.line.row,
            file=file,
            cover=cover,
            **texts,
            edition_number=number,
            edition_size=size,
            copies=copies,
            royalty_bps=royalty[0],
            royalties=royalty[1],
            price=price,
            currency=currency.address,
            contract=contract,
            attributes=attributes,
        )

    def _cell(self, name: str) -> str:
        return self.line.cells.get(name, "")

    def _wrong(self, name: str, rule: str, detail: str) -> None:
        problem = self.table.problem(self.line.row, name, rule, detail, self._cell(name))
        self.problems.append(problem)

    def _read(self, name: str, parse: Callable[[str], T], empty: T) -> T:
        """The cell's value; `empty` where it holds nothing or nothing right."""
        text = self._cell(name)
        if not text:
            return empty
        try:
            cells.check_no_error(text)
            return parse(text)
        except CellWrong as error:
            self._wrong(name, error.rule, error.detail)
            return empty

    def _text(self, name: str, limit: int) -> str:
        def check(text: str) -> str:
            try:
                check_text(name, text, limit)
            except MetadataInvalid as error:
                rule = "TextTooLong" if len(text) > limit else "TextUnshowable"
                raise CellWrong(rule, str(error).partition(": ")[2]) from error
            return text

        return self._read(name, check, "")

    def _file(self, column: str) -> str:
        def find(text: str) -> str:
            name = cells.file_name(text)
            fact = None if self.terms.files is None else self.terms.files.get(name)
            if self.terms.files is None:
                return name
            if fact is None:
                raise CellWrong("FileMissing", _missing(name, self.terms.files))
            if fact.size == 0:
                raise CellWrong("FileEmpty", f"{name} is empty")
            most = self.terms.max_file_bytes
            if most is not None and fact.size > most:
                raise CellWrong("FileTooLarge", f"{name} has {fact.size} bytes, above {most}")
            return name

        return self._read(column, find, "")

    def _edition(self) -> tuple[int, int | None, int]:
        most = self.terms.max_copies
        copies = self._read(
            "copies", lambda t: cells.count(t, least=1, most=most, what="copies"), 1
        )
        what = "the number in the edition"
        number = self._read(
            "edition_number", lambda t: cells.count(t, least=1, most=MAX_EDITION, what=what), 1
        )
        is_open = self._cell("edition_size").lower() in OPEN
        what = "the size of the edition"
        size: int | None = None
        if not is_open:
            size = self._read(
                "edition_size",
                lambda t: cells.count(t, least=1, most=MAX_EDITION, what=what),
                copies,
            )
        if copies > 1 and number != 1:
            self._wrong("edition_number", "CopiesAreNumbered", "copies are numbered from 1 on")
        if size is not None and max(number, copies) > size and not self._is_wrong("edition_size"):
            why = f"{max(number, copies)} is above the size of the edition, {size}"
            self._wrong("copies" if copies > size else "edition_number", "EditionImpossible", why)
        return number, size, copies

    def _is_wrong(self, name: str) -> bool:
        place = self.table.columns.get(name, (None, ""))[0]
        return any(problem.place == place for problem in self.problems)

    def _royalty(self) -> tuple[int, tuple[tuple[Address, int], ...]]:
        bps: int | None = self._read("royalty", cells.percent_bps, None)
        nobody: tuple[tuple[Address, int], ...] = ()
        shares = self._read("royalty_receivers", cells.receivers, nobody)
        total = sum(share for _, share in shares)
        if shares and bps is not None and bps != total:
            why = f"the shares add up to {total / 100:g} per cent, royalty says {bps / 100:g}"
            self._wrong("royalty_receivers", "RoyaltiesDiffer", why)
        return (total if shares else bps or 0), shares

    def _price(self) -> tuple[int | None, Money]:
        known = self.terms.currencies
        first = cells.currency("", known)
        money = self._read("currency", lambda text: cells.currency(text, known), first)
        price = self._read("price", lambda text: cells.price(text, money), None)
        if price is not None and not self.terms.may_sell:
            why = "the works belong to the artist you mint for, who alone can offer them for sale"
            self._wrong("price", "ListingNotYours", why)
        return price, (money if self._cell("price") else first)

    def _collection(self, text: str) -> Address | None:
        known = self.terms.collections
        if known is None:
            return None  # Only the exchange knows whose it is; the account is not known here.
        if text.lower() not in known:
            raise CellWrong("CollectionUnknown", f"you have no collection {text[:80]!r}")
        return known[text.lower()]

    def _attributes(self) -> tuple[Attribute, ...]:
        found = []
        for name in self.table.columns:
            if name.startswith(TRAIT):
                value = self._text(name, MAX_SHORT)
                if value:
                    found.append(Attribute(name.removeprefix(TRAIT), value))
        if len(found) > MAX_ATTRIBUTES:
            why = f"{len(found)} attributes, above the maximum of {MAX_ATTRIBUTES}"
            self.problems.append(
                Problem(row=self.line.row, column="", rule="TooManyAttributes", detail=why)
            )
        return tuple(found)


def _missing(name: str, files: Mapping[str, FileFact]) -> str:
    """Why a file is not there, with the one that was probably meant."""
    alike = [other for other in files if other.casefold() == name.casefold()]
    if alike:
        return f"the folder has {alike[0]!r}, whose letters are cased otherwise than {name!r}"
    stem = name.rpartition(".")[0] or name
    near = [other for other in files if (other.rpartition(".")[0] or other) == stem]
    hint = f"; is {near[0]!r} meant?" if near else ""
    return f"the folder has no file {name[:120]!r}{hint}"


def _without_repeats(found: list[SheetWork], sheet: Sheet, terms: Terms) -> list[SheetWork]:
    """The first of those that cannot stand side by side; the later ones become problems."""
    seen: dict[tuple[str, ...], SheetWork] = {}
    kept = []
    for work in found:
        wrong = False
        for column, rule, key, what in _marks(work, terms):
            first = seen.setdefault(key, work)
            if first is not work:
                why = f"row {first.row} has {what}"
                value = getattr(work, column)
                sheet.problems.append(sheet.table.problem(work.row, column, rule, why, str(value)))
                wrong = True
                break
        if not wrong:
            kept.append(work)
    return kept


def _marks(work: SheetWork, terms: Terms) -> list[tuple[str, str, tuple[str, ...], str]]:
    """What tells a work from every other one: column, rule, key, and how to say it."""
    number = str(work.edition_number)
    same = "the same file with the same number in its edition; number them, or use `copies`"
    marks: list[tuple[str, str, tuple[str, ...], str]] = [
        ("file", "FileTwice", ("name", work.file, number), same)
    ]
    if terms.files is not None and (sha256 := terms.files[work.file].sha256) is not None:
        same = "another name for the same bytes, with the same number in its edition"
        marks.append(("file", "FileTwice", ("bytes", str(sha256), number), same))
    if work.external_id:
        same = f"the inventory number {work.external_id[:80]!r} already"
        marks.append(("external_id", "ExternalIdTwice", ("id", work.external_id), same))
    return marks
