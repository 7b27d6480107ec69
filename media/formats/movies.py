"""
MP4, M4A and QuickTime files: every box down to the tracks, without decoding anything.

A file that points outside itself is refused: QuickTime can say "my pictures are in that other
file, or behind that URL", and a decoder that followed would be somebody else's hand.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from media.formats.base import Structure, Unfit
from media.formats.isobmff import boxes, brands, descend
from media.formats.kinds import M4A, MOV, MP4
from media.formats.timed import (
    AAC,
    AV1,
    FLAC_CODEC,
    H264,
    HEVC,
    MP3_CODEC,
    OPUS,
    VP8,
    VP9,
    Movie,
    Track,
    check_movie,
    codec_named,
)

_TOP_NAMES = "ftyp moov mdat free skip wide moof mfra sidx styp meta uuid pdin emsg ssix prft"
_TOP = frozenset(name.encode() for name in _TOP_NAMES.split())

VIDEO_CODECS = {
    **dict.fromkeys(("avc1", "avc3"), H264),
    **dict.fromkeys(("hvc1", "hev1"), HEVC),
    "av01": AV1,
    "vp08": VP8,
    "vp09": VP9,
}
AUDIO_CODECS = {"mp4a": AAC, "Opus": OPUS, "fLaC": FLAC_CODEC, ".mp3": MP3_CODEC}

_HANDLERS = {b"vide": "video", b"soun": "audio"}
_MP3_OBJECTS = (0x69, 0x6B)
_AAC_OBJECTS = (0x40, 0x66, 0x67, 0x68)


@dataclass(slots=True)
class _Fragments:
    """Of each track: how many samples its fragments have, and when the last of them begins."""

    samples: dict[int, int] = field(default_factory=dict)
    begins: dict[int, int] = field(default_factory=dict)


def walk_movie(data: memoryview) -> Structure:
    """An MP4, M4A or QuickTime file: what its tracks are, and where its last box ends."""
    end = 0
    movie = None
    fragments = _Fragments()
    has_data = False
    for kind, start, stop in boxes(data, 0, len(data)):
        if kind not in _TOP:
            break
        end = stop
        if kind == b"moov":
            if movie is not None:
                raise Unfit("FileDamaged", "the file has two moov boxes")
            movie = (start, stop)
        elif kind == b"moof":
            _count_fragment(data, start, stop, fragments)
        has_data = has_data or (kind == b"mdat" and stop > start)
    if movie is None or not has_data:
        raise Unfit("FileDamaged", "the file has no moov box, or no mdat box with data")
    found = _movie(data, *movie, fragments)
    check_movie(found)
    return _structure(data, found, end)


def _structure(data: memoryview, movie: Movie, end: int) -> Structure:
    video, audio = movie.video, movie.audio
    is_quicktime = bytes(data[8:12]) == b"qt  "
    details = {
        "duration": round(movie.seconds, 3),
        "codec": (video or movie.tracks[0]).codec,
        "has_sound": audio is not None,
    }
    if video is None:
        return Structure(M4A, 0, 0, frames=0, end=end, details=details)
    if audio is not None:
        details["audio_codec"] = audio.codec
    media_type = MOV if is_quicktime else MP4
    return Structure(media_type, video.width, video.height, video.frames, end, details=details)


def _count_fragment(data: memoryview, start: int, stop: int, found: _Fragments) -> None:
    for kind, at, end in boxes(data, start, stop):
        if kind != b"traf":
            continue
        track = 0
        for name, inner, _ in boxes(data, at, end):
            if name == b"tfhd":
                flags, track = struct.unpack_from(">II", data, inner)
                if flags & 1 and struct.unpack_from(">Q", data, inner + 8)[0] > len(data):
                    raise Unfit("FileDamaged", "a fragment points behind the end of the file")
            elif name == b"tfdt":
                base = struct.unpack_from(">Q" if data[inner] else ">I", data, inner + 4)[0]
                found.begins[track] = max(found.begins.get(track, 0), base)
            elif name == b"trun":
                (samples,) = struct.unpack_from(">I", data, inner + 4)
                found.samples[track] = found.samples.get(track, 0) + samples


def _movie(data: memoryview, start: int, stop: int, fragments: _Fragments) -> Movie:
    tracks = []
    longest = 0.0
    for kind, at, end in boxes(data, start, stop):
        if kind in (b"rmra", b"cmov"):
            raise Unfit("ExternalReference", f"the file is a {kind.decode()} movie of QuickTime")
        if kind == b"mvhd":
            longest = max(longest, _seconds(data, at))
        elif kind == b"mvex":
            for name, inner, _ in boxes(data, at, end):
                if name == b"mehd":
                    longest = max(longest, _fragmented(data, inner, start, stop))
        elif kind == b"trak":
            track = _track(data, at, end, fragments)
            if track is not None:
                tracks.append(track)
    seconds = max([longest, *(track.seconds for track in tracks)])
    return Movie(tuple(tracks), seconds)


def _fragmented(data: memoryview, at: int, start: int, stop: int) -> float:
    header = next((inner for kind, inner, _ in boxes(data, start, stop) if kind == b"mvhd"), None)
    if header is None:
        return 0.0
    scale = struct.unpack_from(">I", data, header + (20 if data[header] else 12))[0]
    length = struct.unpack_from(">Q" if data[at] else ">I", data, at + 4)[0]
    return float(length / scale) if scale else 0.0


def _seconds(data: memoryview, at: int) -> float:
    """What `mvhd` and `mdhd` say; all ones stand for unknown."""
    if data[at]:
        scale, length = struct.unpack_from(">IQ", data, at + 20)
        unknown = 2**64 - 1
    else:
        scale, length = struct.unpack_from(">II", data, at + 12)
        unknown = 2**32 - 1
    return 0.0 if not scale or length == unknown else float(length / scale)


def _track(data: memoryview, start: int, stop: int, fragments: _Fragments) -> Track | None:
    parts = {kind: (at, end) for kind, at, end in boxes(data, start, stop)}
    if b"mdia" not in parts or b"tkhd" not in parts:
        raise Unfit("FileDamaged", "a track has no header")
    inner = {kind: (at, end) for kind, at, end in boxes(data, *parts[b"mdia"])}
    _check_references(data, *parts[b"mdia"])
    if b"hdlr" not in inner or b"mdhd" not in inner:
        raise Unfit("FileDamaged", "a track has no handler")
    kind = _HANDLERS.get(bytes(data[inner[b"hdlr"][0] + 8 : inner[b"hdlr"][0] + 12]))
    if kind is None:
        return None  # subtitles, time codes, a camera's measurements
    header = parts[b"tkhd"][0]
    number = struct.unpack_from(">I", data, header + (20 if data[header] else 12))[0]
    table = (b"minf", b"stbl")
    samples = fragments.samples.get(number, 0)
    codec, width, height = "", 0, 0
    for name, at, end in descend(data, *parts[b"mdia"], table):
        if name == b"stsz" or name == b"stz2":
            samples += struct.unpack_from(">I", data, at + 8)[0]
        elif name == b"stsd":
            codec, width, height = _entry(data, at, end, kind)
    if not codec:
        raise Unfit("FileDamaged", "a track does not say how it is coded")
    times = inner[b"mdhd"][0]
    scale = struct.unpack_from(">I", data, times + (20 if data[times] else 12))[0]
    seconds = max(_seconds(data, times), fragments.begins.get(number, 0) / max(scale, 1))
    return Track(kind, codec, width, height, samples, seconds)


def _check_references(data: memoryview, start: int, stop: int) -> None:
    for name, at, _ in descend(data, start, stop, (b"minf", b"dinf", b"dref")[:2]):
        if name != b"dref":
            continue
        size = struct.unpack_from(">I", data, at - 8)[0]
        for kind, inner, _ in boxes(data, at + 8, at - 8 + size):
            flags = struct.unpack_from(">I", data, inner)[0]
            if not flags & 1:
                raise Unfit(
                    "ExternalReference",
                    f"a track lies outside the file (data reference {kind.decode('latin-1')!r})",
                )


def _entry(data: memoryview, at: int, end: int, kind: str) -> tuple[str, int, int]:
    codec, width, height = "", 0, 0
    for name, start, stop in boxes(data, at + 8, end):
        called = name.decode("latin-1")
        if kind == "video":
            codec = codec_named(called, VIDEO_CODECS, "MP4")
            across, down = struct.unpack_from(">HH", data, start + 24)
            width, height = max(width, across), max(height, down)
        else:
            codec = codec_named(called, AUDIO_CODECS, "MP4")
            if name == b"mp4a":
                codec = _mpeg_codec(data, start, stop)
    return codec, width, height


def _mpeg_codec(data: memoryview, start: int, stop: int) -> str:
    """AAC or MP3, by the object type in the descriptor; QuickTime may wrap that once more."""
    body = bytes(data[start : min(stop, start + 4096)])
    found = body.find(b"esds")
    for index in _descriptors(body, found + 8) if found >= 0 else ():
        if body[index] in _MP3_OBJECTS:
            return MP3_CODEC
        if body[index] not in _AAC_OBJECTS:
            return codec_named(f"mp4a object {body[index]:#x}", AUDIO_CODECS, "MP4")
    return AAC


def _descriptors(body: bytes, at: int) -> Iterator[int]:
    """Yield where the object type of a decoder's descriptor stands (ISO 14496-1)."""
    if at >= len(body) or body[at] != 0x03:
        return
    at = _after_length(body, at + 1)
    flags = body[at + 2]
    at += 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    if flags & 0x40:
        at += 1 + body[at]
    if body[at] == 0x04:
        yield _after_length(body, at + 1)


def _after_length(body: bytes, at: int) -> int:
    while body[at] & 0x80:
        at += 1
    return at + 1


_BRAND_NAMES = (
    "qt isom mp41 mp42 mp71 avc1 av01 hvc1 hev1 dash M4V M4VH M4VP M4A M4B msnv MSNV cmfc cmf2 "
    "3gp4 3gp5 3gp6 XAVC iso1 iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9"
)
MOVIE_BRANDS = frozenset(name.ljust(4).encode() for name in _BRAND_NAMES.split())


def movie_type(head: bytes) -> str | None:
    """The media type that the brands of a file's head promise, or None for another family."""
    major = head[8:12]
    if major == b"qt  ":
        return MOV
    if major in (b"M4A ", b"M4B "):
        return M4A
    return MP4 if major in MOVIE_BRANDS or brands(head) & MOVIE_BRANDS - {b"mp41"} else None
