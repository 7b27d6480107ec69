"""
What a file is, told from its bytes alone and before anything decodes it.

Each accepted type is walked by its own rules from the first byte to the last: that gives size and
frames without decoding, so that a bomb is refused by its header, and it tells where the picture
ends, so that a second file glued behind it (a page, an archive) is refused as well.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"
WEBP, AVIF = "image/webp", "image/avif"

ACCEPTED = (PNG, JPEG, GIF, WEBP, AVIF)
ACCEPTED_SHOWN = "PNG, JPEG, GIF, WebP, AVIF"

MAX_PIXELS = 100_000_000
"""Width × height × frames. A decoded pixel takes up to four bytes of a child's memory."""

MAX_FRAMES = 2_000

_OTHER_TYPES = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"glTF", "a GLB model"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"ID3", "an MP3 sound"),
    (b"OggS", "an Ogg sound or video"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
)


class Unfit(Exception):
    """A file that is not taken; `code` is stable, `detail` names the rule and the value."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Structure:
    """What the headers say. `end` is where the picture ends, `extra` pictures follow the first."""

    type: str
    width: int
    height: int
    frames: int
    end: int
    extra: int = 0


def sniff(head: bytes) -> str:
    """The media type that the first bytes tell, or `application/octet-stream`."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and _brands(head) & {b"avif", b"avis"}:
        return AVIF
    return "application/json" if head[:1] == b"{" else "application/octet-stream"


