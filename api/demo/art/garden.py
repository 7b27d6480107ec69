"""*Raked Garden, Three Stones*: gravel in low sun, and one leaf that the rake left."""

from math import cos, sin

import numpy as np

from api.demo.art import surface
from api.demo.art.surface import Field, Sheet

Stone = tuple[float, float, float, float, float]

STONES: tuple[Stone, ...] = (
    (0.330, 0.385, 0.074, 0.122, 0.42),
    (0.438, 0.470, 0.036, 0.052, -0.5),
    (0.715, 0.705, 0.050, 0.074, -0.35),
)
"""Each stone's centre, half height, half width and turn."""

SPACING = 0.0162
SUN = (-0.62, -0.78)
"""Where the light comes from: low, from the upper left."""


def turned(sheet: Sheet, stone: Stone) -> tuple[Field, Field]:
    """Coordinates along and across a stone."""
    cx, cy, _, _, turn = stone
    dx, dy = sheet.x - cx, sheet.y - cy
    return dx * cos(turn) + dy * sin(turn), -dx * sin(turn) + dy * cos(turn)


def stone_distance(sheet: Sheet, rough: Field, stone: Stone) -> Field:
    """How far each point lies outside one stone (inside: negative), roughly in lengths."""
    u, v = turned(sheet, stone)
    high, wide = stone[2], stone[3]
    reach = (np.abs(u / wide) ** 2.4 + np.abs(v / high) ** 2.4) ** (1 / 2.4)
    distance: Field = (reach - 1 + 0.040 * rough) * min(high, wide)
    return distance


def rings_distance(sheet: Sheet, stone: Stone) -> Field:
    """The same without roughness and in true lengths, for the rake to follow."""
    u, v = turned(sheet, stone)
    slim = max(stone[3] - stone[2], 0.0)
    rod: Field = np.hypot(np.maximum(np.abs(u) - slim, 0), v) - stone[2]
    return rod


def raked(sheet: Sheet, hand: Field) -> Field:
    """How many teeth of the rake lie between each point and its line's beginning."""
    rings = [rings_distance(sheet, stone) for stone in STONES]
    group = np.minimum(rings[0], rings[1])
    comb = (sheet.y + 0.006 * np.sin(sheet.x * 5.2 + 0.4) + hand) / SPACING
    comb = np.where(rings[2] < SPACING * 4, (rings[2] + hand) / SPACING, comb)
    lines: Field = np.where(group < SPACING * 6, (group + hand) / SPACING, comb)
    return lines


def leaf(sheet: Sheet, x: float, y: float, size: float, turn: float) -> Field:
    """A maple leaf's cover: five points and a stalk."""
    left, top = round((x - 1.5 * size) * sheet.unit), round((y - 1.5 * size) * sheet.unit)
    patch = (
        slice(top, top + round(3 * size * sheet.unit)),
        slice(left, left + round(3 * size * sheet.unit)),
    )
    dx, dy = (sheet.x[:, patch[1]] - x) / size, (sheet.y[patch[0]] - y) / size
    cover = np.zeros(np.broadcast_shapes(dx.shape, dy.shape), dtype=np.float32)
    for point, long in ((0.0, 1.0), (0.72, 0.88), (-0.72, 0.88), (1.55, 0.58), (-1.55, 0.58)):
        u = dx * cos(turn + point) + dy * sin(turn + point)
        v = -dx * sin(turn + point) + dy * cos(turn + point)
        along = np.clip(u / long, 0, 1)
        half = 0.21 * long * np.sin(np.pi * np.clip(along * 0.86 + 0.14, 0, 0.999)) ** 0.9
        half = half * (1 + 0.10 * np.cos(along * 40))
        inside = half - np.abs(v) - 0.6 * np.maximum(-u, 0) - 2 * np.maximum(u - long, 0)
        cover = np.maximum(cover, surface.smooth(-0.03, 0.03, inside))
    u = dx * cos(turn) + dy * sin(turn)
    v = -dx * sin(turn) + dy * cos(turn) + 0.18 * u * u
    stalk = surface.smooth(-0.02, 0.02, 0.025 - np.abs(v)) * (u < 0) * (u > -0.75)
    whole = sheet.full()
    whole[patch] = np.maximum(cover, stalk)
    return whole


def shadows(sheet: Sheet, stones: list[Field]) -> Field:
    """The stones' shadows, thrown away from the sun and softer the farther they reach."""
    height, width = sheet.height // 4, sheet.width // 4
    dark = np.zeros((height, width), dtype=np.float32)
    for distance, stone in zip(stones, STONES, strict=True):
        small = surface.resized(distance, width, height)
        tall = min(stone[2], stone[3])
        for step in range(1, 26):
            part = step / 26
            reach = tall * 1.15 * part * sheet.unit / 4
            shrunk = -small - tall * 0.75 * (1 - (1 - part * part) ** 0.5)
            inner = surface.smooth(-0.003, 0.003, shrunk)
            shift = (round(-SUN[1] * reach), round(-SUN[0] * reach))
            dark = np.maximum(dark, np.roll(inner, shift, (0, 1)))
    soft = surface.blurred(dark, 0.0012 * sheet.unit / 4 + 0.8)
    return np.clip(surface.resized(soft, sheet.width, sheet.height), 0, 1)


