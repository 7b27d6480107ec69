"""
WebM: every element down to the blocks, without decoding anything.

Matroska is a box of many things; WebM is the part of it that browsers play, and only that is
taken. Segments and clusters of unknown size, as recorders in browsers write them, are followed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from media.formats.base import Structure, Unfit
from media.formats.kinds import WEBM
from media.formats.timed import AV1, OPUS, VORBIS, VP8, VP9, Movie, Track, check_movie, codec_named

_EBML, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_INFO, _TRACKS, _ATTACHMENTS = 0x1549A966, 0x1654AE6B, 0x1941A469
_DOC_TYPE = 0x4282
_TIME, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_TIMESTAMP_SCALE, _DURATION = 0x2AD7B1, 0x4489
_TRACK_ENTRY, _NUMBER, _TYPE, _CODEC = 0xAE, 0xD7, 0x83, 0x86
_VIDEO, _WIDTH, _HEIGHT = 0xE0, 0xB0, 0xBA
_ENCODINGS = 0x6D80

_KNOWN = frozenset(
    (
        *(_SEGMENT, _CLUSTER, _INFO, _TRACKS, _TIME, _SIMPLE_BLOCK, _BLOCK_GROUP),
        # Seek head, cues, chapters, tags, void, checksum; position, previous size, encrypted block.
        *(0x114D9B74, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0xEC, 0xBF, 0xA7, 0xAB, 0xAF, 0x5854),
    )
)

_CODECS = {"V_VP8": VP8, "V_VP9": VP9, "V_AV1": AV1, "A_OPUS": OPUS, "A_VORBIS": VORBIS}
_KINDS = {1: "video", 2: "audio"}


@dataclass(slots=True)
class _Seen:
    """What was met on the way through a segment."""

    scale: int = 1_000_000
    duration: float = 0.0
    tracks: dict[int, Track] = field(default_factory=dict)
    blocks: dict[int, int] = field(default_factory=dict)
    cluster: int = 0
    last: int = 0


def is_webm(head: bytes) -> bool:
    """Whether the EBML header says `webm`."""
    try:
        name, start, stop = next(_elements(memoryview(head), 0, len(head)))
        return name == _EBML and _doc_type(memoryview(head), start, stop) == b"webm"
    except (StopIteration, IndexError, Unfit, struct.error):
        return False


def walk_webm(data: memoryview) -> Structure:
    """A WebM file: what its tracks are, how many blocks they have, and where it ends."""
    _, _, at = next(_elements(data, 0, len(data)))
    seen = _Seen()
    end = _segment(data, at, seen)
    if not sum(seen.blocks.values()):
        raise Unfit("FileDamaged", "the WebM has no blocks")
    measured = seen.last * seen.scale / 1e9
    # A header that promises less than the blocks say does not make the work shorter.
    seconds = max(seen.duration * seen.scale / 1e9, measured)
    tracks = tuple(
        Track(track.kind, track.codec, track.width, track.height, seen.blocks.get(number, 0))
        for number, track in seen.tracks.items()
    )
    movie = Movie(tracks, seconds)
    check_movie(movie)
    video, audio = movie.video, movie.audio
    if video is None:
        raise Unfit("TypeNotAccepted", "the WebM has no video; sound alone is taken as Ogg or M4A")
    details = {
        "duration": round(seconds, 3),
        "codec": video.codec,
        "has_sound": audio is not None,
        **({"audio_codec": audio.codec} if audio else {}),
    }
    return Structure(WEBM, video.width, video.height, video.frames, end, details=details)


def _segment(data: memoryview, at: int, seen: _Seen) -> int:
    """Go through a segment, flat: segments and clusters are entered, all else is stepped over."""
    stop = len(data)
    end = at
    is_inside = False
    while at < stop:
        name, start = _vint(data, at, keep=True)
        size, start = _vint(data, start)
        is_unknown = size < 0
        if name not in _KNOWN or (name == _SEGMENT) == is_inside:
            if name == _ATTACHMENTS:
                raise Unfit("AttachedFiles", "the WebM has files attached")
            return end
        if name == _SEGMENT:
            is_inside = True
            stop = stop if is_unknown else start + size
            if stop > len(data):
                raise IndexError
            at = end = start
            continue
        if name == _CLUSTER:
            at = end = start
            continue
        if is_unknown or start + size > stop:
            raise IndexError
        _note(data, name, start, start + size, seen)
        at = end = start + size
    return end


def _note(data: memoryview, name: int, start: int, stop: int, seen: _Seen) -> None:
    if name == _SIMPLE_BLOCK:
        _count(data, start, seen)
    elif name == _TIME:
        seen.cluster = _number(data, start, stop)
    elif name == _BLOCK_GROUP:
        for inner, at, _ in _elements(data, start, stop):
            if inner == _BLOCK:
                _count(data, at, seen)
    elif name == _INFO:
        for inner, at, end in _elements(data, start, stop):
            if inner == _TIMESTAMP_SCALE:
                seen.scale = _number(data, at, end)
            elif inner == _DURATION:
                seen.duration = struct.unpack(">f" if end - at == 4 else ">d", data[at:end])[0]
    elif name == _TRACKS:
        for inner, at, end in _elements(data, start, stop):
            if inner == _TRACK_ENTRY:
                _track(data, at, end, seen)


def _count(data: memoryview, at: int, seen: _Seen) -> None:
    number, at = _vint(data, at)
    if number not in seen.tracks:
        return
    seen.blocks[number] = seen.blocks.get(number, 0) + 1
    seen.last = max(seen.last, seen.cluster + struct.unpack_from(">h", data, at)[0])


def _track(data: memoryview, start: int, stop: int, seen: _Seen) -> None:
    number = kind = width = height = 0
    codec = ""
    for name, at, end in _elements(data, start, stop):
        if name == _NUMBER:
            number = _number(data, at, end)
        elif name == _TYPE:
            kind = _number(data, at, end)
        elif name == _CODEC:
            codec = bytes(data[at : min(end, at + 64)]).decode("ascii", "replace").rstrip("\0")
        elif name == _ENCODINGS:
            raise Unfit("Encrypted", "a track of the WebM is compressed or encrypted once more")
        elif name == _VIDEO:
            for inner, begin, last in _elements(data, at, end):
                if inner == _WIDTH:
                    width = _number(data, begin, last)
                elif inner == _HEIGHT:
                    height = _number(data, begin, last)
    if kind in _KINDS:
        known = codec_named(codec, _CODECS, "WebM")
        seen.tracks[number] = Track(_KINDS[kind], known, width, height)


def _elements(data: memoryview, at: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Yield (id, start of content, end) of the elements of a master."""
    while at < stop:
        name, start = _vint(data, at, keep=True)
        size, start = _vint(data, start)
        if size < 0 or start + size > stop:
            raise IndexError
        yield name, start, start + size
        at = start + size


def _doc_type(data: memoryview, start: int, stop: int) -> bytes:
    for name, at, end in _elements(data, start, stop):
        if name == _DOC_TYPE:
            return bytes(data[at:end]).rstrip(b"\0")
    return b""


def _vint(data: memoryview, at: int, *, keep: bool = False) -> tuple[int, int]:
    """A variable number and where it ends; all ones, for a size, are -1: unknown."""
    first = data[at]
    length = 9 - first.bit_length()
    if length > (4 if keep else 8) or at + length > len(data):
        raise IndexError
    value = int.from_bytes(data[at : at + length], "big")
    if keep:
        return value, at + length
    value &= (1 << 7 * length) - 1
    return (-1 if value == (1 << 7 * length) - 1 else value), at + length


def _number(data: memoryview, at: int, end: int) -> int:
    if end - at > 8:
        raise IndexError
    return int.from_bytes(data[at:end], "big")
