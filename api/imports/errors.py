"""
Why something about an import is refused.
"""

from __future__ import annotations

from nft.errors import Conflict, Missing, Unacceptable


class NoSuchImport(Missing):
    """There is no such import, or it is somebody else's."""

    def __init__(self, import_id: str) -> None:
        super().__init__(f"there is no import {import_id[:64]!r}")


class TooManyImports(Conflict):
    """One account keeps so many at most."""

    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} imports; throw one away first")


class FileNamedTwice(Unacceptable):
    """The folder's list names a file twice, or two that look the same."""

    def __init__(self, position: int, name: str) -> None:
        self.field = f"files/{position}/name"
        super().__init__(f"{name[:120]!r} is named twice")


class NothingReady(Conflict):
    """No row can be minted now: files are missing, or questions are open."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.extra = {"counts": counts}
        said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        super().__init__(f"no row is ready to be minted ({said or 'there are none'})")


class ImportSigning(Conflict):
    """Rows of it are prepared or sent; those cannot be thrown away."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"{rows} rows are on their way to the chain; abandon their mints first")
