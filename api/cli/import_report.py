"""How an import is shown in a terminal: what is wrong by row and column, and how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

COUNTS = ("new", "changed", "unchanged", "bound", "removed")


def show(console: Console, report: dict[str, Any], *, most: int) -> None:
    """The report of a sheet. Values are shown as text, never as markup."""
    problems = report["problems"]
    if problems:
        table = Table("cell", "column", "value", "what is wrong", box=None, pad_edge=False)
        for one in problems[:most]:
            cells = (one["cell"], one["column"], one["value"][:40], one["detail"])
            table.add_row(*(Text(each) for each in cells))
        console.print(table)
    if len(problems) > most:
        console.print(f"… and {len(problems) - most} more: --report FILE writes them all")
    for notice in report["notices"]:
        console.print(Text(f"row {notice['row']}: {notice['detail']}"))
    counts = ", ".join(f"{report[name]} {name}" for name in COUNTS if report[name])
    wrong = len({one["row"] for one in problems})
    said = f"{report['rows']} rows: {report['accepted']} right, {wrong} with problems"
    console.print(f"{said} ({counts})" if counts else said, highlight=False)


@contextmanager
def progress(
    console: Console, what: str, total: int | None, *, is_bytes: bool, is_quiet: bool
) -> Iterator[Callable[[int], None]]:
    """A bar that the caller moves on."""
    amount = DownloadColumn() if is_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=is_quiet or not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda step: bar.advance(task, step)
