"""*Reeds, Wind from the East*: ink reeds leaning one way, in two distances."""

import numpy as np

from api.demo.art import brush, surface
from api.demo.art.brush import Brush, Ink
from api.demo.art.surface import Sheet


def blade(
    rng: np.random.Generator, ink: Ink, root: tuple[float, float], tall: float, load: float
) -> None:
    """One leaf: straight at first, then carried over by the wind."""
    x, y = root
    lean = rng.uniform(0.10, 0.55)
    bow = rng.uniform(0.5, 1.25)
    path = brush.along(
        [
            (x, y),
            (x - lean * tall * 0.08, y - tall * 0.55),
            (x - lean * tall * 0.40, y - tall * 1.02),
            (x - (lean + bow) * tall * 0.62, y - tall * rng.uniform(0.55, 1.05)),
        ],
        max(80, int(tall * ink.sheet.unit * 1.7)),
    )
    half = brush.tapered(path[0].size, swell=0.42, tip=1.1) * rng.uniform(0.0016, 0.0034)
    Brush(hairs=14, load=load, dry_from=0.45, dry_to=1.15, loose=0.03, knots=7).stroke(
        rng, ink, path, half * (0.5 + tall * 1.6)
    )


def plume(rng: np.random.Generator, ink: Ink, root: tuple[float, float], tall: float) -> None:
    """A flowering stalk whose feather streams to the left."""
    x, y = root
    lean = rng.uniform(0.25, 0.45)
    stem = brush.along(
        [(x, y), (x - lean * tall * 0.1, y - tall * 0.6), (x - lean * tall * 0.5, y - tall)],
        int(tall * ink.sheet.unit * 1.6),
    )
    Brush(hairs=4, load=1.0, dry_from=0.9).stroke(rng, ink, stem, np.full(stem[0].size, 0.00075))
    for k in range(90):
        # The feather hangs from the last quarter of the stalk and is fullest in its middle.
        part = rng.beta(1.3, 1.6)
        at = int((1 - 0.26 * part) * (stem[0].size - 1))
        sx, sy = float(stem[0][at]), float(stem[1][at])
        reach = tall * rng.uniform(0.06, 0.25) * (0.35 + 1.3 * part * (1 - part) * 2)
        hair = brush.along(
            [
                (sx, sy),
                (sx - reach * 0.35, sy - reach * 0.42),
                (sx - reach, sy + reach * rng.uniform(-0.25, 0.45)),
            ],
            int(reach * ink.sheet.unit * 1.5) + 8,
        )
        Brush(hairs=2, load=0.34 + 0.16 * (k % 3), dry_from=0.5, loose=0.3).stroke(
            rng, ink, hair, brush.tapered(hair[0].size, swell=0.2) * 0.0009
        )


def render(long_side: int = 2400) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(512)
    sheet = Sheet.of(long_side, 2.0)
    picture = surface.paper(rng, sheet, "#eee7d8", tooth=1.0)
    y, x = sheet.y, sheet.x
    flow = surface.clouds(rng, sheet, 12, octaves=4, stretch=9)
    water = np.exp(-(((y - 0.418) / 0.040) ** 2)) * surface.smooth(-0.3, 1.6, flow) * 0.22
    water = water * (0.35 + 0.65 * surface.smooth(0.1, 0.9, x))
    hills = (
        0.305
        - 0.030 * np.exp(-(((x - 0.16) / 0.10) ** 2))
        - 0.018 * np.exp(-(((x - 0.33) / 0.12) ** 2))
    )
    under = y - hills + 0.004 * surface.clouds(rng, sheet, 14, octaves=3)
    far = surface.smooth(-0.002, 0.003, under) * np.exp(-np.maximum(under, 0) / 0.020) * 0.17
    far = far * (1 - surface.smooth(0.30, 0.52, x))
    picture = surface.wash(picture, "#4a5560", water + far)

    back, front = Ink(sheet), Ink(sheet)
    for _ in range(60):
        place = 0.99 - abs(rng.normal(0, 0.20))
        blade(rng, back, (place, 0.455 + rng.normal(0, 0.010)), rng.uniform(0.09, 0.21), 0.36)
    for _ in range(40):
        place = 0.975 - abs(rng.normal(0, 0.115))
        root = (place, 0.508 + rng.normal(0, 0.006))
        blade(rng, front, root, rng.uniform(0.14, 0.34), rng.choice([0.45, 0.8, 1.15]))
    for place, tall in ((0.90, 0.40), (0.83, 0.335), (0.955, 0.365), (0.765, 0.25)):
        plume(rng, front, (place, 0.505), tall)
    for _ in range(9):
        blade(rng, front, (rng.uniform(0.46, 0.66), 0.506), rng.uniform(0.05, 0.13), 0.9)
    soft = surface.blurred(back.density(), 0.0010 * sheet.unit)
    picture = surface.wash(picture, "#59636b", soft)
    picture = surface.wash(picture, "#1f2328", np.minimum(front.density(), 2.0))
    red = brush.seal(rng, sheet, 0.052, 0.448, 0.0165)
    picture = surface.wash(picture, "#b3342a", red * 0.95)
    return surface.as_jpeg(surface.grained(rng, picture, 0.008))
