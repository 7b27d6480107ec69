"""
A bundle: a page of several files, uploaded as a ZIP archive.

The archive is believed nothing: its directory and its local headers must say the same, its parts
must follow one another without gap or overlap from the first byte to the last, and names must be
such that every system keeps the files apart.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from media.formats.base import Structure, Unfit
from media.formats.kinds import BUNDLE

MAX_FILES = 2_000
MAX_TOTAL_BYTES = 256 * 1024**2
MAX_RATIO = 200
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 1_000
MAX_DEPTH = 16
INDEX = "index.html"

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s4B4H3L5H2L")
_LOCAL = struct.Struct("<4s2B4H3L2H")
_ENCRYPTED, _DESCRIBED_LATER, _STRONG, _UTF8, _MASKED = 0x1, 0x8, 0x40, 0x800, 0x2000
_STORED, _DEFLATED = 0, 8
_LEFT_OUT = re.compile(r"(?:^|/)(?:__MACOSX(?:/|$)|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive: its path in the bundle, and where its compressed bytes stand."""

    path: str
    start: int
    packed: int
    size: int
    crc: int
    is_deflated: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """An entry as the archive's directory tells it."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


def walk_bundle(data: memoryview) -> Structure:
    """Hold the archive to its rules. Raises `Unfit`."""
    files = read_bundle(data)
    details = {
        "entry": INDEX,
        "files": len(files),
        "bytes": sum(file.size for file in files),
        "title": "",
    }
    return Structure(BUNDLE, 0, 0, frames=0, end=len(data), details=details)


def read_bundle(data: memoryview) -> list[Entry]:
    """The files of the bundle, by paths below the folder of its page. Raises `Unfit`."""
    told, start_of_directory = _directory(data)
    entries = []
    at = 0
    for one in sorted(told, key=lambda one: one.offset):
        if one.offset != at:
            raise _damaged(f"bytes {at} to {one.offset} of the archive belong to no file in it")
        start, at = _local(data, one)
        if not one.name.endswith("/"):
            is_deflated = one.method == _DEFLATED
            entries.append(Entry(one.name, start, one.packed, one.size, one.crc, is_deflated))
    if at != start_of_directory:
        raise _damaged(f"bytes {at} to {start_of_directory} of the archive belong to no file in it")
    _check_sizes(entries)
    kept = [entry for entry in entries if not _LEFT_OUT.search(entry.path)]
    files = [_below(entry, _top(kept)) for entry in kept]
    _check_names([file.path for file in files])
    return files


def _damaged(why: str) -> Unfit:
    return Unfit("FileDamaged", why)


def _directory(data: memoryview) -> tuple[list[_Told], int]:
    end = len(data) - _END.size
    if end < 0 or bytes(data[end : end + 4]) != b"PK\x05\x06":
        raise Unfit(
            "TrailingData", "the archive does not end where its directory does, or has a comment"
        )
    _, disk, first, here, count, size, offset, comment = _END.unpack_from(data, end)
    if 0xFFFF in (disk, first, here, count) or 0xFFFFFFFF in (size, offset):
        raise Unfit("ArchiveNotAccepted", "the archive is of the large kind (ZIP64)")
    if disk or first or here != count or comment or offset + size != end:
        raise _damaged("the archive's directory is not where it says")
    if count > MAX_FILES:
        raise Unfit("TooManyFiles", f"the archive has {count} files; at most {MAX_FILES} may be")
    return list(_told(data, offset, end, count)), offset


def _told(data: memoryview, at: int, end: int, count: int) -> Iterator[_Told]:
    for _ in range(count):
        fields = _ENTRY.unpack_from(data, at)
        if fields[0] != b"PK\x01\x02":
            raise _damaged(f"the archive has no entry at byte {at}")
        system, flags, method = fields[2], fields[5], fields[6]
        crc, packed, size, name_size, extra_size, comment_size = fields[9:15]
        disk, attributes, offset = fields[15], fields[17], fields[18]
        raw_name = bytes(data[at + _ENTRY.size : at + _ENTRY.size + name_size])
        extra = bytes(data[at + _ENTRY.size + name_size :][:extra_size])
        name = _name(raw_name)
        _check_entry(name, flags, method, attributes >> 16 if system in (3, 19) else 0)
        if disk or _has_large_sizes(extra) or 0xFFFFFFFF in (packed, size, offset):
            raise Unfit("ArchiveNotAccepted", "the archive is of the large kind (ZIP64)")
        yield _Told(name, raw_name, flags, method, crc, packed, size, offset)
        at += _ENTRY.size + name_size + extra_size + comment_size
    if at != end:
        raise _damaged("the archive's directory has more in it than its entries")


def _name(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unfit("NameNotAccepted", f"the name {raw[:60]!r} is not UTF-8") from error


def _check_entry(name: str, flags: int, method: int, mode: int) -> None:
    if flags & (_ENCRYPTED | _STRONG | _MASKED):
        raise Unfit("ArchiveNotAccepted", f"{name[:80]!r} is encrypted")
    if method not in (_STORED, _DEFLATED):
        raise Unfit("ArchiveNotAccepted", f"{name[:80]!r} is packed by method {method}")
    if mode & 0o170000 not in (0, 0o100000, 0o040000):
        raise Unfit("ArchiveNotAccepted", f"{name[:80]!r} is a link or a device, not a file")


def _has_large_sizes(extra: bytes) -> bool:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            return True
        at += 4 + size
    return False


def _local(data: memoryview, one: _Told) -> tuple[int, int]:
    """Where the packed bytes start, and where the next part does."""
    fields = _LOCAL.unpack_from(data, one.offset)
    flags, method = fields[3], fields[4]
    crc, packed, size, name_size, extra_size = fields[7:12]
    name_at = one.offset + _LOCAL.size
    if fields[0] != b"PK\x03\x04" or bytes(data[name_at : name_at + name_size]) != one.raw_name:
        raise _damaged(f"{one.name[:80]!r} is another file than the archive's directory says")
    is_later = bool(flags & _DESCRIBED_LATER)
    said = (crc, packed, size)
    is_same = said == (one.crc, one.packed, one.size) or (is_later and said == (0, 0, 0))
    if not is_same or method != one.method or (flags ^ one.flags) & ~_UTF8:
        raise _damaged(f"the archive says two things of {one.name[:80]!r}")
    start = name_at + name_size + extra_size
    end = start + one.packed
    if end > len(data):
        raise IndexError
    return start, _after_descriptor(data, one, end) if is_later else end


def _after_descriptor(data: memoryview, one: _Told, at: int) -> int:
    """The sizes may stand behind the bytes, with or without a mark before them."""
    if bytes(data[at : at + 4]) == b"PK\x07\x08":
        at += 4
    if struct.unpack_from("<3L", data, at) != (one.crc, one.packed, one.size):
        raise _damaged(f"the archive says two things of {one.name[:80]!r}")
    return at + 12


def _check_sizes(entries: list[Entry]) -> None:
    total = sum(entry.size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        raise Unfit(
            "BundleTooLarge", f"the files come to {total} bytes; at most {MAX_TOTAL_BYTES} may be"
        )
    for entry in entries:
        if entry.size > 2**20 and entry.size > MAX_RATIO * max(entry.packed, 1):
            raise Unfit(
                "BundleTooLarge",
                f"{entry.path[:80]!r} grows from {entry.packed} to {entry.size} bytes",
            )
        if not entry.is_deflated and entry.size != entry.packed:
            raise _damaged(f"the archive says two things of {entry.path[:80]!r}")


def _top(entries: list[Entry]) -> str:
    """The one folder around everything, with its slash, if the page lies in it."""
    paths = {entry.path for entry in entries}
    if INDEX in paths:
        return ""
    tops = {path.partition("/")[0] + "/" for path in paths}
    top = next(iter(tops)) if len(tops) == 1 else ""
    if top + INDEX not in paths:
        raise Unfit(
            "NoIndexPage", f"the archive has no {INDEX} at its top, or in the one folder at its top"
        )
    return top


def _below(entry: Entry, top: str) -> Entry:
    path = unicodedata.normalize("NFC", entry.path.removeprefix(top))
    return Entry(path, entry.start, entry.packed, entry.size, entry.crc, entry.is_deflated)


def _check_names(paths: list[str]) -> None:
    """Every system must keep the files apart and put none elsewhere."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for part in parts:
            _check_name(part, path)
        if len(parts) > MAX_DEPTH or len(path.encode()) > MAX_PATH_BYTES:
            raise Unfit("NameNotAccepted", f"the path {path[:80]!r}… is too long")
        if path.casefold() in files:
            raise Unfit("NameNotAccepted", f"two files are called {path[:80]!r}, but for capitals")
        files[path.casefold()] = path
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if folders.setdefault(above.casefold(), above) != above:
                raise Unfit(
                    "NameNotAccepted", f"two folders are called {above[:80]!r}, but for capitals"
                )
    both = files.keys() & folders.keys()
    if both:
        raise Unfit("NameNotAccepted", f"{min(both)[:80]!r} is a file and a folder")


def _check_name(part: str, path: str) -> None:
    is_bad = (
        part in ("", ".", "..")
        or "\\" in part
        or ":" in part
        or len(part.encode()) > MAX_NAME_BYTES
        or any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in part)
        or part != part.rstrip(". ")
        or _RESERVED.match(part)
    )
    if is_bad:
        raise Unfit("NameNotAccepted", f"the path {path[:80]!r} is one that no file here may have")
