"""What a file seems to be by its first bytes."""

from __future__ import annotations

from media.formats.isobmff import brands
from media.formats.kinds import (
    AVIF,
    BUNDLE,
    FLAC,
    GIF,
    GLB,
    HTML,
    JPEG,
    MP3,
    OGG,
    PDF,
    PNG,
    SVG,
    WAV,
    WEBM,
    WEBP,
)
from media.formats.matroska import is_webm
from media.formats.movies import movie_type
from media.formats.pages import is_page
from media.formats.sounds import is_mp3
from media.formats.svg import is_drawing

_OTHER_TYPES = (
    (b"\x1aE\xdf\xa3", "a Matroska video, and WebM is the part of Matroska that browsers play"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
)


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
    if head[4:8] == b"ftyp" and brands(head) & {b"avif", b"avis"}:
        return AVIF
    return _sniff_timed(head) or _sniff_others(head)


def _sniff_timed(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return movie_type(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if is_webm(head) else None
    return MP3 if is_mp3(head) else None


def _sniff_others(head: bytes) -> str:
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"glTF"):
        return GLB
    if head.startswith(b"PK\x03\x04"):
        return BUNDLE
    if is_drawing(head):
        return SVG
    if is_page(head):
        return HTML
    return "application/json" if head[:1] == b"{" else "application/octet-stream"


def describe(head: bytes) -> str:
    """What a file that is not accepted seems to be, for its owner to read."""
    if head[4:8] == b"ftyp":
        return "of the MP4 family, but none that browsers show (HEIC?)"
    named = (name for magic, name in _OTHER_TYPES if head.startswith(magic))
    return next(named, "of no known type")
