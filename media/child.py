"""
The process that opens strangers' files: `python -m media.child FILE FOLDER`.

It takes its own limits before it looks at the file (memory, processor time, file size, open
files), decodes the whole picture, writes variants into FOLDER and one line of JSON to its output.
If a decoder runs wild, only this process dies.
"""

from __future__ import annotations

import json
import mmap
import resource
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

from media.formats import AVIF, GIF, JPEG, PNG, WEBP, Structure, Unfit, check_pixels, read_structure

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 60
FILE_BYTES = 256 * 1024**2
OPEN_FILES = 64

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


def main(file: str, folder: str) -> int:
    """Inspect a file; the answer is on standard output."""
    _limit()
    try:
        answer = _inspect(Path(file), Path(folder))
    except Unfit as error:
        answer = {"problem": {"code": error.code, "detail": error.detail}}
    sys.stdout.write(json.dumps(answer))
    return 0


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _inspect(path: Path, folder: Path) -> dict[str, Any]:
    structure = _structure(path)
    try:
        facts = _decode(path, structure, folder)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Warning) as error:
        # Everything that Pillow's readers raise for a file that is not what its header says.
        raise Unfit("FileDamaged", f"the picture cannot be decoded: {error}") from error
    except MemoryError as error:
        raise Unfit("TooMuchMemory", "decoding the picture takes too much memory") from error
    return facts


def _structure(path: Path) -> Structure:
    if path.stat().st_size == 0:
        raise Unfit("FileEmpty", "the file is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            return read_structure(view)
        finally:
            view.release()


def _decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    from PIL import Image  # after the limits

    from media import variants

    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = None  # Ours is stricter, counts frames, and was applied already.
    with Image.open(path, formats=[_PILLOW_NAMES[structure.type]]) as image:
        frames = int(getattr(image, "n_frames", 1))
        # Once more by the decoder's own reading of the headers, in case it differs from ours.
        check_pixels(Structure(structure.type, *image.size, frames=frames, end=structure.end))
        for index in range(frames):
            image.seek(index)
            image.load()
        image.seek(0)
        found = _findings(image, structure)
        width, height = _shown_size(image)
        made = []
        for variant in variants.derive(image):
            (folder / variant.name).write_bytes(variant.data)
            made.append(
                {
                    "name": variant.name,
                    "type": variant.type,
                    "width": variant.width,
                    "height": variant.height,
                }
            )
        return {
            "type": structure.type,
            "width": width,
            "height": height,
            "frames": frames,
            "findings": found,
            "variants": made,
            "blur": variants.blur(image),
        }


def _shown_size(image: Any) -> tuple[int, int]:
    """Width and height after the rotation that a camera noted."""
    orientation = image.getexif().get(0x0112, 1)
    width, height = image.size
    return (height, width) if orientation in (5, 6, 7, 8) else (width, height)


def _findings(image: Any, structure: Structure) -> list[dict[str, str]]:
    """What the file tells about its maker, for the maker to decide on before it is public."""
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
    if structure.extra:
        found.append(
            {
                "code": "ExtraPictures",
                "detail": f"{structure.extra} more picture(s) stand behind the one that is shown, "
                "as phones add them (depth, preview); they are published with it.",
            }
        )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
