"""《空山新雨》, *Empty Mountain, After New Rain*: an ink scroll that is mostly paper."""

from dataclasses import dataclass

import numpy as np

from api.demo.art import brush, surface
from api.demo.art.brush import Brush, Ink
from api.demo.art.surface import Field, Sheet

INK = "#23262b"


@dataclass(frozen=True)
class Ridge:
    """One distance: where its foot lies, how dark it is, how far its wash runs, its peaks."""

    foot: float
    dark: float
    reach: float
    peaks: tuple[tuple[float, float, float], ...]
    """Place, height and width of each."""


RIDGES = (
    Ridge(0.330, 0.17, 0.085, ((0.02, 0.055, 0.07), (0.345, 0.085, 0.06), (0.43, 0.045, 0.05))),
    Ridge(
        0.455, 0.52, 0.185, ((0.235, 0.250, 0.052), (0.158, 0.140, 0.034), (0.310, 0.125, 0.036))
    ),
    Ridge(0.600, 0.34, 0.085, ((0.035, 0.105, 0.075), (0.13, 0.04, 0.05))),
    Ridge(0.735, 0.72, 0.125, ((0.385, 0.160, 0.066), (0.300, 0.070, 0.036))),
    Ridge(0.930, 1.05, 0.130, ((0.055, 0.150, 0.090), (0.165, 0.060, 0.050))),
)
"""From far to near."""


def rise(rng: np.random.Generator, sheet: Sheet, ridge: Ridge) -> Field:
    """How high a ridge stands above its foot at each x."""
    x = sheet.x[0]
    total: Field = np.zeros_like(x)
    for place, height, width in ridge.peaks:
        slope = height * np.exp(-((np.abs(x - place) / width) ** 1.7))
        total = np.hypot(total, slope)
    for octave in range(8):
        pitch = 9 * 1.9**octave
        rough = np.sin(x * pitch + rng.uniform(0, 7)) * np.sin(x * pitch * 0.63 + rng.uniform(0, 7))
        total = total + rough * 0.012 * 0.68**octave * (0.15 + total / 0.11)
    return total


def rock(
    sheet: Sheet, ridge: Ridge, height: Field, grain: tuple[Field, Field, Field]
) -> tuple[Field, Field]:
    """A ridge's ink, and how much of what lies behind it it hides."""
    mist, pools, cuts = grain
    under = sheet.y - (ridge.foot - height)[None, :]
    deep = np.maximum(under, 0)
    # A peak stands out of the mist only where it is high: low ground is left as paper.
    present = surface.smooth(0.010, 0.075, height[None, :] + 0.012 * mist)
    body = surface.smooth(-0.0008, 0.0012, under)
    # The wash runs down as far as the rock is high, so that a peak ends in a cone of mist.
    run = ridge.reach * np.clip(height / height.max(), 0.06, 1)[None, :] ** 0.8
    fade = np.exp(-((deep / run) ** 1.3))
    fade = fade * np.clip(1 + 0.22 * mist, 0.3, 1.8)
    edge = np.exp(-deep / 0.0042) * np.clip(0.6 + 0.4 * pools, 0.1, 1.3)
    brushed = surface.smooth(-1.4, 2.4, cuts + 0.5 * pools)
    tone = 0.40 * fade * (1 + 0.10 * pools) + 0.20 * edge * fade + 0.60 * brushed * fade**1.3
    return ridge.dark * tone * body * present, body * (0.25 + 0.75 * present)


