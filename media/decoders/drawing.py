"""
Drawings (SVG): rasterised once, by a program that knows neither scripts nor the network.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from media.decoders.results import Finding, answer_of
from media.formats import Structure, Unfit

_LONG_SIDE = 2048


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """The poster is the drawing at a size that serves every variant."""
    import resvg_py  # after the limits
    from PIL import Image

    text = path.read_bytes().decode("utf-8-sig")
    scale = _LONG_SIDE / max(structure.width, structure.height)
    width = max(1, round(structure.width * scale))
    height = max(1, round(structure.height * scale))
    if min(width, height) * 100 < max(width, height):
        raise Unfit("FileDamaged", f"the drawing is {structure.width} × {structure.height}")
    drawn = resvg_py.svg_to_bytes(svg_string=text, width=width, height=height)
    with Image.open(io.BytesIO(bytes(drawn)), formats=["PNG"]) as image:
        image.load()
        return answer_of(structure, folder, poster=image, findings=_findings(structure))


def _findings(structure: Structure) -> list[Finding]:
    if not structure.details.get("scripts"):
        return []
    return [
        {
            "code": "ScriptsInDrawing",
            "detail": "The drawing holds scripts or a page. It is shown as a picture, in which "
            "they do not run; for a work that moves or answers, upload an HTML page.",
        }
    ]
