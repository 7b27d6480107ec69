"""
An import on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from nft.sheets.tables import MAX_BYTES, MAX_ROWS
from nft.types import Address, Digest

MAX_FILES = 4 * MAX_ROWS

RowState = Literal[
    "missing",
    "receiving",
    "checking",
    "refused",
    "unanswered",
    "ready",
    "preparing",
    "prepared",
    "sent",
    "minted",
]
"""
missing → receiving → checking → ready → preparing → prepared → sent → minted, or `refused` (its
file was) or `unanswered` (it has findings that wait for an answer) in between.
"""


class _In(BaseModel):
    """A body: unknown fields are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid")


class FileIn(_In):
    """A file of the folder, by name and content."""

    name: str = Field(min_length=1, max_length=1_000)
    size: int = Field(ge=0, strict=True)
    sha256: Digest


class ImportIn(_In):
    """A sheet with what its folder holds. The same name again is the same import again."""

    chain_id: str = Field(max_length=20)
    name: str = Field(min_length=1, max_length=200)
    creator: Address | None = None
    """In whose name, when you are an artist's minter; your own when left out."""
    sheet: Base64Bytes = Field(max_length=MAX_BYTES * 4 // 3 + 4)
    """The file's bytes as they are, in base64."""
    files: list[FileIn] = Field(max_length=MAX_FILES)
    dry_run: bool = False
    """Answer the same report and keep nothing."""
    partial: bool = False
    """Take the rows without problems even if others have some."""


class ProblemOut(BaseModel):
    """What is wrong with a cell; rows as a spreadsheet numbers them."""

    row: int
    column: str
    cell: str
    value: str
    rule: str
    detail: str


class NoticeOut(BaseModel):
    """Something to know about a row that was taken."""

    row: int
    rule: str
    detail: str


class ReportOut(BaseModel):
    """What a sheet came to, or in a dry run would."""

    rows: int
    accepted: int
    """new + changed + unchanged + bound."""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bound: int = 0
    """Minted, or on its way: never minted again, whatever the sheet says now."""
    removed: int = 0
    """Rows of an earlier sheet that this one does not name."""
    problems: list[ProblemOut]
    notices: list[NoticeOut] = []


class TakenOut(BaseModel):
    """A row without problems, and what becomes of it."""

    row: int
    file: str
    title: str
    outcome: Literal["new", "changed", "unchanged", "bound"]


class ImportedOut(BaseModel):
    """The report, and the import unless nothing was kept."""

    id: str | None
    kept: bool
    report: ReportOut
    works: list[TakenOut]
    missing: list[str]
    """Names of files that the exchange does not have yet, one name for each content."""


class ImportOut(BaseModel):
    """How far an import has come."""

    id: str
    name: str
    chain_id: str
    creator: str
    rows: int
    counts: dict[RowState, int]
    problems: int
    created_at: datetime
    updated_at: datetime


class ImportDetailOut(ImportOut):
    """One import whole."""

    report: list[ProblemOut]
    missing: list[FileIn]
    """Files that have to be sent (again), one name for each content."""
    groups: list[GroupOut]
    findings: dict[str, int]
    """Unanswered ones, counted by their code."""


class GroupOut(BaseModel):
    """A mint of several rows."""

    intent_id: str
    works: int
    first_row: int
    title: str
    state: RowState
    unlisted: bool
    """Listings of it wait for their signature."""
    sign_url: str


class FindingOut(BaseModel):
    """What a file reveals, and whether that was answered."""

    code: str
    detail: str
    accepted: bool


class RowOut(BaseModel):
    """One row."""

    id: str
    row: int
    file: str
    title: str
    external_id: str
    state: RowState
    problem: dict[str, Any] | None = None
    findings: list[FindingOut] = []
    intent_id: str | None = None
    work_url: str | None = None


class RowList(BaseModel):
    """A page of rows in the order of the sheet."""

    items: list[RowOut]
    next: str | None


class ImportList(BaseModel):
    """An account's imports, the last touched first."""

    items: list[ImportOut]
    next: str | None = None


class AnswerIn(_In):
    """
    Which findings may become public as they are: those of named rows, or of all of them.

    `all` has to be said; an empty list answers nothing.
    """

    rows: list[str] = Field(default_factory=list, max_length=MAX_ROWS)
    all: bool = False
    codes: list[str] | None = Field(default=None, max_length=50)
    """Only findings of these kinds."""


class CostOut(BaseModel):
    """What minting all that is ready costs at most, by the node's fee of this moment."""

    works: int
    groups: int
    prompts: int
    gas: str
    fee: str
    """Wei for one unit of gas, at most."""
    network_max: str
    each: str
    """For one work, on average."""
    quoted_at: datetime
    good_for_seconds: int = 60


ImportDetailOut.model_rebuild()
