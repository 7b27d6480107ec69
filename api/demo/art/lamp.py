"""*The Lamp Left On*: a night loop in which only the reflection of one window moves."""

from io import BytesIO

import numpy as np
from PIL import Image

from api.demo.art import surface
from api.demo.art.surface import Field, Sheet

FRAMES, MILLISECONDS = 36, 110
HORIZON = 0.335
WINDOW = (0.638, HORIZON - 0.0135)


def night(rng: np.random.Generator, sheet: Sheet) -> Field:
    """All that stands still: sky, stars, hill, house, water."""
    x, y = sheet.x, np.broadcast_to(sheet.y, (sheet.height, sheet.width))
    picture = surface.ramp(y / HORIZON, ((0.0, "#0b1322"), (0.6, "#15243a"), (1.0, "#2a3f55")))
    high = surface.clouds(rng, sheet, 4, octaves=4, stretch=3)
    picture = surface.mix(picture, surface.colour("#33465a"), np.clip(high * 0.05 + 0.03, 0, 1))
    count = 130
    weight = rng.pareto(2.2, count) * 0.10 + 0.04
    sx, sy = rng.uniform(0, sheet.right, count), rng.uniform(0, HORIZON * 0.82, count)
    stars = np.minimum(surface.blurred(surface.splat(sheet, sx, sy, weight * 6), 0.7), 0.8)
    picture = surface.mix(picture, surface.colour("#dfe6ea"), stars)

    depth = np.maximum(y - HORIZON, 0)
    water = surface.ramp(
        depth / (sheet.bottom - HORIZON),
        (
            (0.0, "#283c51"),
            (0.25, "#1a2a3f"),
            (1.0, "#0a111d"),
        ),
    )
    ripples = surface.clouds(rng, sheet, 70, octaves=4, gain=0.7, stretch=16)
    water = water * (1 + ripples * (0.02 + 0.10 * depth))[..., None]
    below = surface.smooth(HORIZON - 0.0006, HORIZON + 0.0006, y)
    picture = picture * (1 - below)[..., None] + water * below[..., None]

    far = 0.030 * np.exp(-(((x - 0.15) / 0.28) ** 2)) + 0.004 * np.sin(x * 17) + 0.012
    near = 0.058 * np.exp(-(((x - 0.86) / 0.20) ** 2)) + 0.010 * np.exp(-(((x - 0.62) / 0.05) ** 2))
    rough = 0.0016 * np.sin(x * 61) + 0.0012 * np.sin(x * 143 + 1) + 0.0010 * np.sin(x * 317)
    near = near + rough * surface.smooth(0.50, 0.60, x) - 0.002 * surface.smooth(0.56, 0.46, x)
    for line, shade, dim in ((far, "#1d2e42", 0.75), (near, "#080d15", 1.0)):
        land = surface.smooth(-0.0007, 0.0007, y - (HORIZON - line)) * (1 - below)
        picture = surface.mix(picture, surface.colour(shade), land * dim)
        echo = surface.smooth(-0.012, 0.012, HORIZON + line * 1.25 - y) * below
        picture = surface.mix(picture, surface.colour(shade), echo * dim * 0.72)

    return house(sheet, picture)


def house(sheet: Sheet, picture: Field) -> Field:
    """A small house at the water's edge, and the one window that is lit."""
    x, y = sheet.x, np.broadcast_to(sheet.y, (sheet.height, sheet.width))
    below = surface.smooth(HORIZON - 0.0006, HORIZON + 0.0006, y)
    roof = HORIZON - 0.0245 + np.abs(x - WINDOW[0]) * 0.55
    walls = (
        surface.smooth(-0.0006, 0.0006, y - roof) * (np.abs(x - WINDOW[0]) < 0.0125) * (1 - below)
    )
    picture = surface.mix(picture, surface.colour("#070b12"), walls)
    aura = np.hypot(x - WINDOW[0], (y - WINDOW[1]) * 1.1)
    shine = 0.28 * np.exp(-aura / 0.012) + 0.13 * np.exp(-aura / 0.05)
    picture = surface.mix(picture, surface.colour("#e3a14e"), shine)
    pane = np.maximum(np.abs(x - WINDOW[0]) - 0.0027, np.abs(y - WINDOW[1]) - 0.0036)
    lit = surface.smooth(-0.0006, 0.0006, -pane)
    return surface.mix(picture, surface.colour("#ffe2a0"), lit)


def reflection(sheet: Sheet, turn: float) -> Field:
    """The window's light on the water at one moment of the loop, `turn` from 0 to 1."""
    depth = np.maximum(sheet.y - HORIZON, 1e-4)
    far = np.log(depth + 0.012)
    cycle = 2 * np.pi * turn
    sway = np.zeros_like(depth)
    broken = np.zeros_like(depth)
    for pitch, speed, phase, part in (
        (13.0, 1, 0.3, 0.50),
        (29.0, -2, 1.7, 0.32),
        (47.0, 3, 4.1, 0.22),
        (83.0, 2, 2.6, 0.16),
    ):
        wave = pitch * far - speed * cycle + phase
        sway = sway + part * np.sin(wave)
        broken = broken + part * np.cos(wave * 1.0 + 0.8)
    sway = sway * (0.0008 + depth * 0.030)
    width = (0.0022 + depth * 0.028) * (0.75 + 0.35 * np.clip(broken + 0.4, 0, 1.4))
    beam = np.exp(-(((sheet.x - WINDOW[0] - sway) / width) ** 2))
    gaps = surface.smooth(-0.55, 0.75, broken + 0.35 - depth * 1.2)
    fade = np.exp(-depth / 0.125) * surface.smooth(0.0, 0.002, sheet.y - HORIZON)
    wide = 0.22 * np.exp(-(((sheet.x - WINDOW[0]) / (0.012 + depth * 0.10)) ** 2)) * fade
    light: Field = beam * gaps * fade * 1.05 + wide
    return light


def frames(long_side: int) -> list[Image.Image]:
    """Every moment of the loop; the grain stands still, so that only the light is sent anew."""
    rng = np.random.default_rng(2303)
    sheet = Sheet.of(long_side, 8 / 5)
    still = surface.grained(rng, night(rng, sheet), 0.014)
    base = surface.as_image(still)
    left, right = int((WINDOW[0] - 0.10) * sheet.unit), int((WINDOW[0] + 0.10) * sheet.unit)
    top = int(HORIZON * sheet.unit) - 1
    strip = Sheet(sheet.width, sheet.height)
    warm, hot = surface.colour("#d98d3c"), surface.colour("#ffd98e")
    moments = []
    for number in range(FRAMES):
        light = np.clip(reflection(strip, number / FRAMES)[top:, left:right], 0, 1)
        part = surface.mix(still[top:, left:right], warm, np.clip(light * 1.15, 0, 0.95))
        part = surface.mix(part, hot, np.clip((light - 0.42) * 1.3, 0, 1))
        moment = base.copy()
        moment.paste(surface.as_image(part), (left, top))
        moments.append(moment)
    return moments


def render(long_side: int = 1600) -> bytes:
    """The loop as an animated WebP of about four seconds."""
    first, *rest = frames(long_side)
    out = BytesIO()
    first.save(
        out,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=MILLISECONDS,
        loop=0,
        quality=90,
        method=1,
    )
    return out.getvalue()
