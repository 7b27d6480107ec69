"""*Letter Without Words*: one silk ribbon that writes a line and says nothing."""

import numpy as np

from api.demo.art import surface
from api.demo.art.brush import Ink
from api.demo.art.surface import Field, Sheet

TONES: surface.Stops = ((0.0, "#171c30"), (0.3, "#4b587c"), (0.65, "#b5b3b4"), (1.0, "#fff6e0"))


def hand(t: Field) -> tuple[Field, Field]:
    """The path of the writing: loops of uneven size, leaning as a hand leans."""
    phase = 2 * np.pi * (5.4 * t + 0.10 * np.sin(2 * np.pi * t * 1.3))
    size = (
        0.055
        + 0.040 * np.sin(2 * np.pi * (1.15 * t + 0.08)) ** 2
        + 0.035 * np.exp(-(((t - 0.63) / 0.09) ** 2))
    )
    calm = surface.smooth(0.05, 0.20, t) * (1 - surface.smooth(0.90, 1.0, t))
    x = -0.13 + 1.22 * t + size * 1.15 * np.sin(phase) * calm
    y = 0.285 - size * np.cos(phase) * calm * 1.25 + 0.02 * np.sin(2 * np.pi * t * 0.9)
    return x + (0.285 - y) * 0.28, y


def render(long_side: int = 2400) -> bytes:
    """The picture as a PNG of one ink."""
    rng = np.random.default_rng(770)
    sheet = Sheet.of(long_side, 16 / 9)
    threads, count = 300, int(long_side * 3.3)
    t = np.linspace(0, 1, count)
    x, y = hand(t)
    ink = Ink(sheet)
    turn = 2 * np.pi * (2.35 * t + 0.12 * np.sin(2 * np.pi * 2.1 * t))
    half = 0.006 + 0.050 * (0.5 + 0.5 * np.sin(2 * np.pi * (1.7 * t + 0.15))) ** 1.5
    for place in np.linspace(-1, 1, threads):
        wander = 0.0016 * np.sin(2 * np.pi * (rng.uniform(1, 3) * t + rng.random()))
        across = place * half * np.cos(turn + place * 0.55) + wander * 0.6
        rise = place * half * 0.62 * np.sin(turn * 0.83 + 0.7 + place * 0.3)
        fade = 0.55 + 0.45 * abs(place) ** 3
        ink.line(x + across * 0.55, y + rise + across * 0.75, 0.125 * fade)
    density = ink.density()
    tone = 1 - np.exp(-1.15 * density)
    return surface.as_png(tone, TONES)
