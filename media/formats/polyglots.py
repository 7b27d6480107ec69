"""
Files that are two things at once.

A ZIP is read from its end, so any file whose last bytes are an archive's directory is an archive
too: refused. A page or a script needs no place of its own, and inside of a comment it is valid
data; we never serve it as one (own type, `nosniff`, sandbox), so it is told and not refused.
"""

from __future__ import annotations

import re
import struct

from media.formats.base import Unfit

_WINDOW = 1 << 20
_FURTHEST = 22 + 65_535
_PAGE = re.compile(
    rb"<script[\s>]|<html[\s>]|<!doctype html|<svg[\s>]|<\?php|\*/=[\w;]", re.IGNORECASE
)


def refuse_archive(data: memoryview) -> None:
    """Raises `Unfit` for a file that unpackers would take for a ZIP."""
    tail_at = max(0, len(data) - _FURTHEST)
    tail = bytes(data[tail_at:])
    found = tail.rfind(b"PK\x05\x06")
    while found >= 0:
        if found + 22 <= len(tail):
            size, start = struct.unpack_from("<II", tail, found + 12)
            directory = tail_at + found - size
            for at in (directory, start):
                if size and at >= 0 and bytes(data[at : at + 4]) == b"PK\x01\x02":
                    raise Unfit(
                        "SecondFormat",
                        f"the file is a ZIP archive as well, with its directory at byte {at}",
                    )
        found = tail.rfind(b"PK\x05\x06", 0, found)


def foreign_content(data: memoryview) -> str | None:
    """What another program might take the file for, by its first and its last megabyte."""
    found = bytes(data[5:1024]).find(b"%PDF-")
    if found >= 0:
        return f"a PDF from byte {found + 5} on"
    for at in dict.fromkeys((0, max(0, len(data) - _WINDOW))):
        page = _PAGE.search(data[at : at + _WINDOW])
        if page:
            shown = page.group().decode("latin-1").strip()
            return f"a page or script ({shown!r} at byte {at + page.start()})"
    return None
