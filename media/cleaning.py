"""
A copy of a file without what it tells about its maker: positions, cameras, names, notes.

Bytes are left out, never made anew: what is decoded stays as it was, bit for bit. Colour profiles
stay, and of what a camera wrote its rotation. Films keep their length: a box that goes becomes one
of zeros, so that nothing that is counted from the file's beginning moves.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from media.formats import Unfit
from media.formats.images import after_scan, walk_one_jpeg
from media.formats.isobmff import boxes
from media.formats.kinds import JPEG, MOV, MP4, PNG, WEBP
from nft.errors import Unacceptable

_PIECE = 1 << 20


class NotCleanable(Unacceptable):
    """No clean copy can be made of this file without making its content anew."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no cleaned copy can be made: {reason}")


@dataclass(frozen=True, slots=True)
class Edit:
    """Between `start` and `stop` stands `instead`; `zeros` of them follow it."""

    start: int
    stop: int
    instead: bytes = b""
    zeros: int = 0


def edits(data: memoryview, media_type: str) -> list[Edit]:
    """What to change, in order. Raises `NotCleanable`; the file was checked before."""
    find = _KINDS.get(media_type)
    if find is None:
        known = "JPEG, PNG, WebP, MP4 and MOV"
        raise NotCleanable(f"the file is {media_type}; clean copies are made of {known}")
    try:
        found = list(find(data))
    except (IndexError, struct.error, Unfit) as error:
        raise NotCleanable("the file is damaged") from error
    if not found:
        raise NotCleanable("there is nothing in it to take out")
    return sorted(found, key=lambda edit: edit.start)


def cleaned_size(data: memoryview, found: list[Edit]) -> int:
    """How long the copy is."""
    return len(data) + sum(
        len(edit.instead) + edit.zeros - (edit.stop - edit.start) for edit in found
    )


def cleaned(data: memoryview, found: list[Edit]) -> Iterator[bytes]:
    """Yield the copy, in pieces of a megabyte at most."""
    at = 0
    for edit in (*found, Edit(len(data), len(data))):
        for start in range(at, edit.start, _PIECE):
            yield bytes(data[start : min(start + _PIECE, edit.start)])
        yield edit.instead
        for done in range(0, edit.zeros, _PIECE):
            yield bytes(min(_PIECE, edit.zeros - done))
        at = edit.stop


def _jpeg(data: memoryview) -> Iterator[Edit]:
    """JFIF, colour profile and Adobe's note on colours stay; every other note goes."""
    at, end = 2, walk_one_jpeg(data, 0).end
    while at < end:
        marker = data[at + 1]
        if data[at] != 0xFF or marker == 0xFF or marker == 1 or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        stop = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        body = bytes(data[at + 4 : min(stop, at + 20)])
        if (0xE0 <= marker <= 0xEF or marker == 0xFE) and not _stays_in_jpeg(marker, body):
            instead = b""
            if body.startswith(b"Exif\0\0"):
                turned = _orientation(bytes(data[at + 10 : stop]))
                if turned > 1:
                    note = b"Exif\0\0" + _turned_note(turned)
                    instead = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
            if bytes(data[at:stop]) != instead:
                yield Edit(at, stop, instead)
        at = after_scan(data, stop) if marker == 0xDA else stop
    if end < len(data):
        yield Edit(end, len(data))  # further pictures, which telephones add


