"""
What a picture looks like, in 256 bits: PDQ, as Meta published it for ThreatExchange.

Luminance is blurred to 64 × 64 by two passes of a box filter, its 16 × 16 lowest frequencies are
taken by a cosine transform, and a bit says whether a frequency stands above their median. Two
pictures are as far apart as their bits differ: 0 for the same pixels, about 128 for strangers.
Mirroring and turning change only signs and places of frequencies, so one transform serves for all
eight ways of laying a picture down.

What PDQ does not survive is a crop. So a picture has several hashes: as it is, without a uniform
border where it has one, and of its middle at eight sizes.

Runs inside the child process of `media.checks`; the hashes alone come out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from media.upright import plain, turned

ALGORITHM = "pdq-320-1"
"""PDQ on `SIDE` × `SIDE` pixels, of the kinds below. Another way of doing it is another name."""

BITS = 256
HASH_BYTES = BITS // 8
SIDE = 320
"""
Five pixels to a sample, which three-pixel boxes blur: then the samples lie in the middle of what
they stand for, and a mirrored picture has the mirrored hash. At 512 they lie 1.5 pixels off, which
costs some 15 bits.
"""
LEAST_QUALITY = 20
"""Below this there is too little in the picture to tell it from another (100 is the most)."""

WHOLE, WITHOUT_BORDER = 0, 1
CROPS = (10, 20, 30, 45, 60, 75, 90, 110)
"""Per mille that each of the four sides loses; a hash of the middle has `FIRST_CROP` + place."""
FIRST_CROP = 2

SYMMETRIES = (
    "same",
    "upside_down_mirrored",
    "mirrored",
    "turned_180",
    "transposed",
    "turned_90",
    "turned_270",
    "transverse",
)

SIDES_KEPT = 4
"""So many of the symmetries leave width and height what they are."""

_GRID = 64
_FREQUENCIES = 16
_PASSES = 2
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_BORDER_TOLERANCE = 10
_BORDER_MOST = 0.3
"""A uniform strip that is wider than this part of a side belongs to the picture."""

Floats = npt.NDArray[np.float32]
Bits = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as Pillow has them."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One hash of a picture, in the four ways of laying it down without changing its sides."""

    kind: int
    """`WHOLE`, `WITHOUT_BORDER` or a crop."""
    quality: int
    hashes: tuple[bytes, ...]
    """
    In the order of `SYMMETRIES`, each 32 bytes with the highest bit first, as PDQ writes them in
    hex. The first is that of the picture as it is; the other four symmetries are `transposed`.
    """

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        hashes = [each.hex() for each in self.hashes]
        return {"kind": self.kind, "quality": self.quality, "hashes": hashes}

    @classmethod
    def read(cls, facts: dict[str, Any]) -> Fingerprint:
        """From JSON, which a child process wrote."""
        hashes = tuple(bytes.fromhex(each) for each in facts["hashes"])
        if len(hashes) != SIDES_KEPT or any(len(each) != HASH_BYTES for each in hashes):
            raise ValueError("a fingerprint has four hashes of 32 bytes")
        return cls(int(facts["kind"]), int(facts["quality"]), hashes)


def of(image: Image.Image) -> list[Fingerprint]:
    """
    The fingerprints of the picture's first frame, the whole first.

    None when there is too little in it: a flat surface resembles every other one.
    """
    base = prepared(image)
    whole: Box = (0.0, 0.0, *base.size)
    inside = inside_border(np.asarray(base))
    boxes = [(WHOLE, whole)]
    if inside != whole:
        boxes.append((WITHOUT_BORDER, inside))
    for place, per_mille in enumerate(CROPS):
        boxes.append((FIRST_CROP + place, _cropped(inside, per_mille)))
    found = [_fingerprint(_sampled(base, box), kind) for kind, box in boxes]
    return [each for each in found if each.quality >= LEAST_QUALITY]