def facing(relief: Field, unit: int) -> tuple[Field, Field]:
    """How far each point of a relief faces the sun, and how steep it is there."""
    raised: Field = relief * unit
    slope_y, slope_x = np.gradient(raised, axis=0), np.gradient(raised, axis=1)
    towards: Field = slope_x * -SUN[0] + slope_y * -SUN[1]
    steep: Field = np.sqrt(1 + slope_x**2 + slope_y**2)
    return towards, steep


def lay_stones(
    rng: np.random.Generator, sheet: Sheet, picture: Field, stones: list[Field]
) -> Field:
    """Rounded stones, lit where they face the sun, veined and pitted."""
    nearest = np.argmin(np.stack(stones), axis=0)
    distance = np.min(np.stack(stones), axis=0)
    tall = np.array([min(stone[2], stone[3]) for stone in STONES], dtype=np.float32)[nearest]
    inward = np.clip(-distance / tall, 0, 1)
    dome = np.sqrt(np.clip(1 - (1 - inward) ** 2.4, 0, 1)) * tall * 0.78
    dome = surface.blurred(dome, 0.0035 * sheet.unit)
    dome = dome + surface.clouds(rng, sheet, 26, octaves=5, gain=0.58) * 0.0021
    towards, steep = facing(dome, sheet.unit)
    lit = np.clip((0.40 + towards * 0.80) / steep, 0, 1)
    body = surface.ramp(
        lit,
        (
            (0.0, "#1d2023"),
            (0.25, "#33363a"),
            (0.5, "#575857"),
            (0.75, "#8d8a82"),
            (1.0, "#c4bcac"),
        ),
    )
    veins = surface.clouds(rng, sheet, 14, octaves=4)
    body = body * (1 + 0.06 * veins)[..., None]
    return surface.mix(picture, body, surface.smooth(-0.0010, 0.0010, -distance))


def render(long_side: int = 1640) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(909)
    sheet = Sheet.of(long_side, 1.0)
    rough = surface.clouds(rng, sheet, 20, octaves=4, gain=0.5)
    stones = [stone_distance(sheet, rough, stone) for stone in STONES]

    comb = raked(sheet, surface.clouds(rng, sheet, 9, octaves=3) * 0.0009)
    furrow = 0.5 + 0.5 * np.cos(2 * np.pi * comb)
    ground = surface.blurred(furrow, 0.0016 * sheet.unit) * SPACING * 0.40
    ground = ground + surface.clouds(rng, sheet, 380, octaves=2, gain=0.8) * 0.00024
    ground = ground + surface.clouds(rng, sheet, 120, octaves=2) * 0.00028
    towards, _ = facing(ground, sheet.unit)
    shade = np.clip(0.62 + towards * 0.44, 0, 1.2)
    picture = surface.ramp(
        shade,
        (
            (0.0, "#77716d"),
            (0.30, "#a69d92"),
            (0.62, "#d2c8b7"),
            (0.9, "#ece2cf"),
            (1.2, "#fdf5e5"),
        ),
    )
    speck = rng.random((sheet.height, sheet.width), dtype=np.float32)
    picture = picture * (1 - 0.20 * (speck > 0.985) + 0.05 * (speck < 0.02))[..., None]
    picture = picture * (1.05 - 0.17 * (sheet.x * 0.7 + sheet.y * 0.5))[..., None]

    dark = shadows(sheet, stones)
    red = leaf(sheet, 0.792, 0.262, 0.0265, 2.1)
    under = np.roll(red, (round(0.0042 * sheet.unit), round(0.0034 * sheet.unit)), (0, 1))
    dark = np.maximum(dark, surface.blurred(under, 0.0009 * sheet.unit) * 0.8)
    picture = picture * (1 - dark[..., None] * np.array([0.58, 0.53, 0.45], dtype=np.float32))

    around = np.min(np.stack(stones), axis=0)
    tufts = surface.clouds(rng, sheet, 130, octaves=3, gain=0.8)
    wide = surface.clouds(rng, sheet, 11, octaves=2)
    grown = surface.smooth(-0.001, 0.0025, 0.0050 + 0.0034 * wide - around + tufts * 0.0014)
    green = (
        surface.colour("#565a3c") * (0.86 + 0.16 * tufts)[..., None] * (1 - 0.45 * dark)[..., None]
    )
    picture = surface.mix(picture, green, grown)
    picture = lay_stones(rng, sheet, picture, stones)
    tone = 0.90 + 0.12 * np.cos((sheet.x - sheet.y) * 210)
    picture = surface.mix(picture, surface.colour("#ad3a22") * tone[..., None], red)
    return surface.as_jpeg(surface.grained(rng, picture, 0.012), 90)
