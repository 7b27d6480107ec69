"""What a file seems to be by its first bytes."""

from __future__ import annotations

from media.formats.isobmff import brands
from media.formats.kinds import AVIF, GIF, JPEG, PNG, WEBP

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