def distance(one: bytes, other: bytes) -> int:
    """In how many of 256 bits two hashes differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def prepared(image: Image.Image) -> Image.Image:
    """The luminance of the first frame, upright, on white, at most twice `SIDE` wide and high."""
    image.seek(0)
    small = turned(_small(image), image)
    pixels = np.asarray(small, dtype=np.float32)
    luma = pixels if small.mode == "L" else pixels @ _LUMA
    return Image.fromarray(luma)


def _sampled(base: Image.Image, box: Box) -> Floats:
    """A part of the picture on `SIDE` × `SIDE` pixels, whatever its proportions are."""
    sampled = base.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box)
    return np.asarray(sampled)


def _small(image: Image.Image) -> Image.Image:
    image = plain(image)
    size = (min(image.width, 2 * SIDE), min(image.height, 2 * SIDE))
    small = image.resize(size, Image.Resampling.BOX)
    if small.mode == "RGBA":
        paper = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(paper, small)
    return small if small.mode in ("L", "RGB") else small.convert("RGB")


def inside_border(luma: Floats) -> Box:
    """The box inside a uniform border: all of the picture where it has none."""
    height, width = luma.shape
    top, bottom = _border(luma), _border(luma[::-1])
    left, right = _border(luma.T), _border(luma.T[::-1])
    return left, top, width - right, height - bottom


def _border(luma: Floats) -> int:
    """
    How many rows from the top are of one colour, with the blurred one behind them.

    Nearly all pixels of a row must be near to the colour of the outermost: a file that was
    compressed has a few stray ones.
    """
    most = int(len(luma) * _BORDER_MOST)
    strip = luma[: most + 1]
    is_near = np.abs(strip - np.median(luma[0])) <= _BORDER_TOLERANCE
    is_border = is_near.mean(axis=1) >= 0.995
    inside = np.flatnonzero(~is_border)
    if inside.size == 0 or inside[0] == 0:
        return 0
    return int(inside[0]) + 1


def _cropped(box: Box, per_mille: int) -> Box:
    left, top, right, bottom = box
    down, across = (bottom - top) * per_mille / 1000, (right - left) * per_mille / 1000
    return left + across, top + down, right - across, bottom - down


def _fingerprint(luma: Floats, kind: int) -> Fingerprint:
    grid = _decimated(luma)
    hashes = tuple(_hash(each) for each in _laid_down(_low_frequencies(grid)))
    return Fingerprint(kind, _quality(grid), hashes)


def pdq(luma: Floats) -> tuple[bytes, int]:
    """PDQ of a luminance of any size: the hash and its quality, as the reference has them."""
    made = _fingerprint(luma, WHOLE)
    return made.hashes[0], made.quality


def _decimated(luma: Floats) -> Floats:
    """
    64 × 64 samples of the blurred picture.

    Sums run in double precision. The reference adds and subtracts along each line in single
    precision, whose error differs between a picture and its mirror image.
    """
    height, width = luma.shape
    if luma.shape == (_GRID, _GRID):
        return luma
    blurred: npt.NDArray[np.float64] = luma.astype(np.float64)
    for _ in range(_PASSES):
        blurred = _box(blurred, _window(width))
        blurred = _box(blurred.T, _window(height)).T
    down = ((np.arange(_GRID) + 0.5) * height / _GRID).astype(int)
    across = ((np.arange(_GRID) + 0.5) * width / _GRID).astype(int)
    return blurred[np.ix_(down, across)].astype(np.float32)


def _window(size: int) -> int:
    return (size + 2 * _GRID - 1) // (2 * _GRID)


def _box(rows: npt.NDArray[np.float64], window: int) -> npt.NDArray[np.float64]:
    """The mean over `window` pixels of each row, of fewer at its ends."""
    if window == 1:
        return rows
    size = rows.shape[1]
    ahead = (window + 2) // 2
    places = np.arange(size)
    end = np.minimum(places + ahead, size)
    start = np.maximum(places + ahead - window, 0)
    sums = np.zeros((rows.shape[0], size + 1))
    np.cumsum(rows, axis=1, out=sums[:, 1:])
    mean: npt.NDArray[np.float64] = (sums[:, end] - sums[:, start]) / (end - start)
    return mean


def _quality(grid: Floats) -> int:
    """How much there is to see: strong steps between neighbours, counted; 100 at most."""
    steps = 0
    for axis in (0, 1):
        step = -np.diff(grid, axis=axis) * np.float32(100) / np.float32(255)
        steps += int(np.abs(np.trunc(step)).sum())
    return min(100, steps // 90)


def _cosines() -> Floats:
    down, across = np.indices((_FREQUENCIES, _GRID))
    angles = np.pi / 2 / _GRID * (down + 1) * (2 * across + 1)
    made: Floats = np.asarray(np.sqrt(2 / _GRID) * np.cos(angles), dtype=np.float32)
    return made


_COSINES = _cosines()
_ODD = np.arange(_FREQUENCIES) % 2 == 1
_DOWN: Floats = np.where(_ODD, 1.0, -1.0)[:, None].astype(np.float32)
"""What turning a picture upside down does to the sign of each row of frequencies."""
_ACROSS: Floats = _DOWN.T


def _low_frequencies(grid: Floats) -> Floats:
    found: Floats = (_COSINES @ grid @ _COSINES.T).astype(np.float32, copy=False)
    return found


def _laid_down(frequencies: Floats) -> Iterator[Floats]:
    """The frequencies of the picture in each of the first four `SYMMETRIES`."""
    yield frequencies
    yield frequencies * _DOWN
    yield frequencies * _ACROSS
    yield frequencies * _DOWN * _ACROSS


def transposed(hash_: bytes) -> bytes:
    """The hash of the picture with its sides exchanged, along the falling diagonal."""
    return pack(unpack(hash_).reshape(_FREQUENCIES, _FREQUENCIES).T.ravel())


def _hash(frequencies: Floats) -> bytes:
    values = frequencies.ravel()
    # The reference takes the lower of the two in the middle.
    median = np.partition(values, BITS // 2 - 1)[BITS // 2 - 1]
    return pack(values > median)


def pack(bits: Bits) -> bytes:
    """Bits by their number, as 32 bytes with the highest bit first."""
    return np.packbits(bits[..., ::-1], axis=-1).tobytes()


def unpack(hashes: Sequence[bytes] | bytes) -> Bits:
    """Bits of hashes by their number, a row for each."""
    joined = hashes if isinstance(hashes, bytes) else b"".join(hashes)
    rows = np.frombuffer(joined, np.uint8).reshape(-1, HASH_BYTES)
    return np.unpackbits(rows, axis=1)[:, ::-1].astype(np.bool_)
