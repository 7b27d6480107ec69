"""
A brush of many hairs.

A stroke is a path and a width; each hair follows the path at its own distance, carries its
own ink and lifts where the stroke runs dry. Hairs are grains in the end (`surface.splat`), so
strokes have soft edges, streaks and the white flashes of a dry brush.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from api.demo.art.surface import Field, Sheet, splat


@dataclass
class Ink:
    """Strokes gathered for one layer of ink; `density` drops all of them at once."""

    sheet: Sheet
    xs: list[Field] = field(default_factory=list)
    ys: list[Field] = field(default_factory=list)
    weights: list[Field] = field(default_factory=list)

    def grains(self, x: Field, y: Field, weight: Field) -> None:
        """Drop single grains, whose weight counts in pixels of full ink."""
        self.xs.append(np.ravel(x))
        self.ys.append(np.ravel(y))
        self.weights.append(np.ravel(np.broadcast_to(weight, x.shape)))

    def line(self, x: Field, y: Field, weight: float | Field) -> None:
        """A hairline along points that lie less than a pixel apart; weight is its darkness."""
        step = np.hypot(np.gradient(x, axis=-1), np.gradient(y, axis=-1)) * self.sheet.unit
        self.grains(x, y, step * weight)

    def density(self) -> Field:
        """All that was drawn, as a field."""
        x, y, weight = (np.concatenate(parts) for parts in (self.xs, self.ys, self.weights))
        return splat(self.sheet, x, y, weight)


def along(points: list[tuple[float, float]], count: int) -> tuple[Field, Field]:
    """A smooth path through or near a few points (a Bézier curve over all of them)."""
    t = np.linspace(0, 1, count)
    level = [np.stack([np.full(count, px), np.full(count, py)]) for px, py in points]
    while len(level) > 1:
        level = [a + (b - a) * t for a, b in pairwise(level)]
    return level[0][0], level[0][1]


def streaks(rng: np.random.Generator, rows: int, count: int, knots: int) -> Field:
    """For each hair a slowly changing number between 0 and 1 along the stroke."""
    lattice = rng.random((rows, knots + 1))
    place = np.linspace(0, knots - 1e-6, count)
    low = place.astype(int)
    part = place - low
    part = part * part * (3 - 2 * part)
    level: Field = lattice[:, low] * (1 - part) + lattice[:, low + 1] * part
    return level


@dataclass(frozen=True)
class Brush:
    """How a brush holds ink: hairs, load, how soon it runs dry, and how loose the hairs are."""

    hairs: int = 40
    load: float = 1.0
    dry_from: float = 0.6
    dry_to: float = 1.0
    loose: float = 0.02
    knots: int = 14

    def stroke(
        self,
        rng: np.random.Generator,
        ink: Ink,
        path: tuple[Field, Field],
        width: Field,
    ) -> None:
        """Draw along `path`; `width` is the stroke's half width at each of its points."""
        x, y = path
        count = x.size
        dx, dy = np.gradient(x), np.gradient(y)
        length = np.maximum(np.hypot(dx, dy), 1e-9)
        offset = np.linspace(-1, 1, self.hairs)[:, None]
        offset = offset + rng.normal(0, 1.2 / self.hairs, (self.hairs, 1))
        offset = offset + rng.normal(0, self.loose, (self.hairs, count))
        t = np.linspace(0, 1, count)
        wetness = streaks(rng, self.hairs, count, self.knots)
        own = rng.uniform(0.55, 1.25, (self.hairs, 1))
        dryness = np.clip((t - self.dry_from) / (self.dry_to - self.dry_from), 0, 1.2)
        flow = np.clip((wetness - dryness * 0.85) * 7 + 1.2, 0, 1) * own
        # The same ink whatever the width: each hair stands for its share of it.
        share = 2 * width * ink.sheet.unit / self.hairs
        step = length * ink.sheet.unit
        ink.grains(
            x - dy / length * offset * width,
            y + dx / length * offset * width,
            flow * self.load * share * step,
        )


def tapered(count: int, *, swell: float = 0.35, tip: float = 1.4, root: float = 0.5) -> Field:
    """A stroke's relative width: rises to its belly at `swell`, thins to nothing at the tip."""
    t = np.linspace(0, 1, count)
    rise = np.clip(t / swell, 0, 1) ** root
    fall = np.clip((1 - t) / (1 - swell), 0, 1) ** tip
    profile: Field = rise * fall
    return profile


def seal(rng: np.random.Generator, sheet: Sheet, x: float, y: float, size: float) -> Field:
    """
    An artist's red seal, carved in relief: how much of each pixel is covered.

    Four invented characters of bars, as seal script would sit; they say nothing.
    """
    u, v = (sheet.x - x) / size, (sheet.y - y) / size
    edge = 0.5 - 0.02 * np.sin(9 * u) - 0.015 * np.sin(11 * v)
    sharp = size * sheet.unit
    block = np.clip((edge - np.maximum(np.abs(u), np.abs(v))) * sharp + 0.5, 0, 1)
    carved = np.zeros_like(block)
    for qx in (-0.22, 0.22):
        for qy in (-0.22, 0.22):
            for bar in range(4):
                flat = bar < 3
                along_, across = (u - qx, v - qy) if flat else (v - qy, u - qx)
                place = (bar - 1) * 0.13 if flat else rng.uniform(-0.08, 0.08)
                reach = rng.uniform(0.09, 0.17)
                gap = np.maximum(np.abs(along_) - reach, np.abs(across - place) - 0.022)
                carved = np.maximum(carved, np.clip(0.5 - gap * sharp, 0, 1))
    worn = rng.random(block.shape) > 0.06
    covered: Field = block * (1 - carved) * (0.82 + 0.18 * worn)
    return covered
