"""Pictures: PNG, JPEG, GIF and WebP, each by its own rules."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from media.formats.base import Structure, Unfit
from media.formats.kinds import GIF, JPEG, PNG, WEBP

MAX_PIXELS = 100_000_000
"""Width × height × frames. A decoded pixel takes up to four bytes of a child's memory."""

MAX_FRAMES = 2_000


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


def walk_png(data: memoryview) -> Structure:
    """Chunk by chunk, up to IEND."""
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


def walk_jpeg(data: memoryview) -> Structure:
    """Phones append further pictures (depth, gain maps); those that are whole JPEGs are counted."""
    first = walk_one_jpeg(data, 0)
    end = first.end
    extra = 0
    while extra < 16 and bytes(data[end : end + 3]) == b"\xff\xd8\xff":
        try:
            end = walk_one_jpeg(data, end).end
        except (IndexError, struct.error):
            break
        extra += 1
    return replace(first, end=end, extra=extra)


def walk_one_jpeg(data: memoryview, start: int) -> Structure:
    """One picture of a JPEG, segment by segment, up to its end of image."""
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
            at = after_scan(data, at)


def after_scan(data: memoryview, at: int) -> int:
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


def walk_gif(data: memoryview) -> Structure:
    """Block by block, up to the trailer."""
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


def walk_webp(data: memoryview) -> Structure:
    """Chunk by chunk, to the size that RIFF declares."""
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
