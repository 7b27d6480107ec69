"""
Pictures: every frame decoded, variants made, and what a camera wrote told.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from media.decoders.results import answer_of
from media.formats import AVIF, GIF, JPEG, PNG, WEBP, Structure, check_pixels

_PILLOW_NAMES = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP", AVIF: "AVIF"}
_GPS_IFD = 0x8825
_CAMERA_TAGS = {
    0x010F: "camera maker",
    0x0110: "camera model",
    0xA431: "camera serial number",
    0xA434: "lens",
    0xA435: "lens serial number",
    0x013B: "author",
    0x8298: "copyright",
    0x9003: "time of capture",
}


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """Decode all of a picture; its variants are written into `folder`."""
    from PIL import Image  # after the limits

    from media import upright, variants

    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = None  # Ours is stricter, counts frames, and was applied already.
    with Image.open(path, formats=[_PILLOW_NAMES[structure.type]]) as image:
        frames = int(getattr(image, "n_frames", 1))
        # Once more by the decoder's own reading of the headers, in case it differs from ours.
        check_pixels(Structure(structure.type, *image.size, frames=frames, end=structure.end))
        # As it is shown: after the rotation that a camera noted.
        width, height = image.size[::-1] if upright.is_sideways(image) else image.size
        variants.prepare(image)
        for index in range(frames):
            image.seek(index)
            image.load()
        image.seek(0)
        return answer_of(
            structure,
            folder,
            poster=image,
            width=width,
            height=height,
            frames=frames,
            findings=_findings(image, structure),
        )


def _findings(image: Any, structure: Structure) -> list[dict[str, str]]:
    found = camera_findings(image)
    if structure.extra:
        found.append(
            {
                "code": "ExtraPictures",
                "detail": f"{structure.extra} more picture(s) stand behind the one that is shown, "
                "as phones add them (depth, preview); they are published with it.",
            }
        )
    return found


def camera_findings(image: Any) -> list[dict[str, str]]:
    """What a picture tells about its maker, for the maker to decide on before it is public."""
    exif = image.getexif()
    found = []
    xmp = image.info.get("xmp") or b""
    xmp_text = xmp if isinstance(xmp, bytes) else str(xmp).encode()
    if exif.get_ifd(_GPS_IFD) or b"GPSLatitude" in xmp_text:
        found.append(
            {
                "code": "GpsPosition",
                "detail": "The file says where it was taken (GPS position). "
                "Once pinned, everybody can read it.",
            }
        )
    tags = {**dict(exif), **exif.get_ifd(0x8769)}
    told = [
        f"{name} ({str(tags[tag]).strip()[:80]})"
        for tag, name in _CAMERA_TAGS.items()
        if str(tags.get(tag, "")).strip(" \0")
    ]
    if told:
        found.append(
            {"code": "CameraDetails", "detail": "The file names its " + ", ".join(told) + "."}
        )
    return found
