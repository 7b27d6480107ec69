"""Pictures with something to recognise, made by code, and what is done to pictures."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps


def composition(seed: int, *, width: int = 800, height: int = 600) -> Image.Image:
    """Soft clouds of colour with lines and discs over them; every seed is another picture."""
    random = np.random.default_rng(seed)
    clouds = np.zeros((height, width, 3))
    for octave in range(1, 6):
        for channel in range(3):
            coarse = random.normal(size=(2**octave, 2**octave)).astype(np.float32)
            layer = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
            clouds[..., channel] += np.asarray(layer) / octave
    clouds = 255 * (clouds - clouds.min()) / (clouds.max() - clouds.min())
    picture = Image.fromarray(clouds.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        ink = tuple(int(part) for part in random.integers(0, 256, 3))
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        size = int(random.integers(10, 140))
        if random.random() < 0.5:
            draw.ellipse([x - size, y - size, x + size, y + size], fill=ink)
        else:
            end = (int(random.integers(0, width)), int(random.integers(0, height)))
            draw.line([(x, y), end], fill=ink, width=max(2, size // 8))
    return picture


def noise(seed: int, *, width: int, height: int) -> Image.Image:
    """Coarse coloured noise from whole numbers alone: the same pixels everywhere."""
    state = np.uint64(seed * 2_654_435_761 + 1)
    cells = np.arange(21 * 21 * 3, dtype=np.uint64) * np.uint64(6_364_136_223_846_793_005) + state
    cells ^= cells >> np.uint64(29)
    cells *= np.uint64(0xBF58476D1CE4E5B9)
    cells ^= cells >> np.uint64(32)
    grid = (cells % np.uint64(256)).astype(np.uint8).reshape(21, 21, 3)
    down = (np.arange(height) * 21 // height)[:, None]
    across = (np.arange(width) * 21 // width)[None, :]
    return Image.fromarray(grid[down, across])


def jpeg(picture: Image.Image, quality: int = 40) -> Image.Image:
    """Compressed and opened again."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def cropped(picture: Image.Image, part: float) -> Image.Image:
    """Without `part` of width and height, half of it on each side."""
    across, down = picture.width * part / 2, picture.height * part / 2
    box = (round(across), round(down), round(picture.width - across), round(picture.height - down))
    return picture.crop(box)


def watermarked(picture: Image.Image) -> Image.Image:
    """With words across it."""
    marked = picture.copy()
    draw = ImageDraw.Draw(marked, "RGBA")
    across, down = picture.width, picture.height
    draw.rectangle([across * 0.1, down * 0.46, across * 0.9, down * 0.5], fill=(255, 255, 255, 120))
    return marked


NEAR: dict[str, Callable[[Image.Image], Image.Image]] = {
    "jpeg": jpeg,
    "quarter": lambda one: one.resize((one.width // 4, one.height // 4)),
    "grey": lambda one: one.convert("L"),
    "blur": lambda one: one.filter(ImageFilter.GaussianBlur(3)),
    "dark": lambda one: ImageEnhance.Brightness(one).enhance(0.7),
    "mirror": ImageOps.mirror,
    "quarter turn": lambda one: one.transpose(Image.Transpose.ROTATE_90),
    "half turn": lambda one: one.transpose(Image.Transpose.ROTATE_180),
    "crop 3": lambda one: cropped(one, 0.03),
    "crop 9": lambda one: cropped(one, 0.09),
    "crop 15": lambda one: cropped(one, 0.15),
    "white border": lambda one: ImageOps.expand(one, 40, "white"),
    "black border": lambda one: ImageOps.expand(one, 80, "black"),
    "mirrored crop": lambda one: cropped(ImageOps.mirror(one), 0.07),
    "pixels": lambda one: one.resize((one.width // 12, one.height // 12)).resize(
        one.size, Image.Resampling.NEAREST
    ),
}
"""What leaves a near copy."""

POSSIBLE: dict[str, Callable[[Image.Image], Image.Image]] = {
    "two degrees": lambda one: one.rotate(2, resample=Image.Resampling.BICUBIC),
    "one side": lambda one: one.crop((0, round(one.height * 0.06), one.width, one.height)),
    "watermark": watermarked,
}
"""What leaves a possible copy at least."""
