"""Boxes of the MP4 family: AVIF pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from media.formats.base import Structure
from media.formats.kinds import AVIF

_AVIF_TOP = frozenset(
    (b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"moof", b"idat", b"uuid")
)


def walk_avif(data: memoryview) -> Structure:
    """Size and frames of an AVIF picture or sequence."""
    width = height = 0
    frames = 1
    end = 0
    for kind, start, stop in boxes(data, 0, len(data)):
        if kind not in _AVIF_TOP:
            break
        end = stop
        if kind == b"meta":
            for name, at, _ in descend(data, start + 4, stop, (b"iprp", b"ipco")):
                if name == b"ispe":
                    box = struct.unpack_from(">II", data, at + 4)
                    width, height = max(width, box[0]), max(height, box[1])
        elif kind == b"moov":
            path = (b"trak", b"mdia", b"minf", b"stbl")
            for name, at, _ in descend(data, start, stop, path):
                if name == b"stsz":
                    frames = max(frames, struct.unpack_from(">I", data, at + 8)[0])
    return Structure(AVIF, width, height, frames=frames, end=end)


def boxes(data: memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
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


def descend(
    data: memoryview, at: int, end: int, path: tuple[bytes, ...]
) -> Iterator[tuple[bytes, int, int]]:
    """The boxes inside of those that `path` names, one in the other."""
    for kind, start, stop in boxes(data, at, end):
        if path and kind == path[0]:
            yield from descend(data, start, stop, path[1:])
        elif not path:
            yield kind, start, stop


def brands(head: bytes) -> set[bytes]:
    """What a file of this family says that it can be read as."""
    size = min(int.from_bytes(head[:4], "big"), len(head), 256)
    return {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
