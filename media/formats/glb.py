"""
GLB: a model with everything it needs in one file.

The container is walked to its last byte and its document is held to the rules that keep a viewer
from reading outside the file, loading from elsewhere, or counting for ever. What needs a decoder
that the viewer does not have here (Draco, Meshopt, Basis) is refused by name.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from media.formats.base import Structure, Unfit
from media.formats.glb_checks import (
    MAX_TEXT_BYTES,
    check_accessors,
    check_extensions,
    check_nodes,
    check_views,
    count_triangles,
    entries,
    whole,
)
from media.formats.kinds import GLB

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/avif")


@dataclass(frozen=True, slots=True)
class Model:
    """
    A model's document, and its buffers: bytes of their own, or (start, end) within the file.

    No view of the file is kept, so that whoever mapped it can close it.
    """

    document: Mapping[str, Any]
    buffers: tuple[bytes | tuple[int, int], ...]
    end: int

    def pictures(self, data: memoryview) -> Iterator[tuple[int, bytes]]:
        """Yield the embedded pictures of the file `data`, by their number."""
        for number, image in enumerate(entries(self.document, "images")):
            yield number, self._picture(data, number, image)

    def _picture(self, data: memoryview, number: int, image: Mapping[str, Any]) -> bytes:
        if "uri" in image:
            return _inline(image["uri"], f"picture {number}")
        if image.get("mimeType") not in _PICTURES:
            raise Unfit(
                "TypeNotAccepted", f"picture {number} of the model is {image.get('mimeType')!r}"
            )
        views = entries(self.document, "bufferViews")
        view = views[whole(image, "bufferView", below=len(views))]
        start = whole(view, "byteOffset", 0)
        buffer = self.buffers[view["buffer"]]
        end = start + whole(view, "byteLength")
        if isinstance(buffer, bytes):
            return buffer[start:end]
        return bytes(data[buffer[0] + start : buffer[0] + end])


def walk_glb(data: memoryview) -> Structure:
    """What the document says of the model. Raises `Unfit`."""
    model = read_model(data)
    document = model.document
    details = {
        "triangles": count_triangles(document),
        "materials": len(entries(document, "materials")),
        "textures": len(entries(document, "images")),
        "animations": len(entries(document, "animations")),
        "extensions": sorted(map(str, document.get("extensionsUsed", [])))[:50],
        "generator": str(document["asset"].get("generator", ""))[:200],
    }
    return Structure(GLB, 0, 0, frames=0, end=model.end, details=details)


def read_model(data: memoryview) -> Model:
    """Read and check the whole file. Raises `Unfit`."""
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise Unfit("TypeNotAccepted", f"the model is of glTF {version}; accepted is glTF 2.0")
    if length > len(data):
        raise IndexError
    start, at = _chunk(data, 12, length, _JSON)
    if at - start > MAX_TEXT_BYTES:
        raise Unfit("ModelTooLarge", f"the model's document has {at - start} bytes")
    document = _document(bytes(data[start:at]))
    held = None
    if at < length:
        held = _chunk(data, at, length, _BIN)
        at = held[1]
    if at != length:
        raise Unfit("TrailingData", f"{length - at} bytes follow the parts of the model")
    check_extensions(document)
    buffers = tuple(_buffers(document, held))
    check_views(document, [_size(buffer) for buffer in buffers])
    check_accessors(document)
    check_nodes(document)
    return Model(document, buffers, length)


def _size(buffer: bytes | tuple[int, int]) -> int:
    return len(buffer) if isinstance(buffer, bytes) else buffer[1] - buffer[0]


def _chunk(data: memoryview, at: int, end: int, wanted: int) -> tuple[int, int]:
    """Where a part's content starts and ends."""
    size, kind = struct.unpack_from("<II", data, at)
    stop = at + 8 + size
    if stop > end:
        raise IndexError
    if kind != wanted or size % 4:
        raise Unfit("FileDamaged", f"the model has another part than expected at byte {at}")
    return at + 8, stop


def _document(text: bytes) -> dict[str, Any]:
    def no_number(name: str) -> None:
        raise Unfit("FileDamaged", f"the model's document says {name} where a number should be")

    try:
        found = json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise Unfit("FileDamaged", f"the model's document is no JSON: {error}") from error
    asset = found.get("asset") if isinstance(found, dict) else None
    if not isinstance(asset, dict) or not str(asset.get("version", "")).startswith("2."):
        raise Unfit("FileDamaged", "the model's document is not of glTF 2")
    return dict(found)


def _buffers(
    document: Mapping[str, Any], held: tuple[int, int] | None
) -> Iterator[bytes | tuple[int, int]]:
    for number, buffer in enumerate(entries(document, "buffers")):
        size = whole(buffer, "byteLength")
        if "uri" in buffer:
            found: bytes | tuple[int, int] = _inline(buffer["uri"], f"buffer {number}")
        elif number == 0 and held is not None:
            found = held
        else:
            raise Unfit("FileDamaged", f"buffer {number} of the model is not in the file")
        if size > _size(found):
            raise Unfit("FileDamaged", f"buffer {number} of the model is longer than its bytes")
        if _size(found) - size > 3:
            raise Unfit("TrailingData", f"{_size(found) - size} bytes follow buffer {number}")
        yield found


def _inline(uri: object, what: str) -> bytes:
    """The bytes of a `data:` URI; any other address would be loaded from elsewhere."""
    if not isinstance(uri, str) or not uri.startswith("data:"):
        raise Unfit(
            "ExternalFiles",
            f"{what} of the model is another file ({str(uri)[:120]!r}); export it with "
            "everything inside (GLB, embedded)",
        )
    kind, _, text = uri.partition(",")
    try:
        return base64.b64decode(text, validate=True) if kind.endswith(";base64") else b""
    except binascii.Error as error:
        raise Unfit("FileDamaged", f"{what} of the model is not base64") from error
