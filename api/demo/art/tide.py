"""*First Light, Low Tide*: a tidal flat at dawn, its channels holding the sky."""

import numpy as np

from api.demo.art import surface
from api.demo.art.surface import Field, Sheet

SKY: surface.Stops = (
    (0.0, "#76899a"),
    (0.35, "#a3adb1"),
    (0.62, "#d0c5b9"),
    (0.84, "#ebc8a6"),
    (1.0, "#f2bd92"),
)
HORIZON = 0.172
SUN = (0.655, HORIZON - 0.013)
EYE = 0.020
"""How high the eye stands: keeps the ground at the horizon at a finite distance."""


def sky(x: Field, height: Field) -> Field:
    """The sky's colour at `x` and at a height above the horizon, 0 to 1."""
    shade = surface.ramp(1 - np.clip(height, 0, 1), SKY)
    away = np.hypot(x - SUN[0], (height * HORIZON - 0.013) * 1.7)
    warm = np.exp(-((away / 0.16) ** 2)) * 0.55 + np.exp(-((away / 0.05) ** 2)) * 0.4
    return surface.mix(shade, surface.colour("#ffe3b4"), np.clip(warm, 0, 1))


def above(rng: np.random.Generator, sheet: Sheet, x: Field, y: Field) -> Field:
    """Sky, thin cloud, sun, and a far spit of land."""
    picture = sky(x, (HORIZON - y) / HORIZON)
    veil = surface.clouds(rng, sheet, 9, octaves=5, stretch=7)
    low = surface.smooth(0.1, 1.5, veil) * np.exp(-(((y - HORIZON * 0.62) / 0.05) ** 2))
    picture = surface.mix(picture, surface.colour("#8d8d98"), low * 0.42)
    lit = surface.smooth(0.2, 1.6, -veil) * np.exp(-(((y - HORIZON * 0.8) / 0.03) ** 2))
    picture = surface.mix(picture, surface.colour("#ffe9c8"), lit * 0.35)
    disc = np.hypot(x - SUN[0], y - SUN[1]) * sheet.unit
    sun = np.clip(0.0105 * sheet.unit - disc + 0.5, 0, 1)
    picture = surface.mix(picture, surface.colour("#fff6dd"), sun * 0.95)
    ridge = 0.0030 + 0.0022 * np.sin(x * 9.0 + 1) + 0.0012 * np.sin(x * 23) + 0.0005 * veil
    ridge = np.maximum(ridge * (0.60 - x) * 3.2, 0)
    land = surface.smooth(-0.0006, 0.0006, y - HORIZON + ridge)
    return surface.mix(picture, surface.colour("#777d89"), land * 0.8)


class Ground:
    """Noise that lies on the flat and shrinks towards the horizon as the flat does."""

    def __init__(self, rng: np.random.Generator, x: Field, depth: Field) -> None:
        self.tile = surface.clouds(rng, Sheet(1024, 1024), 24, octaves=6, gain=0.55)
        far = 1 / (depth + EYE)
        self.u, self.v = (x - 0.62) * far, far

    def noise(self, across: float, away: float, shift: float) -> Field:
        """The tile read at so many cells across and into the distance, between its points."""
        u = np.mod(self.u * across * 42 + shift * 977, 1023)
        v = np.mod(self.v * away * 42 + shift * 571, 1023)
        left, top = u.astype(np.int64), v.astype(np.int64)
        du, dv = (u - left).astype(np.float32), (v - top).astype(np.float32)
        upper = self.tile[top, left] * (1 - du) + self.tile[top, left + 1] * du
        lower = self.tile[top + 1, left] * (1 - du) + self.tile[top + 1, left + 1] * du
        read: Field = upper * (1 - dv) + lower * dv
        return read


def render(long_side: int = 2400) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(6021)
    sheet = Sheet.of(long_side, 12 / 5)
    x = np.broadcast_to(sheet.x, (sheet.height, sheet.width))
    y = np.broadcast_to(sheet.y, x.shape)
    top = above(rng, sheet, x, y)

    depth = np.maximum(y - HORIZON, 0)
    ground = Ground(rng, x, depth)
    ripple = ground.noise(2.4, 2.6, 0.1)
    # Far ripples are smaller than a pixel; what is left of them is a sheen.
    ripple = ripple * surface.smooth(0.0, 0.10, depth)
    mirror = sky(x, np.clip(depth / (HORIZON * 1.35) + ripple * 0.05, 0, 1))
    path = np.exp(-(((x - SUN[0]) / (0.022 + depth * 0.24)) ** 2))
    glints = surface.clouds(rng, sheet, 130, octaves=3, gain=0.8, stretch=10)
    sparkle = surface.smooth(-0.6, 1.7, glints + 0.6 * ripple) * path
    water = surface.mix(mirror * 0.97, surface.colour("#fff0cf"), np.clip(sparkle * 0.8, 0, 1))

    bars = ground.noise(0.11, 0.20, 0.45) + 0.30 * ground.noise(0.5, 0.9, 0.2)
    bars = bars + 0.10 * ground.noise(2.0, 3.0, 0.7) * surface.smooth(0.02, 0.12, depth)
    bars = bars + 1.1 * surface.smooth(0.17, 0.25, depth) - 0.35 * path
    sand = surface.smooth(-0.02, 0.10, bars) * surface.smooth(0.002, 0.016, depth)
    shade = surface.ramp(
        depth / (sheet.bottom - HORIZON),
        (
            (0.0, "#a39b98"),
            (0.35, "#807a78"),
            (1.0, "#4a494f"),
        ),
    )
    ribs = np.sin(ground.v * 26 + 2.2 * ground.noise(0.5, 0.5, 0.9))
    ribs = ribs * surface.smooth(0.05, 0.16, depth)
    shade = shade * (1 + 0.035 * ripple + 0.05 * ribs)[..., None]
    shade = surface.mix(shade, mirror, np.full_like(x, 0.30))
    film = np.exp(-((np.maximum(bars, 0) / 0.30) ** 2))
    shade = surface.mix(shade, mirror, np.clip(0.45 * film + 0.10 * ribs * film, 0, 1))
    below = surface.mix(water, shade, sand)
    rim = np.exp(-(((bars - 0.03) / 0.05) ** 2)) * path
    below = surface.mix(below, surface.colour("#fff3d8"), np.clip(rim * 0.4, 0, 1))

    shore = surface.smooth(HORIZON - 0.0005, HORIZON + 0.0005, y)
    picture = surface.mix(top, below, shore)
    haze = np.exp(-(((y - HORIZON) / 0.011) ** 2)) * 0.35
    picture = surface.mix(picture, surface.colour("#f4cfa6"), haze)
    return surface.as_jpeg(surface.grained(rng, picture, 0.017))