def pine(rng: np.random.Generator, ink: Ink, x: float, y: float, tall: float) -> None:
    """A pine as a bent trunk and a few flat clouds of needles."""
    lean = rng.normal(0, 0.20)
    steps = max(60, int(tall * ink.sheet.unit * 2))
    trunk = brush.along(
        [(x, y), (x + lean * tall * 0.7, y - tall * 0.45), (x - lean * tall * 0.2, y - tall)], steps
    )
    Brush(hairs=14, load=1.3, dry_from=0.95).stroke(
        rng, ink, trunk, np.linspace(0.028, 0.008, steps) * tall
    )
    for level, side in ((0.45, -1), (0.56, 1), (0.70, -1), (0.80, 1), (0.93, -1), (1.0, 1)):
        at = min(int(level * steps), steps - 1)
        px, py = float(trunk[0][at]), float(trunk[1][at])
        reach = side * tall * (0.36 - 0.22 * level) * rng.uniform(0.75, 1.35)
        bough = brush.along([(px, py), (px + reach, py - tall * 0.03)], 50)
        Brush(hairs=4, load=1.0).stroke(rng, ink, bough, np.full(50, 0.008) * tall)
        for _ in range(46):
            nx = px + reach + rng.normal(0, 0.42) * abs(reach)
            ny = py - tall * 0.035 + rng.normal(0, 0.022) * tall
            fan = rng.uniform(-2.7, -0.4)
            size = tall * rng.uniform(0.025, 0.055)
            steps_needle = max(5, int(size * ink.sheet.unit * 2))
            t = np.linspace(0, 1, steps_needle)
            ink.line(nx + np.cos(fan) * size * t, ny + np.sin(fan) * size * 0.7 * t, 0.75)


def geese(rng: np.random.Generator, ink: Ink) -> None:
    """Five birds going, each two short strokes."""
    flock = ((0, 0), (0.017, 0.007), (0.031, 0.015), (0.013, -0.010), (0.049, 0.020))
    for k, (dx, dy) in enumerate(flock):
        x, y, size = 0.088 + dx, 0.120 + dy, 0.0068 * (1 - 0.06 * k)
        for side in (-1, 1):
            wing = brush.along(
                [
                    (x, y),
                    (x + side * size * 0.45, y - size * 0.75),
                    (x + side * size, y - size * 0.30),
                ],
                60,
            )
            Brush(hairs=6, load=0.9, dry_from=0.9).stroke(
                rng, ink, wing, brush.tapered(60, swell=0.25) * 0.0006
            )


def render(long_side: int = 2400) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(731)
    sheet = Sheet.of(long_side, 9 / 20)
    picture = surface.paper(rng, sheet, "#efe8d8", tooth=0.9)
    picture = picture * (1 - 0.03 * surface.smooth(0.5, 1.0, np.abs(sheet.y - 0.5) * 2))[..., None]
    grain = (
        surface.clouds(rng, sheet, 6, octaves=5, stretch=2.2),
        surface.clouds(rng, sheet, 18, octaves=5, gain=0.6),
        surface.clouds(rng, sheet, 150, octaves=4, gain=0.9, stretch=0.34),
    )
    density = sheet.full()
    heights = []
    for ridge in RIDGES:
        height = rise(rng, sheet, ridge)
        heights.append(height)
        tone, hidden = rock(sheet, ridge, height, grain)
        density = density * (1 - hidden) + tone
        veil = np.exp(-(((sheet.y - ridge.foot - 0.012) / 0.030) ** 2)) * np.clip(
            0.62 + 0.3 * grain[0], 0, 0.95
        )
        density = density * (1 - veil)

    ink = Ink(sheet)
    for number, place, tall in (
        (4, 0.028, 0.058),
        (4, 0.052, 0.080),
        (4, 0.076, 0.050),
        (4, 0.118, 0.036),
        (4, 0.168, 0.030),
        (3, 0.352, 0.024),
        (3, 0.372, 0.031),
        (3, 0.392, 0.025),
        (3, 0.418, 0.020),
        (3, 0.301, 0.019),
    ):
        column = min(int(place * sheet.unit), sheet.width - 1)
        root = RIDGES[number].foot - float(heights[number][column]) + 0.004
        pine(rng, ink, place, root, tall)
    geese(rng, ink)
    density = density + np.minimum(ink.density(), 1.7) * 0.85
    picture = surface.wash(picture, INK, density)
    red = brush.seal(rng, sheet, 0.398, 0.938, 0.0225)
    picture = surface.wash(picture, "#b3342a", red * 0.95)
    return surface.as_jpeg(surface.grained(rng, picture, 0.008))
