"""*One Breath*: a circle drawn once, with a brush that runs dry."""

import numpy as np

from api.demo.art import brush, surface
from api.demo.art.brush import Brush, Ink
from api.demo.art.surface import Sheet


def render(long_side: int = 2000) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(88)
    sheet = Sheet.of(long_side, 1.0)
    picture = surface.paper(rng, sheet, "#f0eadc", tooth=1.2)
    count = int(long_side * 2.6)
    t = np.linspace(0, 1, count)
    angle = 2 * np.pi * (0.335 + 0.955 * t)
    radius = (
        0.283 + 0.010 * np.sin(2 * np.pi * t + 0.8) - 0.020 * t + 0.006 * np.sin(5.1 * np.pi * t)
    )
    path = (0.497 + radius * np.cos(angle) * 1.03, 0.505 + radius * np.sin(angle))
    half = 0.026 + 0.030 * np.exp(-((t / 0.10) ** 2)) + 0.017 * np.sin(np.pi * t) ** 2 - 0.012 * t
    half = (
        half
        * np.sqrt(np.clip(t / 0.020, 0, 1) * (2 - np.clip(t / 0.020, 0, 1)))
        * np.clip((1 - t) / 0.03, 0, 1) ** 0.5
    )
    ink = Ink(sheet)
    Brush(hairs=420, load=1.05, dry_from=0.22, dry_to=1.08, loose=0.004, knots=9).stroke(
        rng, ink, path, half
    )
    Brush(hairs=120, load=0.45, dry_from=0.05, dry_to=0.55, loose=0.02, knots=30).stroke(
        rng, ink, path, half * 1.06
    )
    spatter(rng, ink)
    tooth = surface.clouds(rng, sheet, 300, octaves=2, gain=0.8)
    density = ink.density()
    # Where little ink is left, only the tooth of the paper takes it.
    caught = surface.smooth(-1.5, 1.5, tooth * 0.9 + 6.0 * density - 0.5)
    pools = surface.clouds(rng, sheet, 14, octaves=4)
    density = np.minimum(density * caught * (1 + 0.12 * pools), 2.6)
    bleed = surface.blurred(density, 0.0018 * sheet.unit) * 0.10
    picture = surface.wash(picture, "#1c1e24", density * 1.35 + bleed)
    red = brush.seal(rng, sheet, 0.842, 0.872, 0.0205)
    picture = surface.wash(picture, "#b3342a", red * 0.95)
    return surface.as_jpeg(surface.grained(rng, picture, 0.008))


def spatter(rng: np.random.Generator, ink: Ink) -> None:
    """The drops that a full brush throws where it sets down."""
    drops = 44
    where = rng.normal(0, 0.055, drops)
    size = rng.pareto(1.9, drops) * 0.0007 + 0.0005
    for k in range(drops):
        turn = 2 * np.pi * (0.335 + abs(rng.normal(0, 0.16)))
        away = 0.283 + where[k] + 0.05 * np.sign(where[k])
        drop = min(float(size[k]), 0.0036)
        round_ = 2 * np.pi * rng.random(400)
        out = drop * np.sqrt(rng.random(400)) * (1 + 0.12 * np.sin(3 * round_ + k))
        ink.grains(
            0.497 + away * np.cos(turn) + out * np.cos(round_),
            0.505 + away * np.sin(turn) + out * np.sin(round_) * rng.uniform(0.85, 1.1),
            np.full(400, (drop * ink.sheet.unit) ** 2 / 70),
        )
