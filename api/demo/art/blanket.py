"""*Blanket for a Cold Spring*: a weaving in five wools, thread by thread."""

import numpy as np

from api.demo.art import surface
from api.demo.art.brush import Ink
from api.demo.art.surface import Field, Sheet

WOOLS = ("#e9e1d0", "#2b2c33", "#c9973f", "#a4472f", "#52697a", "#8d8a7c")
"""Cream, charcoal, ochre, brick, slate and grey."""

BANDS = (5, 2, 8, 1, 3, 13, 2, 5, 1, 8, 3, 2, 21, 3, 1, 8, 2, 5)
"""Heights of the bands from the top, after Fibonacci, as weavers count."""

DRAFT = (
    "000000",
    "111111",
    "005500",
    "333333",
    "000000",
    "044440",
    "111111",
    "022220",
    "333333",
    "105501",
    "000000",
    "111111",
    "300443",
    "000000",
    "333333",
    "022220",
    "111111",
    "000000",
)
"""Which wool each of six columns shows in each band."""

PICKS, ENDS = 264, 176


def design() -> Field:
    """The wool at each crossing of weft and warp, as numbers of `WOOLS`."""
    columns = (2, 3, 6, 6, 3, 2)
    across = np.repeat(np.arange(6), np.round(np.array(columns) / 22 * ENDS).astype(int))
    across = np.pad(across, (0, max(0, ENDS - across.size)), mode="edge")[:ENDS]
    heights = np.round(np.cumsum(BANDS) / sum(BANDS) * PICKS).astype(int)
    rows = np.searchsorted(heights, np.arange(PICKS), side="right")
    table = np.array([[int(mark) for mark in row] for row in DRAFT])
    cloth: Field = table[np.minimum(rows, len(DRAFT) - 1)][:, across]
    return cloth


def render(long_side: int = 2000) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(318)
    sheet = Sheet.of(long_side, 4 / 5)
    left, right, top, bottom = 0.072, 0.728, 0.075, 0.925
    sag = 0.0022 * np.sin(sheet.x * 7 + 0.5)
    waver = surface.clouds(rng, sheet, 7, octaves=4) * 0.0009
    warp = (sheet.x + waver - left) / (right - left) * ENDS
    weft = (
        (sheet.y + sag + surface.clouds(rng, sheet, 7, octaves=4) * 0.0009 - top)
        / (bottom - top)
        * PICKS
    )
    cloth, hung = woven(rng, warp, weft)

    wall = (
        surface.colour("#dcd8d0")
        * (1 + 0.010 * surface.clouds(rng, sheet, 4) - 0.10 * (sheet.y - 0.4))[..., None]
    )
    fringe = tassels(rng, sheet, left, right, top, bottom)
    cover = np.maximum(hung, np.clip(fringe, 0, 1))
    shadow = surface.glow(
        np.roll(cover, (round(0.007 * sheet.unit), round(0.005 * sheet.unit)), (0, 1)),
        0.008 * sheet.unit,
    )
    close = surface.blurred(np.roll(cover, round(0.002 * sheet.unit), 0), 0.0016 * sheet.unit)
    wall = wall * (1 - 0.26 * shadow - 0.22 * close)[..., None]
    drape = 1 + 0.035 * np.sin(sheet.x * 21 + 0.4 * np.sin(sheet.y * 5)) * (0.4 + 0.6 * sheet.y)
    picture = surface.mix(
        wall,
        surface.colour("#d9d0bd") * (0.92 + 0.1 * np.minimum(fringe, 1.4)[..., None] / 1.4),
        np.clip(fringe * 0.9, 0, 1),
    )
    picture = surface.mix(picture, cloth * drape[..., None], hung)
    return surface.as_jpeg(surface.grained(rng, picture, 0.012))


def woven(rng: np.random.Generator, warp: Field, weft: Field) -> tuple[Field, Field]:
    """The cloth's colour thread by thread, and where there is cloth at all."""
    column, row = np.floor(warp).astype(np.int64), np.floor(weft).astype(np.int64)
    inside = (column >= 0) & (column < ENDS) & (row >= 0) & (row < PICKS)
    column, row = np.clip(column, 0, ENDS - 1), np.clip(row, 0, PICKS - 1)

    wool = design()[row, column].astype(np.int64)
    turned = np.where(wool % 2 == 0, (column + row) % 4, (column - row) % 4)
    over = turned == 0
    shades = np.stack([surface.colour(code) for code in WOOLS])
    dye = 1 + 0.055 * rng.standard_normal((PICKS, 1)) + 0.03 * rng.standard_normal((PICKS, ENDS))
    colour = shades[wool] * dye[row, column][..., None]
    warp_shade = np.where(
        (wool == 1)[..., None], surface.colour("#4a4a50"), surface.colour("#d8cfbc")
    )
    colour = np.where(over[..., None], warp_shade, colour)

    fx, fy = warp - np.floor(warp) - 0.5, weft - np.floor(weft) - 0.5
    thread = np.where(over, fx, fy) * 2
    round_ = np.sqrt(np.clip(1 - (thread * 0.92) ** 2, 0, 1))
    ends = np.where(over, fy, fx) * 2
    dip = 1 - 0.20 * ends**4 * np.where(over, 1.0, turned == 1)
    twist = 0.05 * np.sin((np.where(over, weft, warp) * 5 + np.where(over, fx, fy) * 4) * np.pi)
    fuzz = 0.05 * rng.standard_normal(over.shape, dtype=np.float32)
    cloth = colour * ((0.50 + 0.55 * round_) * dip + twist + fuzz)[..., None]
    return cloth, inside.astype(np.float32)


def tassels(
    rng: np.random.Generator, sheet: Sheet, left: float, right: float, top: float, bottom: float
) -> Field:
    """The warp's loose ends, knotted in bunches above and below."""
    ink = Ink(sheet)
    steps = 90
    t = np.linspace(0, 1, steps)
    bunches = 44
    for edge, way in ((top, -1.0), (bottom, 1.0)):
        for bunch in range(bunches):
            root = left + (right - left) * (bunch + 0.5) / bunches
            lean = rng.normal(0, 0.0025)
            for _ in range(13):
                start = root + rng.uniform(-0.0055, 0.0055)
                knot = root + rng.normal(0, 0.0008)
                end = root + lean + rng.normal(0, 0.0024)
                pinch = np.clip(t / 0.22, 0, 1)
                loose = np.clip((t - 0.22) / 0.78, 0, 1) ** 1.3
                x = start + (knot - start) * pinch + (end - knot) * loose
                y = edge + way * (t * rng.uniform(0.026, 0.032)) - way * 0.002
                ink.line(x, y, 0.75)
    return ink.density()
