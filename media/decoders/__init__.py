"""
Decoding, one module for each family; only `media.child` may call them, after its limits are set.

Each has `decode(path, structure, folder) -> dict`: the child's answer, made by
`results.answer_of`. Their libraries are imported when they are called, so that a picture does not
wait for what opens videos.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from media.formats import Structure, kind_of
from media.formats.kinds import SVG

_MODULES = {
    "image": "images",
    "video": "video",
    "audio": "audio",
    "document": "pdf",
    "model": "model",
    "page": "page",
}


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """The child's answer for a file whose headers were allowed."""
    name = "drawing" if structure.type == SVG else _MODULES[kind_of(structure.type)]
    module = import_module(f"media.decoders.{name}")
    answer: dict[str, Any] = module.decode(path, structure, folder)
    return answer
