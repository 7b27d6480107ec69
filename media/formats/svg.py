"""
SVG: a drawing, shown as a picture only.

As a picture a browser runs none of its scripts and loads none of its links, and what is rasterised
here is bounded the same way: a drawing that names other files is refused, because they would be
missing for everybody, or be files of ours.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from media.formats.base import Structure, Unfit
from media.formats.kinds import SVG

MAX_SVG_BYTES = 16 * 1024**2
MAX_ELEMENTS = 200_000
MAX_DEPTH = 200
_DEFAULT_SIZE = (300, 150)

_START = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>)?(?:\s|<!--.*?-->)*"
    rb"(?:<!doctype\s+svg[^>\[]{0,300}>)?(?:\s|<!--.*?-->)*<(?:svg:)?svg[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_NAMESPACE = "http://www.w3.org/2000/svg"
_LENGTH = re.compile(r"^\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*(px|pt|pc|mm|cm|in)?\s*$")
_UNIT_PX = {None: 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
_RASTER = re.compile(r"^data:image/(?:png|jpe?g|gif|webp)[;,]", re.IGNORECASE)
_OUTSIDE = re.compile(r"url\(\s*[\"']?\s*(?!#|data:)([^\s\"')]{1,200})|@import\s+([^;]{1,200})")


def is_drawing(head: bytes) -> bool:
    """Whether a file begins as a drawing does."""
    return b"\0" not in head and _START.match(head) is not None


class _Drawing:
    """What is met while the drawing is read once."""

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0
        self.size = _DEFAULT_SIZE
        self.scripts = 0
        self.styles: list[str] = []
        self._in_style = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self.depth += 1
        self.elements += 1
        if self.depth == 1:
            if local != "svg" or space != _NAMESPACE:
                raise Unfit("FileDamaged", f"the drawing's first element is {name[:80]!r}")
            self.size = _size(attributes)
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise Unfit(
                "DrawingTooLarge",
                f"the drawing has more than {MAX_ELEMENTS} elements, or is {MAX_DEPTH} deep",
            )
        self._in_style = local == "style"
        self.scripts += local in ("script", "foreignObject")
        for key, value in attributes.items():
            self._attribute(local, key.rpartition(" ")[2], value)

    def _attribute(self, element: str, name: str, value: str) -> None:
        self.scripts += name.startswith("on") or value.strip().lower().startswith("javascript:")
        if name in ("href", "src") and element not in ("a", "script"):
            address = value.strip()
            if address and not address.startswith("#") and not _RASTER.match(address):
                _refuse(address)
        self.styles.append(value) if "url(" in value else None

    def text(self, text: str) -> None:
        if self._in_style:
            self.styles.append(text)

    def end(self, _name: str) -> None:
        self.depth -= 1
        self._in_style = False


def walk_svg(data: memoryview) -> Structure:
    """Read the whole drawing without resolving anything. Raises `Unfit`."""
    if len(data) > MAX_SVG_BYTES:
        raise Unfit("DrawingTooLarge", f"the drawing has {len(data)} bytes; {MAX_SVG_BYTES} may be")
    drawing = _Drawing()
    reader = expat.ParserCreate(namespace_separator=" ")
    reader.StartElementHandler = drawing.start
    reader.EndElementHandler = drawing.end
    reader.CharacterDataHandler = drawing.text
    reader.EntityDeclHandler = _no_entities
    try:
        reader.Parse(bytes(data), True)
    except expat.ExpatError as error:
        raise Unfit("FileDamaged", f"the drawing is no XML: {error}") from error
    outside = _OUTSIDE.search("\n".join(drawing.styles))
    if outside:
        _refuse(outside[1] or outside[2])
    width, height = drawing.size
    details = {"scripts": drawing.scripts, "elements": drawing.elements}
    return Structure(SVG, width, height, frames=1, end=len(data), details=details)


def _no_entities(name: str, *_: object) -> None:
    raise Unfit("FileDamaged", f"the drawing declares an entity ({name[:40]!r}); write it out")


def _refuse(address: str) -> None:
    raise Unfit(
        "ExternalFiles",
        f"the drawing is not whole: it needs {address[:120]!r} besides. Embed pictures as data: "
        "and turn letters of other fonts into paths",
    )


def _size(attributes: dict[str, str]) -> tuple[int, int]:
    """Width and height in pixels, by the attributes or the box of what is drawn."""
    box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
    try:
        across, down = (float(part) for part in box[2:4])
    except ValueError:
        across, down = _DEFAULT_SIZE
    if not (0 < across < 1e7 and 0 < down < 1e7):
        across, down = _DEFAULT_SIZE
    width, height = (_length(attributes.get(name, "")) for name in ("width", "height"))
    if width is None:
        width = across if height is None else height * across / down
    if height is None:
        height = width * down / across
    return max(1, round(min(width, 1e6))), max(1, round(min(height, 1e6)))


def _length(text: str) -> float | None:
    match = _LENGTH.match(text)
    return float(match[1]) * _UNIT_PX[match[2]] or None if match else None
