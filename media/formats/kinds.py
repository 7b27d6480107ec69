"""The media types of works, and the kind that each is."""

from __future__ import annotations

from typing import Literal

Kind = Literal["image", "video", "audio", "model", "document", "page"]

PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"
WEBP, AVIF, SVG = "image/webp", "image/avif", "image/svg+xml"
MP4, MOV, WEBM = "video/mp4", "video/quicktime", "video/webm"
MP3, WAV, FLAC = "audio/mpeg", "audio/wav", "audio/flac"
OGG, M4A = "audio/ogg", "audio/mp4"
GLB = "model/gltf-binary"
PDF = "application/pdf"
HTML = "text/html"
BUNDLE = "application/zip"
"""What is uploaded of a page of several files; what is kept of it is a directory."""

_KINDS: dict[str, Kind] = {
    **dict.fromkeys((PNG, JPEG, GIF, WEBP, AVIF, SVG), "image"),
    **dict.fromkeys((MP4, MOV, WEBM), "video"),
    **dict.fromkeys((MP3, WAV, FLAC, OGG, M4A), "audio"),
    GLB: "model",
    PDF: "document",
    HTML: "page",
    BUNDLE: "page",
}

_MIB = 1024**2

MAX_BYTES: dict[Kind, int] = {
    "image": 256 * _MIB,
    "model": 256 * _MIB,
    "document": 256 * _MIB,
    "page": 256 * _MIB,
}
"""For each kind; sound and video may be as large as an upload may."""


def kind_of(media_type: str) -> Kind:
    """How a work of this type is shown. Raises `KeyError` for a type that is no work."""
    return _KINDS[media_type]


def find_kind(media_type: str) -> Kind | None:
    """The same for a type that somebody else names."""
    return _KINDS.get(media_type)
