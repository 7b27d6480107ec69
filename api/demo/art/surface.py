"""
The sheet that every work is drawn on, and the few things that all of them need.

Lengths are fractions of the long side, so that a small render is the same picture. Colour is
computed in floating point and turned into bytes once, at the end, with grain that keeps smooth
tones from banding. Everything random comes from a generator that the work seeds, so the same
work has the same bytes whenever it is rendered.
"""

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Field: TypeAlias = npt.NDArray[np.floating[Any]]
Stops: TypeAlias = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Sheet:
    """A picture's size in pixels, with coordinates in units of its long side."""

    width: int
    height: int

    @classmethod
    def of(cls, long_side: int, ratio: float) -> "Sheet":
        """A sheet whose width is `ratio` times its height."""
        if ratio >= 1:
            return cls(long_side, round(long_side / ratio))
        return cls(round(long_side * ratio), long_side)

    @property
    def unit(self) -> int:
        """Pixels in one unit of length."""
        return max(self.width, self.height)

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.width / self.unit

    @property
    def bottom(self) -> float:
        """The y of the bottom edge."""
        return self.height / self.unit

    @cached_property
    def x(self) -> Field:
        """The x of every column, as one row to broadcast."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5) / self.unit)[None, :]

    @cached_property
    def y(self) -> Field:
        """The y of every row, as one column to broadcast."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.unit)[:, None]

    def full(self, value: float = 0.0) -> Field:
        """A field of one value."""
        return np.full((self.height, self.width), value, dtype=np.float32)


