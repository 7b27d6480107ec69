"""Models, archives and drawings made by code: good ones, and the parts to spoil them with."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from typing import Any


def glb(document: Mapping[str, Any] | None = None, binary: bytes | None = None) -> bytes:
    """A GLB of one triangle, or of what is given."""
    if document is None:
        document = triangle()
    if binary is None:
        binary = points()
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        binary += b"\0" * (-len(binary) % 4)
        chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def points() -> bytes:
    """Three corners."""
    return struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)


def triangle(**more: Any) -> dict[str, Any]:
    """The document of one triangle; `more` replaces its lists."""
    return {
        "asset": {"version": "2.0", "generator": "made by code"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [0.8, 0.2, 0.1, 1]}}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 3,
                "type": "VEC3",
                "min": [0, 0, 0],
                "max": [1, 1, 0],
            }
        ],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    } | more


def archive(files: Mapping[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of files by their paths."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return held.getvalue()


PAGE = "<!doctype html><meta charset=utf-8><title>Tide</title><canvas></canvas>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">'
    '<rect width="200" height="100" fill="#123"/><circle cx="50" cy="50" r="40" fill="#e94"/></svg>'
)
