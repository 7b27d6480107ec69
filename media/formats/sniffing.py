"""What a file seems to be by its first bytes."""

from __future__ import annotations

from media.formats.isobmff import brands
from media.formats.kinds import AVIF, BUNDLE, GIF, GLB, HTML, JPEG, PNG, SVG, WEBP
from media.formats.pages import is_page
from media.formats.svg import is_drawing

_OTHER_TYPES = (
    (b"%PDF-", "a PDF document"),
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
        return "a video or a picture of the MP4 family"
    named = (name for magic, name in _OTHER_TYPES if head.startswith(magic))
    return next(named, "of no known picture type")