def _stays_in_jpeg(marker: int, body: bytes) -> bool:
    return (
        (marker == 0xE0 and body.startswith(b"JFIF\0"))
        or (marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"))
        or (marker == 0xEE and body.startswith(b"Adobe"))
    )


_PNG_STAYS = frozenset(
    name.encode()
    for name in (
        *("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "acTL", "fcTL", "fdAT"),
        *("iCCP", "sRGB", "gAMA", "cHRM", "cICP", "mDCV", "cLLI", "sBIT", "bKGD", "hIST", "pHYs"),
    )
)


def _png(data: memoryview) -> Iterator[Edit]:
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        stop = at + 12 + length
        if kind not in _PNG_STAYS:
            instead = b""
            if kind == b"eXIf":
                turned = _orientation(bytes(data[at + 8 : stop - 4]))
                instead = _png_note(turned) if turned > 1 else b""
            if bytes(data[at:stop]) != instead:
                yield Edit(at, stop, instead)
        at = stop


def _png_note(turned: int) -> bytes:
    body = b"eXIf" + _turned_note(turned)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


_WEBP_STAYS = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def _webp(data: memoryview) -> Iterator[Edit]:
    at, flags_at, flags = 12, 0, 0
    gone: list[Edit] = []
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        stop = at + 8 + length + (length & 1)
        if kind == b"VP8X":
            flags_at = at + 8
        elif kind not in _WEBP_STAYS:
            instead = b""
            if kind == b"EXIF":
                exif = bytes(data[at + 8 : at + 8 + length])
                turned = _orientation(exif.removeprefix(b"Exif\0\0"))
                if turned > 1:
                    note = _turned_note(turned)
                    instead = struct.pack("<4sI", b"EXIF", len(note)) + note
                    flags |= _HAS_EXIF
            if bytes(data[at:stop]) != instead:
                gone.append(Edit(at, stop, instead))
        at = stop
    if not gone:
        return
    yield from gone
    size = cleaned_size(data, gone) - 8
    yield Edit(4, 8, struct.pack("<I", size))
    if flags_at:
        kept = data[flags_at] & ~(_HAS_EXIF | _HAS_XMP) | flags
        yield Edit(flags_at, flags_at + 1, bytes((kept,)))


def _orientation(tiff: bytes) -> int:
    """How a picture is turned, by EXIF; 1 is upright, and what cannot be read is too."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for index in range(count):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * index)
            if (tag, kind) == (0x0112, 3):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _turned_note(turned: int) -> bytes:
    """EXIF that says how the picture is turned, and nothing else."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, turned, 0, 0)


_FILM_STAYS = frozenset((b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp", b"wide"))
_NOTES = frozenset((b"udta", b"meta", b"uuid", b"free", b"skip"))
_TIMED = frozenset((b"mvhd", b"tkhd", b"mdhd"))
_INSIDE = frozenset((b"moov", b"trak", b"mdia", b"moof", b"traf", b"minf"))
_SHOWN = (b"vide", b"soun", b"text", b"sbtl", b"subt")


def _film(data: memoryview) -> Iterator[Edit]:
    """Notes become boxes of zeros, and times of making become zero."""
    for kind, start, stop in boxes(data, 0, len(data)):
        if kind in _INSIDE:
            yield from _film_box(data, start, stop)
        elif kind not in _FILM_STAYS:
            yield from _emptied(data, start, stop)


def _film_box(data: memoryview, at: int, end: int) -> Iterator[Edit]:
    for kind, start, stop in boxes(data, at, end):
        if kind in _INSIDE:
            yield from _film_box(data, start, stop)
        elif kind in _NOTES:
            yield from _emptied(data, start, stop)
        elif kind in _TIMED:
            length = 16 if data[start] else 8
            if any(data[start + 4 : start + 4 + length]):
                yield Edit(start + 4, start + 4 + length, bytes(length))
        elif kind == b"hdlr" and at and bytes(data[start + 4 : start + 8]) != b"dhlr":
            handler = bytes(data[start + 8 : start + 12])
            if handler not in _SHOWN and _is_track(data, at):
                raise NotCleanable(
                    f"it has a track ({handler.decode('latin-1')!r}) that is neither shown nor "
                    "heard, as cameras write their measurements into"
                )


def _is_track(data: memoryview, media_at: int) -> bool:
    return bytes(data[media_at - 4 : media_at]) == b"mdia"


def _emptied(data: memoryview, start: int, stop: int) -> Iterator[Edit]:
    """A box named `free`, with zeros where its content was; its size stays as it is written."""
    name_at = start - 4
    if start >= 16 and struct.unpack_from(">IIQ", data, start - 16)[::2] == (1, stop - start + 16):
        name_at = start - 12  # a size of 64 bits stands between
    is_empty = bytes(data[name_at : name_at + 4]) == b"free" and not _has_content(data, start, stop)
    if not is_empty:
        yield Edit(name_at, name_at + 4, b"free")
        yield Edit(start, stop, b"", zeros=stop - start)


def _has_content(data: memoryview, start: int, stop: int) -> bool:
    return any(any(data[at : min(at + _PIECE, stop)]) for at in range(start, stop, _PIECE))


_KINDS: dict[str, Callable[[memoryview], Iterator[Edit]]] = {
    JPEG: _jpeg,
    PNG: _png,
    WEBP: _webp,
    MP4: _film,
    MOV: _film,
}
CLEANABLE = tuple(_KINDS)
