"""*Six Persimmons, Once More*: after Muqi, eight hundred years late and with colour."""

import numpy as np

from api.demo.art import brush, surface
from api.demo.art.brush import Brush, Ink
from api.demo.art.surface import Field, Sheet

FRUIT = (
    (0.212, 0.352, 0.060, 0.86, "#7f8284", 0.34),
    (0.345, 0.346, 0.066, 0.88, "#5d6166", 0.80),
    (0.488, 0.354, 0.071, 0.90, "#25282c", 1.15),
    (0.630, 0.345, 0.066, 0.88, "#c4512a", 1.00),
    (0.764, 0.352, 0.062, 0.86, "#a39d92", 0.30),
    (0.575, 0.500, 0.060, 0.84, "#d98a45", 0.80),
)
"""Place, size, flatness, ink and strength; the last stands in front, as his does."""


def fruit(
    rng: np.random.Generator,
    sheet: Sheet,
    spot: tuple[float, float, float, float],
    wet: tuple[Field, Field, Field],
) -> Field:
    """One persimmon as a puddle of wash: how much ink dried at each point."""
    ragged, pool, bloom = wet
    cx, cy, size, flat = spot
    dx, dy = (sheet.x - cx) / size, (sheet.y - cy) / (size * flat)
    angle = np.arctan2(dy, dx)
    wobble = sum(
        rng.normal(0, 0.030 / n) * np.cos(n * angle + rng.uniform(0, 7)) for n in range(2, 7)
    )
    reach = (np.abs(dx) ** 2.35 + np.abs(dy) ** 2.35) ** (1 / 2.35)
    inside = 1 - reach + wobble + ragged * 0.005
    cover = surface.smooth(-0.012, 0.016, inside)
    rim = np.exp(-(((inside - 0.018) / 0.022) ** 2))
    lower = 0.22 * dy - 0.16 * dx
    light = np.exp(-(((dx + 0.34) / 0.32) ** 2) - ((dy + 0.30) / 0.24) ** 2)
    settled = 0.70 + 0.10 * pool + 0.045 * bloom + lower - 0.36 * light
    density: Field = cover * (np.clip(settled, 0.12, None) + 0.42 * rim)
    return density


def calyx(rng: np.random.Generator, ink: Ink, x: float, y: float, size: float) -> None:
    """Four leaves and a stem, each one touch of a loaded brush."""
    for direction, long in ((-2.75, 0.46), (-0.42, 0.48), (2.62, 0.34), (0.50, 0.36)):
        ex, ey = x + np.cos(direction) * size * long, y + np.sin(direction) * size * long * 0.72
        bend = (x + (ex - x) * 0.5, y + (ey - y) * 0.5 - size * 0.05)
        path = brush.along([(x, y), bend, (float(ex), float(ey))], 120)
        half = brush.tapered(120, swell=0.45, tip=0.9) * size * 0.100
        Brush(hairs=60, load=1.5, dry_from=0.9, loose=0.03).stroke(rng, ink, path, half)
    tip = x + size * rng.uniform(-0.05, 0.10)
    stem = brush.along([(x, y + size * 0.04), (x, y - size * 0.2), (tip, y - size * 0.44)], 120)
    Brush(hairs=50, load=1.7, dry_from=0.95).stroke(
        rng, ink, stem, np.linspace(0.034, 0.046, 120) * size
    )
    bar = brush.along(
        [
            (tip - size * 0.17, y - size * 0.46),
            (tip, y - size * 0.43),
            (tip + size * 0.19, y - size * 0.49),
        ],
        100,
    )
    Brush(hairs=50, load=1.7, dry_from=0.85).stroke(
        rng, ink, bar, brush.tapered(100, swell=0.3, tip=0.4) * 0.044 * size
    )


def render(long_side: int = 2200) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(1269)
    sheet = Sheet.of(long_side, 10 / 7)
    picture = surface.paper(rng, sheet, "#ece4d3", tooth=1.25)
    stain = surface.clouds(rng, sheet, 2.5, octaves=3)
    picture = picture * (1 - 0.012 * stain)[..., None]
    ink = Ink(sheet)
    wet = (
        surface.clouds(rng, sheet, 120, octaves=3, gain=0.6),
        surface.clouds(rng, sheet, 9, octaves=5, gain=0.55),
        surface.clouds(rng, sheet, 40, octaves=4, gain=0.6),
    )
    for cx, cy, size, flat, tint, strength in FRUIT:
        density = fruit(rng, sheet, (cx, cy, size, flat), wet) * strength
        picture = surface.wash(picture, tint, density)
        calyx(rng, ink, cx + size * 0.03, cy - size * flat * 0.74, size)
    picture = surface.wash(
        picture, "#1d1f23", np.minimum(ink.density(), 1.6) * (0.62 + 0.06 * wet[2])
    )
    red = brush.seal(rng, sheet, 0.908, 0.618, 0.0195)
    picture = surface.wash(picture, "#b3342a", red * 0.95)
    return surface.as_jpeg(surface.grained(rng, picture, 0.008))
