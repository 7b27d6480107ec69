"""
Models: the embedded pictures decoded by the rules for pictures; nothing here draws the model.
"""

from __future__ import annotations

import io
import mmap
import warnings
from pathlib import Path
from typing import Any

from media.decoders.images import camera_findings
from media.decoders.results import Finding, answer_of
from media.formats import MAX_PIXELS, Structure, Unfit, read_structure
from media.formats.glb import read_model
from media.formats.kinds import AVIF, JPEG, PNG, WEBP

_PILLOW_NAMES = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP", AVIF: "AVIF"}


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """Decode every texture; a model has no poster of its own."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            pictures = list(read_model(view).pictures(view))
        finally:
            view.release()
    pixels = 0
    findings: dict[str, Finding] = {}
    for number, held in pictures:
        size, found = _check(number, held)
        pixels += size
        if pixels > MAX_PIXELS:
            raise Unfit(
                "TooManyPixels",
                f"the model's textures have more than {MAX_PIXELS} pixels together",
            )
        for one in found:
            findings.setdefault(one["code"], one)
    return answer_of(structure, folder, findings=list(findings.values()))


def _check(number: int, held: bytes) -> tuple[int, list[Finding]]:
    """The pixels of a texture, and what its file tells of its maker."""
    from PIL import Image  # after the limits

    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = None
    try:
        structure = read_structure(memoryview(held))
    except Unfit as error:
        raise Unfit(error.code, f"picture {number} of the model: {error.detail}") from error
    name = _PILLOW_NAMES.get(structure.type)
    if name is None or structure.frames > 1:
        raise Unfit("TypeNotAccepted", f"picture {number} of the model is {structure.type}")
    with Image.open(io.BytesIO(held), formats=[name]) as image:
        image.load()
        return image.width * image.height, camera_findings(image)
