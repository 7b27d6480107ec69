"""
ZIP archives of strangers, read in the one way in which the verifier in JavaScript reads them.

Libraries look for an archive's directory where they guess it: in a comment, behind a second record,
in fields that others pass over. One file then has several contents. Here the directory ends right
before the record, the record ends the file, and a part is what its entry and its own head say.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from nft.errors import Unacceptable

_END = struct.Struct("<4s6xHLLH")
_ENTRY = struct.Struct("<4s4xHH4xLLLHHH8xL")
_HEAD = struct.Struct("<4s22xHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1


class NotAnArchive(Unacceptable):
    """The file is no ZIP that has one meaning only."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A part, as the directory tells it."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    place: int

    @property
    def is_encrypted(self) -> bool:
        """Whether a password would be needed."""
        return bool(self.flags & _ENCRYPTED)


def read_archive(body: bytes, check: Callable[[list[Entry]], None]) -> dict[str, bytes]:
    """
    The parts by name. Raises `NotAnArchive`, and what `check` raises.

    `check` looks at all entries before a byte is inflated.
    """
    try:
        entries = _directory(body)
        check(entries)
        return {entry.name: _part(body, entry) for entry in entries}
    except (struct.error, zlib.error) as error:
        raise NotAnArchive(f"the archive is cut off or damaged: {error}") from error


def _directory(body: bytes) -> list[Entry]:
    end = len(body) - _END.size
    if end < 0:
        raise NotAnArchive("it is no archive")
    mark, count, size, at, comment = _END.unpack_from(body, end)
    if mark != b"PK\x05\x06" or comment:
        raise NotAnArchive("the record of its end does not end it")
    if at + size != end:
        raise NotAnArchive("a directory in another place")
    entries = []
    while at < end:
        mark, flags, method, crc, packed, full, *sizes, place = _ENTRY.unpack_from(body, at)
        if mark != b"PK\x01\x02":
            raise NotAnArchive("no entry where one must be")
        start = at + _ENTRY.size
        name = body[start : start + sizes[0]].decode("latin-1")
        entries.append(Entry(name, flags, method, crc, packed, full, place))
        at = start + sum(sizes)
    if at != end or len(entries) != count:
        raise NotAnArchive("another number of entries")
    return entries


def _part(body: bytes, entry: Entry) -> bytes:
    mark, *sizes = _HEAD.unpack_from(body, entry.place)
    if mark != b"PK\x03\x04":
        raise NotAnArchive("no part where one must be")
    name_at = entry.place + _HEAD.size
    start = name_at + sum(sizes)
    name = body[name_at : name_at + sizes[0]].decode("latin-1")
    if name != entry.name or start + entry.packed > len(body):
        raise NotAnArchive("a part that its own head denies")
    packed = body[start : start + entry.packed]
    found = _unpacked(packed, entry)
    if len(found) != entry.size or zlib.crc32(found) != entry.crc:
        raise NotAnArchive("a part that is damaged")
    return found


def _unpacked(packed: bytes, entry: Entry) -> bytes:
    if entry.method == _STORED:
        return packed
    if entry.method != _DEFLATED:
        raise NotAnArchive("a part packed in an unknown way")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    found = inflater.decompress(packed, entry.size + 1)
    if not inflater.eof or inflater.unused_data:
        raise NotAnArchive("a part larger than it says, or cut off")
    return found
