"""
Pages: the files of a bundle unpacked into the folder, and what a page loads from elsewhere told.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from media.decoders.results import Finding, answer_of
from media.formats import Structure, Unfit
from media.formats.bundle import Entry, read_bundle
from media.formats.kinds import BUNDLE, HTML
from media.formats.pages import MAX_TOLD, page_text, references

_PIECE_BYTES = 1024 * 1024
_READ_FOR_REFERENCES = 32 * 1024**2
_TEXTS = (".html", ".htm", ".js", ".mjs", ".css", ".svg")


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """Unpack what is packed. A page has no poster: nothing here runs it."""
    if structure.type == BUNDLE:
        return _bundle(path, structure, folder)
    found = references(page_text(path.read_bytes()))
    return answer_of(structure, folder, findings=_findings(found))


def _bundle(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    members = []
    found: dict[str, None] = {}
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            entries = read_bundle(view)
        finally:
            view.release()
        for number, entry in enumerate(entries):
            name = f"member-{number}"
            with (folder / name).open("wb") as out:
                for piece in _unpacked(data, entry):
                    out.write(piece)
            members.append({"path": entry.path, "name": name})
    budget = _READ_FOR_REFERENCES
    for entry, member in zip(entries, members, strict=True):
        if entry.path.lower().endswith(_TEXTS) and entry.size <= budget:
            budget -= entry.size
            text = (folder / member["name"]).read_text("utf-8", "replace")
            found.update(dict.fromkeys(references(text)))
    answer = answer_of(structure, folder, findings=_findings(found))
    # From here on it is a page, whose files lie in a directory; the archive is only how they came.
    return {**answer, "type": HTML, "members": members}


def _unpacked(data: mmap.mmap, entry: Entry) -> Iterator[bytes]:
    """The file's bytes, never more than the archive said, with their checksum compared."""
    left, crc = entry.size, 0
    for piece in _pieces(data, entry):
        left -= len(piece)
        crc = zlib.crc32(piece, crc)
        if left < 0:
            break
        yield piece
    if left or crc != entry.crc:
        raise Unfit("FileDamaged", f"{entry.path[:80]!r} is not what the archive says of it")


def _pieces(data: mmap.mmap, entry: Entry) -> Iterator[bytes]:
    end = entry.start + entry.packed
    if not entry.is_deflated:
        for at in range(entry.start, end, _PIECE_BYTES):
            yield data[at : min(at + _PIECE_BYTES, end)]
        return
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(entry.start, end, _PIECE_BYTES):
        packed = data[at : min(at + _PIECE_BYTES, end)]
        while packed:
            yield inflating.decompress(packed, _PIECE_BYTES)
            packed = inflating.unconsumed_tail
    while not inflating.eof:
        piece = inflating.decompress(b"", _PIECE_BYTES)
        if not piece:
            break
        yield piece
    if not inflating.eof or inflating.unused_data:
        raise Unfit("FileDamaged", f"{entry.path[:80]!r} is cut short, or more follows it")


def _findings(found: Iterable[str]) -> list[Finding]:
    addresses = list(found)
    if not addresses:
        return []
    shown = ", ".join(addresses[:3]) + (", …" if len(addresses) > 3 else "")
    detail = (
        f"The page asks for {len(addresses)} address(es) elsewhere, which are not loaded here and "
        f"may vanish: {shown}. Put what it needs into the file or the archive."
    )
    return [
        {"code": "ExternalReferences", "detail": detail, "references": addresses[:MAX_TOLD]},
    ]
