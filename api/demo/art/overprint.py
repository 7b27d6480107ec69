"""*Bowl, Moon, Table*: a still life in three printing inks, a little out of register."""

import numpy as np

from api.demo.art import surface
from api.demo.art.surface import Field, Sheet

RED, BLUE, YELLOW = "#ee5a3c", "#24407f", "#f0b12f"


def disc(sheet: Sheet, x: float, y: float, radius: float) -> Field:
    """A full circle's cover."""
    away = np.hypot(sheet.x - x, sheet.y - y)
    cover: Field = np.clip((radius - away) * sheet.unit + 0.5, 0, 1)
    return cover


def below(sheet: Sheet, y: float) -> Field:
    """All that lies under a level line."""
    cover: Field = np.clip((sheet.y - y) * sheet.unit + 0.5, 0, 1) * np.ones_like(sheet.x)
    return cover


def screened(rng: np.random.Generator, sheet: Sheet, tone: Field) -> Field:
    """A tone broken into grain as a stencil printer breaks it: dots, no greys."""
    height, width = sheet.height * 2 // 3, sheet.width * 2 // 3
    dots = rng.random((height, width), dtype=np.float32)
    dots = surface.resized(dots, sheet.width, sheet.height)
    return surface.smooth(-0.12, 0.12, tone - dots)


def pulled(rng: np.random.Generator, sheet: Sheet, cover: Field, dx: float, dy: float) -> Field:
    """One ink as it comes off the drum: shifted, mottled, with pinholes."""
    moved = np.roll(cover, (round(dy * sheet.unit), round(dx * sheet.unit)), (0, 1))
    mottle = surface.clouds(rng, sheet, 7, octaves=5, gain=0.6) * 0.035
    tooth = surface.clouds(rng, sheet, 330, octaves=2, gain=0.8)
    holes = surface.smooth(2.1, 2.7, tooth)
    bands = 0.014 * np.sin(sheet.y * 55 + 1)
    inked: Field = moved * (0.93 + mottle + bands + 0.035 * tooth) * (1 - 0.75 * holes)
    return inked


def hatched_shadows(sheet: Sheet) -> Field:
    """The shadows of bowl and cup on the cloth, drawn in lines."""
    x, y = sheet.x, sheet.y
    flat = ((x - 0.292) / 0.178) ** 2 + ((y - 0.716) / 0.034) ** 2
    cup_flat = ((x - 0.556) / 0.074) ** 2 + ((y - 0.696) / 0.015) ** 2
    cover = np.maximum(np.clip((1 - flat) * 60, 0, 1), np.clip((1 - cup_flat) * 40, 0, 1))
    hatch = 0.5 + 0.5 * np.cos(2 * np.pi * (y + 0.10 * x) / 0.0105)
    lines: Field = cover * surface.smooth(0.44, 0.60, hatch)
    return lines


def render(long_side: int = 2000) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(1955)
    sheet = Sheet.of(long_side, 5 / 7)
    x, y = sheet.x, sheet.y
    middle, table = 0.357, 0.660
    frame = np.maximum(np.abs(x - middle) - 0.300, np.abs(y - 0.5) - 0.437)
    window = np.clip(-frame * sheet.unit + 0.5, 0, 1)
    above = 1 - below(sheet, table)

    moon = disc(sheet, 0.430, 0.315, 0.178)
    bowl = disc(sheet, 0.300, 0.480, 0.180) * below(sheet, 0.480)
    foot = (np.abs(x - 0.300) < 0.062) * below(sheet, 0.640) * above
    fruit = disc(sheet, 0.238, 0.455, 0.066) * (1 - below(sheet, 0.480))
    second = disc(sheet, 0.345, 0.448, 0.050) * (1 - below(sheet, 0.480))
    cup = disc(sheet, 0.556, 0.585, 0.0765) * below(sheet, 0.585) * above

    fade = np.clip(1.06 - (y - 0.137) / 0.46, 0.10, 1)
    red = moon * screened(rng, sheet, np.clip(1.12 - (y - 0.30) / 0.34, 0, 1.2) * np.ones_like(x))
    cloth = below(sheet, table) * window
    night = screened(rng, sheet, 0.72 * fade) * window * above * (1 - moon)
    glaze = screened(rng, sheet, np.clip(0.66 + (x - 0.19) / 0.26, 0.55, 1.15) * np.ones_like(y))
    blue = np.maximum(
        night * (1 - bowl) * (1 - foot) * (1 - fruit) * (1 - second) * (1 - cup) * 0.92, 0
    )
    blue = np.maximum(blue, bowl * glaze)
    blue = np.maximum(blue, foot.astype(np.float32))
    blue = np.maximum(blue, hatched_shadows(sheet) * cloth)
    stripe = (np.abs(((y - 0.585) / 0.022) % 1 - 0.5) < 0.22) * cup
    blue = np.maximum(blue, stripe * 0.95)
    yellow = np.maximum(
        np.maximum(fruit, second),
        cloth * screened(rng, sheet, np.clip(0.95 - (y - table) / 0.42, 0, 1) * np.ones_like(x)),
    )
    yellow = np.maximum(yellow, cup)
    red = np.maximum(
        red * (1 - cup),
        second * screened(rng, sheet, np.clip((y - 0.40) / 0.08, 0, 1) * np.ones_like(x)),
    )

    picture = surface.paper(rng, sheet, "#f3ede0", tooth=1.0)
    picture = surface.wash(picture, YELLOW, pulled(rng, sheet, yellow, 0.0012, -0.0008))
    picture = surface.wash(picture, RED, pulled(rng, sheet, red, -0.0014, 0.0010))
    picture = surface.wash(picture, BLUE, pulled(rng, sheet, blue, 0.0004, 0.0014) * 0.97)
    return surface.as_jpeg(picture, 90)