def describe(head: bytes) -> str:
    """What a file that is not accepted seems to be, for its owner to read."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--")) and b"<svg" in text):
        return "an SVG drawing, which can carry scripts"
    if text.startswith(b"<!doctype svg"):
        return "an SVG drawing, which can carry scripts"
    if text.startswith((b"<!doctype html", b"<html", b"<script", b"<head", b"<body")):
        return "an HTML page"
    if head[4:8] == b"ftyp":
        return "a video or a picture of the MP4 family"
    named = (name for magic, name in _OTHER_TYPES if head.startswith(magic))
    return next(named, "of no known picture type")


def read_structure(data: memoryview) -> Structure:
    """Walk the whole file. Raises `Unfit`: the first rule that it breaks."""
    if not data:
        raise Unfit("FileEmpty", "the file is empty")
    head = bytes(data[:4096])
    walk = _WALKS.get(sniff(head))
    if walk is None:
        raise Unfit(
            "TypeNotAccepted", f"the file is {describe(head)}; accepted are {ACCEPTED_SHOWN}"
        )
    try:
        structure = walk(data)
    except (IndexError, struct.error) as error:
        raise Unfit("FileDamaged", "the file ends before its picture does") from error
    check_pixels(structure)
    if structure.end < len(data):
        raise Unfit(
            "TrailingData",
            f"{len(data) - structure.end} bytes follow the end of the picture at byte "
            f"{structure.end}; a file may hold the picture only",
        )
    return structure


def check_pixels(structure: Structure) -> None:
    """Refuse by the header what would be too much to decode."""
    if not structure.width or not structure.height or not structure.frames:
        raise Unfit("FileDamaged", "the picture has no pixels")
    if structure.frames > MAX_FRAMES:
        raise Unfit(
            "TooManyFrames",
            f"the animation has {structure.frames} frames; at most {MAX_FRAMES} are accepted",
        )
    pixels = structure.width * structure.height * structure.frames
    if pixels > MAX_PIXELS:
        raise Unfit(
            "TooManyPixels",
            f"{structure.width} × {structure.height} × {structure.frames} frame(s) are {pixels} "
            f"pixels; at most {MAX_PIXELS} are accepted",
        )


def _walk_png(data: memoryview) -> Structure:
    at = 8
    width = height = 0
    frames = 1
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", data, at + 8)
            # Before a decoder, or this walk, spends anything on it.
            check_pixels(Structure(PNG, width, height, frames=1, end=0))
        elif kind == b"acTL":
            (frames,) = struct.unpack_from(">I", data, at + 8)
        at += 12 + length
        if at > len(data):
            raise IndexError
        if kind == b"IEND":
            return Structure(PNG, width, height, frames=max(frames, 1), end=at)


_SIZED_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD9)))


def _walk_jpeg(data: memoryview) -> Structure:
    """Phones append further pictures (depth, gain maps); those that are whole JPEGs are counted."""
    first = _walk_one_jpeg(data, 0)
    end = first.end
    extra = 0
    while extra < 16 and bytes(data[end : end + 3]) == b"\xff\xd8\xff":
        try:
            end = _walk_one_jpeg(data, end).end
        except (IndexError, struct.error):
            break
        extra += 1
    return replace(first, end=end, extra=extra)


def _walk_one_jpeg(data: memoryview, start: int) -> Structure:
    at = start + 2
    width = height = 0
    while True:
        if data[at] != 0xFF:
            raise Unfit("FileDamaged", f"the JPEG has no marker at byte {at}")
        marker = data[at + 1]
        at += 1 if marker == 0xFF else 2
        if marker == 0xFF or marker in _BARE_MARKERS:
            continue
        if marker == 0xD9:
            return Structure(JPEG, width, height, frames=1, end=at)
        (length,) = struct.unpack_from(">H", data, at)
        if marker in _SIZED_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
        at += length
        if marker == 0xDA:
            at = _after_scan(data, at)


def _after_scan(data: memoryview, at: int) -> int:
    """Where the compressed data ends: at a marker that is neither stuffing nor a restart."""
    window = 1 << 16
    while at < len(data):
        piece = bytes(data[at : at + window])
        found = piece.find(b"\xff")
        while 0 <= found < len(piece) - 1:
            follower = piece[found + 1]
            if follower != 0 and follower != 0xFF and not 0xD0 <= follower <= 0xD7:
                return at + found
            found = piece.find(b"\xff", found + (1 if follower == 0xFF else 2))
        is_last = at + len(piece) >= len(data)
        at += len(piece) if found < 0 or is_last else found
    raise IndexError


def _walk_gif(data: memoryview) -> Structure:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    frames = 0
    while True:
        kind = data[at]
        if kind == 0x3B:
            return Structure(GIF, width, height, frames=frames, end=at + 1)
        if kind == 0x21:
            at = _after_blocks(data, at + 2)
        elif kind == 0x2C:
            frames += 1
            # A frame may reach beyond the canvas, and decoders grow the canvas to hold it.
            left, top, across, down, local = struct.unpack_from("<HHHHB", data, at + 1)
            width, height = max(width, left + across), max(height, top + down)
            at = _after_blocks(data, at + 11 + (3 << ((local & 7) + 1) if local & 0x80 else 0))
        else:
            raise Unfit("FileDamaged", f"the GIF has no block at byte {at}")


def _after_blocks(data: memoryview, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _walk_webp(data: memoryview) -> Structure:
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size + (size & 1)
    if end > len(data):
        raise IndexError
    width = height = frames = 0
    for kind, at, _ in _chunks(data, 12, end):
        if kind == b"VP8X":
            width = 1 + int.from_bytes(data[at + 4 : at + 7], "little")
            height = 1 + int.from_bytes(data[at + 7 : at + 10], "little")
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"VP8 " and not width:
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, at + 6))
        elif kind == b"VP8L" and not width:
            (bits,) = struct.unpack_from("<I", data, at + 1)
            width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return Structure(WEBP, width, height, frames=max(frames, 1), end=end)


def _chunks(data: memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, length
        at += 8 + length + (length & 1)
    if at != end:
        raise Unfit("FileDamaged", "the WebP's parts do not fill it")


_AVIF_TOP = frozenset((b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"moof", b"idat"))


def _walk_avif(data: memoryview) -> Structure:
    width = height = 0
    frames = 1
    end = 0
    for kind, start, stop in _boxes(data, 0, len(data)):
        if kind not in _AVIF_TOP:
            break
        end = stop
        if kind == b"meta":
            for name, at, _ in _descend(data, start + 4, stop, (b"iprp", b"ipco")):
                if name == b"ispe":
                    box = struct.unpack_from(">II", data, at + 4)
                    width, height = max(width, box[0]), max(height, box[1])
        elif kind == b"moov":
            path = (b"trak", b"mdia", b"minf", b"stbl")
            for name, at, _ in _descend(data, start, stop, path):
                if name == b"stsz":
                    frames = max(frames, struct.unpack_from(">I", data, at + 8)[0])
    return Structure(AVIF, width, height, frames=frames, end=end)


def _boxes(data: memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, start of content, end) of the boxes; stops at what is not a whole box."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            start = at + 16
        elif size == 0:
            size = end - at
        if size < start - at or at + size > end:
            return
        yield kind, start, at + size
        at += size


def _descend(
    data: memoryview, at: int, end: int, path: tuple[bytes, ...]
) -> Iterator[tuple[bytes, int, int]]:
    for kind, start, stop in _boxes(data, at, end):
        if path and kind == path[0]:
            yield from _descend(data, start, stop, path[1:])
        elif not path:
            yield kind, start, stop


def _brands(head: bytes) -> set[bytes]:
    size = min(int.from_bytes(head[:4], "big"), len(head), 256)
    return {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}


_WALKS = {PNG: _walk_png, JPEG: _walk_jpeg, GIF: _walk_gif, WEBP: _walk_webp, AVIF: _walk_avif}
