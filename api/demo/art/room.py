"""*Four O'Clock, After the Move*: window light on an empty wall where a picture hung."""

import numpy as np
from PIL import Image, ImageDraw

from api.demo.art import surface
from api.demo.art.surface import Field, Sheet


def leaves(rng: np.random.Generator, sheet: Sheet) -> Field:
    """The shadow of a branch before the window: how much light each point loses."""
    shadow = Image.new("L", (sheet.width, sheet.height))
    draw = ImageDraw.Draw(shadow)
    scale = sheet.unit
    for start, sweep, rise in (
        ((0.80, 0.06), -0.46, 0.30),
        ((0.84, 0.22), -0.40, 0.38),
        ((0.70, 0.00), -0.16, 0.34),
        ((0.62, 0.02), -0.30, 0.20),
    ):
        t = np.linspace(0, 1, 60)
        bx = start[0] + sweep * t
        by = start[1] + rise * t**1.5 + 0.012 * np.sin(7 * t)
        spine = list(zip(bx * scale, by * scale, strict=True))
        draw.line(spine, fill=235, width=max(1, round(0.0042 * scale)))
        for k in range(4, 60, 3):
            side = 1 if k % 2 else -1
            angle = np.arctan2(rise * 1.2, sweep) + side * rng.uniform(0.5, 1.0)
            long, wide = rng.uniform(0.040, 0.062), rng.uniform(0.009, 0.014)
            u = np.linspace(0, 1, 22)
            half = wide * np.sin(np.pi * u**0.8)
            curl = 0.010 * u * u * side
            outline = []
            for sign, walk in ((1, range(22)), (-1, range(21, -1, -1))):
                for n in walk:
                    off = sign * half[n] + curl[n]
                    px = bx[k] + np.cos(angle) * u[n] * long - np.sin(angle) * off
                    py = by[k] + np.sin(angle) * u[n] * long + np.cos(angle) * off
                    outline.append((float(px * scale), float(py * scale)))
            draw.polygon(outline, fill=225)
    return np.asarray(shadow, dtype=np.float32) / 255


def panes(sheet: Sheet) -> tuple[Field, Field]:
    """Light through a sash of six panes, thrown slantwise: the light and the height in it."""
    u = (sheet.x - 0.205 + (sheet.y - 0.2) * 0.16) / 0.40
    v = (sheet.y - 0.130 - (sheet.x - 0.2) * 0.30) / 0.47
    soft = 0.006 + 0.016 * np.clip(v, 0, 1)
    light = np.zeros(np.broadcast_shapes(u.shape, v.shape), dtype=np.float32)
    for column in range(2):
        for row in range(3):
            across = np.abs(u - (column + 0.5) / 2) - 0.232
            down = (np.abs(v - (row + 0.5) / 3) - 0.148) * 1.1
            light += surface.smooth(-soft, soft, -across) * surface.smooth(-soft, soft, -down)
    return light, np.clip(v, 0, 1)


def render(long_side: int = 2000) -> bytes:
    """The picture as a JPEG."""
    rng = np.random.default_rng(4100)
    sheet = Sheet.of(long_side, 3 / 4)
    light, fall = panes(sheet)
    branch = leaves(rng, sheet)
    near, far = (
        surface.blurred(branch, sheet.unit * 0.0022),
        surface.blurred(branch, sheet.unit * 0.006),
    )
    light = light * (1 - 0.80 * (near * (1 - fall) + far * fall))
    light = light * (0.90 + 0.10 * np.cos(sheet.x * 3) * np.cos(sheet.y * 2))

    hung = np.maximum(np.abs(sheet.x - 0.485) - 0.128, np.abs(sheet.y - 0.485) - 0.170)
    ghost = surface.smooth(-0.0022, 0.0022, -hung)
    plaster = surface.clouds(rng, sheet, 6, octaves=4, gain=0.6) * 0.012
    trowel = surface.clouds(rng, sheet, 46, octaves=4, gain=0.7, stretch=2)
    relief = (trowel - np.roll(trowel, 2, axis=1) + trowel - np.roll(trowel, 2, axis=0)) * 0.012

    shade = surface.ramp(
        sheet.y + 0.18 * (1 - sheet.x),
        (
            (0.0, "#9a9894"),
            (0.5, "#8b8a8a"),
            (1.0, "#6f7078"),
        ),
    )
    shade = shade * (1 + plaster + ghost * 0.085)[..., None]
    spill = surface.glow(light, sheet.unit * 0.07)
    lit = surface.colour("#f8dfae") * (1 + plaster * 0.6 + relief + ghost * 0.030)[..., None]
    picture = surface.mix(shade, surface.colour("#d8b98c"), spill * 0.34)
    picture = surface.mix(picture, lit, np.clip(light * 0.93, 0, 1))

    picture = nail(sheet, picture)
    picture = floor(rng, sheet, picture, spill)
    return surface.as_jpeg(surface.grained(rng, picture, 0.024))


def nail(sheet: Sheet, picture: Field) -> Field:
    """The nail that was left, and its shadow."""
    nail_x, nail_y = 0.485, 0.347
    from_nail = np.hypot(sheet.x - nail_x, sheet.y - nail_y)
    long_shadow = np.abs((sheet.x - nail_x) * 0.78 + (sheet.y - nail_y) * 0.62)
    run = (sheet.y - nail_y) * 0.78 - (sheet.x - nail_x) * 0.62
    cast = (
        surface.smooth(-0.0010, 0.0010, 0.0016 - long_shadow)
        * surface.smooth(0, 0.003, run)
        * (1 - surface.smooth(0.02, 0.042, run))
    )
    picture = picture * (1 - 0.42 * cast)[..., None]
    head = surface.smooth(-0.0008, 0.0008, 0.0026 - from_nail)
    return surface.mix(picture, surface.colour("#3a3733"), head)


def floor(rng: np.random.Generator, sheet: Sheet, picture: Field, spill: Field) -> Field:
    """The skirting, which catches a little of the light, and the dark of the floor."""
    board = surface.smooth(0.9215, 0.9225, sheet.y) * np.ones_like(sheet.x)
    rail = (
        surface.colour("#7a7672")
        * (0.86 + 0.5 * spill + 0.04 * np.cos((sheet.y - 0.925) * 90))[..., None]
    )
    picture = surface.mix(picture, rail, board)
    lip = np.exp(-(((sheet.y - 0.9232) / 0.0016) ** 2)) * np.ones_like(sheet.x)
    picture = surface.mix(picture, surface.colour("#b7ab98"), lip * 0.55)
    dark = surface.smooth(0.9745, 0.9755, sheet.y) * np.ones_like(sheet.x)
    wood = (
        surface.colour("#3e3531")
        * (1 + 0.06 * surface.clouds(rng, sheet, 40, stretch=20))[..., None]
    )
    return surface.mix(picture, wood, dark)