def colour(code: str) -> Field:
    """`#rrggbb` as three numbers between 0 and 1."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], dtype=np.float32)


def mix(below: Field, above: Field, amount: Field) -> Field:
    """`above` laid over `below`, as opaque as `amount` says at each point."""
    return below + (above - below) * amount[..., None]


def ramp(values: Field, stops: Stops) -> Field:
    """Each value as a colour, read off a ramp of stops."""
    places = [place for place, _ in stops]
    shades = np.array([colour(code) for _, code in stops])
    channels = [np.interp(values, places, shades[:, k]).astype(np.float32) for k in range(3)]
    return np.stack(channels, axis=-1)


def smooth(low: float | Field, high: float | Field, values: Field) -> Field:
    """0 below `low`, 1 above `high`, and an even curve between them."""
    t = np.clip((values - low) / (high - low), 0, 1)
    curve: Field = t * t * (3 - 2 * t)
    return curve


def resized(field: Field, width: int, height: int) -> Field:
    """A field at another size, by cubic interpolation."""
    picture = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))


def clouds(
    rng: np.random.Generator,
    sheet: Sheet,
    cells: float,
    *,
    octaves: int = 4,
    gain: float = 0.5,
    stretch: float = 1.0,
) -> Field:
    """
    Fractal noise with mean 0 and deviation near 1.

    `cells` counts the largest forms along the long side; `stretch` above 1 draws them out
    sideways, below 1 up and down.
    """
    total = sheet.full()
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        across = cells * 2**octave * sheet.right / max(stretch, 1.0)
        down = cells * 2**octave * sheet.bottom * min(stretch, 1.0)
        lattice = rng.standard_normal((int(down) + 5, int(across) + 5), dtype=np.float32)
        layer = Image.fromarray(lattice).resize(
            (sheet.width, sheet.height),
            Image.Resampling.BICUBIC,
            box=(1.5, 1.5, 1.5 + across, 1.5 + down),
        )
        total += weight * np.asarray(layer)
        power += weight * weight
        weight *= gain
    return total / np.float32(0.62 * power**0.5)


def blurred(field: Field, radius: float) -> Field:
    """A field after a Gaussian blur of `radius` pixels, its edges carried outward."""
    if radius < 0.3:
        return field
    pad = int(radius * 3) + 1
    wide = np.pad(field, pad, mode="edge")
    down = np.fft.fftfreq(wide.shape[0])[:, None]
    across = np.fft.rfftfreq(wide.shape[1])[None, :]
    gauss = np.exp(-2 * (np.pi * radius) ** 2 * (down**2 + across**2)).astype(np.float32)
    soft = np.fft.irfft2(np.fft.rfft2(wide) * gauss, s=wide.shape)
    return soft[pad:-pad, pad:-pad].astype(np.float32)


def glow(field: Field, radius: float) -> Field:
    """A very wide blur, computed on a small copy because its result has no detail."""
    height, width = field.shape
    shrink = max(1, int(radius / 4))
    small = resized(field, max(2, width // shrink), max(2, height // shrink))
    return resized(blurred(small, radius / shrink), width, height)


def splat(sheet: Sheet, x: Field, y: Field, weight: Field) -> Field:
    """
    Grains dropped at points, each shared by the four pixels around it.

    Ten thousand fine grains in a row make a line that no polygon renderer matches: it has no
    edge to alias, and where lines cross they darken as ink does.
    """
    column, row = x * sheet.unit - 0.5, y * sheet.unit - 0.5
    left, top = np.floor(column), np.floor(row)
    dx, dy = column - left, row - top
    # A border takes what falls off the sheet: one pixel before it, two after.
    i = np.clip(left, -2, sheet.width).astype(np.int64) + 2
    j = np.clip(top, -2, sheet.height).astype(np.int64) + 2
    across = sheet.width + 4
    total = np.zeros(across * (sheet.height + 4))
    for right in (0, 1):
        for below in (0, 1):
            part = weight * (dx if right else 1 - dx) * (dy if below else 1 - dy)
            place = (j + below) * across + i + right
            total += np.bincount(place, weights=part, minlength=total.size)
    board = total.reshape(sheet.height + 4, across)
    return board[2 : 2 + sheet.height, 2 : 2 + sheet.width].astype(np.float32)


def wash(paper: Field, ink: str, density: Field) -> Field:
    """Ink on paper: each layer lets through what its colour lets through, the thicker the less."""
    absorbed = -np.log(np.maximum(colour(ink), 0.004))
    through: Field = np.exp(-np.maximum(density, 0)[..., None] * absorbed)
    return paper * through


def paper(rng: np.random.Generator, sheet: Sheet, shade: str, *, tooth: float = 1.0) -> Field:
    """A sheet of handmade paper: faint clouding, fibres, and a tooth lit from the upper left."""
    cloudy = clouds(rng, sheet, 5, octaves=3) * 0.006
    bumps = clouds(rng, sheet, 260, octaves=3, gain=0.8)
    relief = (np.roll(bumps, 1, axis=1) - bumps + np.roll(bumps, 1, axis=0) - bumps) * 0.011
    fibres = fibre_marks(rng, sheet) * 0.035
    light = 1 + (cloudy + relief - fibres) * tooth
    return colour(shade) * light[..., None]


def fibre_marks(rng: np.random.Generator, sheet: Sheet, count: int = 260) -> Field:
    """Short curled fibres scattered over the sheet."""
    steps = 40
    angle = rng.uniform(0, 2 * np.pi, (count, 1)) + np.cumsum(
        rng.normal(0, 0.12, (count, steps)), axis=1
    )
    length = rng.uniform(0.004, 0.016, (count, 1)) / steps
    x = rng.uniform(0, sheet.right, (count, 1)) + np.cumsum(np.cos(angle) * length, axis=1)
    y = rng.uniform(0, sheet.bottom, (count, 1)) + np.cumsum(np.sin(angle) * length, axis=1)
    weight = np.broadcast_to(rng.uniform(0.1, 0.5, (count, 1)), x.shape)
    return np.minimum(splat(sheet, x.ravel(), y.ravel(), weight.ravel()), 1.0)


def grained(rng: np.random.Generator, picture: Field, amount: float) -> Field:
    """Film grain, strongest in the middle tones."""
    height, width = picture.shape[:2]
    noise = rng.standard_normal((height, width), dtype=np.float32)
    noise = (noise + 0.5 * np.roll(noise, 1, axis=0) + 0.5 * np.roll(noise, 1, axis=1)) / 1.22
    tone = picture.mean(axis=-1)
    strength = amount * (0.35 + 2.6 * tone * (1 - tone))
    developed: Field = picture + (noise * strength)[..., None]
    return developed


def as_image(picture: Field) -> Image.Image:
    """Floating-point colour as an 8-bit image."""
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def as_jpeg(picture: Field, quality: int = 92) -> bytes:
    """A painterly work as a JPEG with whole colour, since thin red lines suffer from halved."""
    out = BytesIO()
    as_image(picture).save(out, "JPEG", quality=quality, subsampling=0, optimize=True)
    return out.getvalue()


def as_png(tones: Field, stops: Stops) -> bytes:
    """A work of one ink as a PNG: 256 tones and the ramp that colours them, losing nothing."""
    picture = Image.fromarray((np.clip(tones, 0, 1) * 255 + 0.5).astype(np.uint8), mode="P")
    shades = ramp(np.linspace(0, 1, 256, dtype=np.float32), stops)
    picture.putpalette((shades * 255 + 0.5).astype(np.uint8).tobytes())
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
