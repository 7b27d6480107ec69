"""
What a file is, told from its bytes alone and before anything decodes it.

Each accepted type is walked by its own rules from the first byte to the last: that gives size and
frames without decoding, so that a bomb is refused by its header, and it tells where the picture
ends, so that a second file glued behind it (a page, an archive) is refused as well.

`kinds` names the types, `sniffing` tells them apart, and the modules of families walk.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from media.formats.base import Structure, Unfit
from media.formats.bundle import walk_bundle
from media.formats.glb import walk_glb
from media.formats.images import (
    MAX_FRAMES,
    MAX_PIXELS,
    check_pixels,
    walk_gif,
    walk_jpeg,
    walk_png,
    walk_webp,
)
from media.formats.isobmff import walk_avif
from media.formats.kinds import (
    AVIF,
    BUNDLE,
    FLAC,
    GIF,
    GLB,
    HTML,
    JPEG,
    M4A,
    MAX_BYTES,
    MOV,
    MP3,
    MP4,
    OGG,
    PDF,
    PNG,
    SVG,
    WAV,
    WEBM,
    WEBP,
    Kind,
    find_kind,
    kind_of,
)
from media.formats.matroska import walk_webm
from media.formats.movies import walk_movie
from media.formats.pages import walk_page
from media.formats.pdf import walk_pdf
from media.formats.polyglots import refuse_archive
from media.formats.sniffing import describe, sniff
from media.formats.sounds import walk_flac, walk_mp3, walk_ogg, walk_wav
from media.formats.svg import walk_svg

__all__ = [
    "ACCEPTED",
    "ACCEPTED_SHOWN",
    "AVIF",
    "GIF",
    "JPEG",
    "MAX_FRAMES",
    "MAX_PIXELS",
    "PNG",
    "WEBP",
    "Kind",
    "Structure",
    "Unfit",
    "check_pixels",
    "describe",
    "find_kind",
    "kind_of",
    "read_structure",
    "sniff",
]

_WALKS: dict[str, Callable[[memoryview], Structure]] = {
    PNG: walk_png,
    JPEG: walk_jpeg,
    GIF: walk_gif,
    WEBP: walk_webp,
    AVIF: walk_avif,
    SVG: walk_svg,
    GLB: walk_glb,
    HTML: walk_page,
    BUNDLE: walk_bundle,
    **dict.fromkeys((MP4, MOV, M4A), walk_movie),
    WEBM: walk_webm,
    MP3: walk_mp3,
    WAV: walk_wav,
    FLAC: walk_flac,
    OGG: walk_ogg,
    PDF: walk_pdf,
}

ACCEPTED = tuple(_WALKS)
ACCEPTED_SHOWN = (
    "PNG, JPEG, GIF, WebP, AVIF, SVG, MP4, MOV, WebM, MP3, WAV, FLAC, Ogg, M4A, PDF, GLB, HTML, "
    "ZIP with index.html"
)


def read_structure(data: memoryview) -> Structure:
    """Walk the whole file. Raises `Unfit`: the first rule that it breaks."""
    if not data:
        raise Unfit("FileEmpty", "the file is empty")
    head = bytes(data[:4096])
    media_type = sniff(head)
    walk = _WALKS.get(media_type)
    if walk is None:
        raise Unfit(
            "TypeNotAccepted", f"the file is {describe(head)}; accepted are {ACCEPTED_SHOWN}"
        )
    check_size(media_type, len(data))
    try:
        structure = walk(data)
    except (IndexError, struct.error) as error:
        raise Unfit("FileDamaged", "the file ends before its work does") from error
    if kind_of(structure.type) == "image":
        check_pixels(structure)
    if structure.end < len(data):
        raise Unfit(
            "TrailingData",
            f"{len(data) - structure.end} bytes follow the end of the work at byte "
            f"{structure.end}; a file may hold one work only",
        )
    if structure.type != BUNDLE:
        refuse_archive(data)
    return structure


def check_size(media_type: str, size: int) -> None:
    """Refuse what is larger than its kind may be."""
    kind = kind_of(media_type)
    most = MAX_BYTES.get(kind, size)
    if size > most:
        raise Unfit(
            "FileTooLarge", f"the file has {size} bytes; a work of the kind {kind} may have {most}"
        )
