"""*Rain on the Far Shore*: a lake under one moving shower, and a white sail."""

import numpy as np

from api.demo.art import surface
from api.demo.art.surface import Field, Sheet

HORIZON = 0.475


def shore(x: Field, rng: np.random.Generator, height: float, rough: float) -> Field:
    """A headland's outline: its height above the water at each x."""
    line = np.zeros_like(x)
    for octave in range(7):
        phase, speed = rng.uniform(0, 2 * np.pi), 2.3 * 1.9**octave * rng.uniform(0.8, 1.2)
        line = line + np.sin(x * speed + phase) * rough * 0.55**octave
    return height * (1 + line)


def weather(rng: np.random.Generator, sheet: Sheet) -> tuple[Field, Field]:
    """The sky with its cloud and the land below it; and how low the cloud hangs."""
    x, y = sheet.x, np.broadcast_to(sheet.y, (sheet.height, sheet.width))
    picture = surface.ramp(
        y / HORIZON,
        (
            (0.0, "#59646d"),
            (0.3, "#7f8a90"),
            (0.62, "#b4b9b6"),
            (0.9, "#dcd8cb"),
            (1.0, "#e4ddcc"),
        ),
    )
    mass = surface.clouds(rng, sheet, 3.2, octaves=6, gain=0.52, stretch=2.4)
    base = HORIZON * (0.42 + 0.10 * np.sin(x * 3.1 + 0.6)) + mass * 0.035
    dark = 1 - surface.smooth(-0.09, 0.10, y - base)
    lean = 0.55 + 0.45 * np.sin(x * 2.6 + 2.4)
    picture = surface.mix(
        picture, surface.colour("#474f58"), np.clip(dark * (0.3 + 0.5 * lean), 0, 1)
    )
    crown = surface.smooth(0.2, 1.8, mass) * surface.smooth(0.0, 0.25, base - y)
    picture = surface.mix(picture, surface.colour("#a7adad"), crown * 0.5)

    for shade, height, rough, side in (
        ("#a3aaa9", 0.046, 0.5, 0.15),
        ("#8b9597", 0.034, 0.55, 0.95),
        ("#66727a", 0.024, 0.6, 0.08),
    ):
        top = HORIZON - shore(x, rng, height, rough) * np.exp(-(((x - side) / 0.48) ** 2))
        land = surface.smooth(-0.0008, 0.0008, y - top)
        mist = 0.92 - 0.42 * surface.smooth(HORIZON - 0.025, HORIZON, y)
        picture = surface.mix(picture, surface.colour(shade), land * mist)
    return picture, base


def shower(rng: np.random.Generator, sheet: Sheet, base: Field) -> tuple[Field, Field]:
    """
    How much rain stands before each point, and where its curtain hangs.

    Threads are drawn out along the wind, hung from the cloud, and thin at the water.
    """
    x, y = sheet.x, np.broadcast_to(sheet.y, (sheet.height, sheet.width))
    threads = surface.clouds(rng, sheet, 130, octaves=3, gain=0.8, stretch=0.02)
    slant = np.clip(((x - (HORIZON - y) * 0.30) * sheet.unit).astype(np.int64), 0, sheet.width - 1)
    threads = threads[np.arange(sheet.height)[:, None], slant]
    centre = x - (HORIZON - y) * 0.30
    curtain = np.exp(-(((centre - 0.43) / 0.125) ** 4)) + 0.55 * np.exp(
        -(((centre - 0.235) / 0.06) ** 2)
    )
    hang = surface.smooth(-0.06, 0.1, y - base) * (1 - 0.35 * surface.smooth(0.40, HORIZON, y))
    return np.clip(curtain * hang * (0.68 + 0.07 * threads), 0, 1), curtain


def water(rng: np.random.Generator, sheet: Sheet, picture: Field, depth: Field) -> Field:
    """The lake: what stands above it, blurred and dimmed, and one band of light."""
    x = sheet.x
    mirror = np.clip(((HORIZON - depth * 0.80) * sheet.unit).astype(np.int64), 0, sheet.height - 1)[
        :, 0
    ]
    lake = surface.glow(picture[mirror].mean(axis=-1), sheet.unit * 0.014)[..., None] * np.array(
        [0.93, 0.97, 0.985], dtype=np.float32
    )
    for_depth = surface.ramp(depth / 0.24, ((0.0, "#c9cbc6"), (0.5, "#87929a"), (1.0, "#4e5a63")))
    lake = lake * 0.45 + for_depth * 0.55
    ripples = surface.clouds(rng, sheet, 60, octaves=4, gain=0.7, stretch=14)
    lake = lake * (1 + ripples * (0.012 + 0.14 * depth))[..., None]
    band = np.exp(-(((depth - 0.028 + 0.004 * ripples) / 0.013) ** 2)) * (
        0.25 + 0.75 * np.exp(-(((x - 0.74) / 0.24) ** 2))
    )
    return surface.mix(lake, surface.colour("#f1ead8"), np.clip(band * 0.8, 0, 1))


def boat(sheet: Sheet, picture: Field) -> Field:
    """A white sail in the light, its hull and its reflection."""
    x, y = sheet.x, np.broadcast_to(sheet.y, (sheet.height, sheet.width))
    sail_x, sail_y = 0.742, HORIZON + 0.020
    up = (sail_y - y) / 0.030
    inside = surface.smooth(-0.0006, 0.0006, 0.0065 * (1 - up) - np.abs(x - sail_x - 0.0022 * up))
    sail = inside * (up > 0) * (up < 1)
    picture = surface.mix(picture, surface.colour("#fbf7ec"), np.clip(sail, 0, 1) * 0.95)
    echo = np.exp(-(((x - sail_x) / 0.004) ** 2)) * np.exp(-np.maximum(y - sail_y, 0) / 0.012)
    picture = surface.mix(picture, surface.colour("#f6f1e4"), echo * (y > sail_y) * 0.5)
    hull = np.exp(-(((x - sail_x) / 0.0062) ** 6)) * np.exp(-(((y - sail_y) / 0.0011) ** 2))
    return surface.mix(picture, surface.colour("#3d464d"), hull * 0.9)


def render(long_side: int = 2100) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(1187)
    sheet = Sheet.of(long_side, 7 / 5)
    y = np.broadcast_to(sheet.y, (sheet.height, sheet.width))
    picture, base = weather(rng, sheet)
    rain, curtain = shower(rng, sheet, base)
    picture = surface.mix(picture, surface.colour("#6d7880"), rain * 0.8)
    depth = np.maximum(y - HORIZON, 0)
    lake = water(rng, sheet, picture, depth)
    below = surface.smooth(HORIZON - 0.0006, HORIZON + 0.0006, y)
    picture = picture * (1 - below)[..., None] + lake * below[..., None]
    splash = np.exp(-((depth / 0.006) ** 2)) * below * curtain * 0.5
    picture = surface.mix(picture, surface.colour("#cfd2ce"), np.clip(splash, 0, 1))
    picture = boat(sheet, picture)
    return surface.as_jpeg(surface.grained(rng, picture, 0.020))
