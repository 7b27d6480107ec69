"""
Pictures derived from an original: smaller, without metadata, the same bytes every time.

Each width comes as AVIF, as WebP, and as JPEG (PNG where there is transparency) for readers that
know neither. Nothing is enlarged. A short animation stays one in its WebP files and shows its
first frame elsewhere; it has no AVIF, which a page would prefer to the moving one. Colours are
brought to sRGB before the profile is dropped, and a camera's rotation is applied before its note
of it is dropped.

Whoever changes a byte that comes out here raises `media.recipes.RECIPE`; `media.deriving` then
makes the variants of older contents again.

Runs inside the child process of `media.checks`, never in a server.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageCms, ImageSequence

from media.upright import is_sideways, plain, turned

WIDTHS = (480, 960, 1600, 2560)
FALLBACK_WIDTHS = (480, 960, 1600)
"""Who reads neither AVIF nor WebP has no screen that shows more."""
ANIMATED_WIDTHS = (480, 960)
MAX_ANIMATED_FRAMES = 240
BLUR_SIDE = 16
_TALLEST = 4
"""No variant is more than this many times as high as its width is."""
_FEW_COLOURS = 256
_FALLBACK_TYPES = ("image/jpeg", "image/png")
_UNIVERSAL = ("JPEG", "PNG", "GIF")
"""Originals that every reader shows as they are."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One derived file: `name` is `w480.webp` and the like."""

    name: str
    type: str
    width: int
    height: int
    data: bytes


def prepare(image: Image.Image) -> None:
    """
    Have a big JPEG decoded at a half, a quarter or an eighth, still wider than any variant.

    For a picture that was opened and not yet loaded; `image.size` is the smaller one afterwards.
    All of the file's data is read and checked as before, but an 80-megapixel picture then takes
    15 MB instead of 240. Does nothing to any other type.
    """
    least = (1, WIDTHS[-1]) if is_sideways(image) else (WIDTHS[-1], 1)
    image.draft(None, least)


def derive(image: Image.Image, *, original_bytes: int | None = None) -> Iterator[Variant]:
    """
    Make all variants of a decoded picture, smallest first.

    Given the size of its file, a still that is not smaller than that is left out: the original
    serves as well. The smallest fallback stays in any case, and so does every fallback of an
    original that not all readers know.
    """
    is_moving = 1 < _frames(image) <= MAX_ANIMATED_FRAMES
    made = list(_moved(image) if is_moving else _stills(image))
    if _total(made, "avif") >= _total(made, "webp"):
        made = [variant for variant in made if variant.type != "image/avif"]
    fallbacks = [variant for variant in made if variant.type in _FALLBACK_TYPES]
    needed = fallbacks[:1] if image.format in _UNIVERSAL else fallbacks
    for variant in made:
        is_light = original_bytes is None or len(variant.data) < original_bytes
        if is_light or is_moving or variant in needed:
            yield variant


def blur(image: Image.Image) -> str:
    """A placeholder of a few hundred bytes as a data URL, shown until the picture has come."""
    image.seek(0)
    tiny = _flat(image, BLUR_SIDE)
    tiny.thumbnail((BLUR_SIDE, BLUR_SIDE))
    data = _file(tiny, "blur.webp", "WEBP", quality=40, method=6).data
    return "data:image/webp;base64," + b64encode(data).decode("ascii")


def _total(made: Iterable[Variant], kind: str) -> int:
    return sum(len(variant.data) for variant in made if variant.type == f"image/{kind}")


def _frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _stills(image: Image.Image) -> Iterator[Variant]:
    image.seek(0)
    base = _flat(image, WIDTHS[-1])
    for width in WIDTHS:
        still = _fitted(base, width)
        yield _avif(still, width)
        yield _webp(still, width)
        if width in FALLBACK_WIDTHS:
            yield _fallback(still, width)
        if base.width <= width:
            return


def _moved(image: Image.Image) -> Iterator[Variant]:
    moving = _moving(image)
    image.seek(0)
    base = _flat(image, ANIMATED_WIDTHS[-1])
    for width in ANIMATED_WIDTHS:
        yield _animated(moving, width)
        yield _fallback(_fitted(base, width), width)
        if base.width <= width:
            return


def _flat(image: Image.Image, width: int) -> Image.Image:
    """The current frame as upright sRGB, RGB or RGBA, at most `width` wide and free of notes."""
    profile = image.info.get("icc_profile")
    most = (width * _TALLEST, width) if is_sideways(image) else (width, width * _TALLEST)
    # Made small first: everything after it would otherwise copy the whole original once more.
    small = plain(image)
    small = small.resize(_within(small.size, most), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small = turned(small, image)
    if profile:
        small = _to_srgb(small, profile)
    if small.mode not in ("RGB", "RGBA"):
        small = small.convert("RGB")
    if small.mode == "RGBA" and small.getchannel("A").getextrema() == (255, 255):
        small = small.convert("RGB")
    clean = Image.new(small.mode, small.size)
    clean.paste(small)
    return clean


def _within(size: tuple[int, int], most: tuple[int, int]) -> tuple[int, int]:
    """The size shrunk in proportion, never enlarged."""
    scale = min(1.0, most[0] / size[0], most[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colour = image.convert("RGB") if alpha else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            colour, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # A profile that cannot be read is passed over, as browsers do.
    result = converted or colour
    if alpha:
        result.putalpha(alpha)
    return result


def _fitted(base: Image.Image, width: int) -> Image.Image:
    """In `width`; Pillow multiplies by the alpha first, so no colour of the unseen bleeds in."""
    if base.width <= width:
        return base
    height = max(1, round(base.height * width / base.width))
    return base.resize((width, height), Image.Resampling.LANCZOS)


def _avif(still: Image.Image, width: int) -> Variant:
    """One thread: with more, libaom gives other bytes. Colour in full, for red lines and seals."""
    return _file(
        still,
        f"w{width}.avif",
        "AVIF",
        quality=60,
        speed=8 if width < WIDTHS[-1] else 9,
        subsampling="4:4:4",
        codec="aom",
        max_threads=1,
    )


def _webp(still: Image.Image, width: int) -> Variant:
    lossy = _file(still, f"w{width}.webp", "WEBP", quality=82, method=4)
    if not _has_few_colours(still):
        return lossy
    exact = _file(still, f"w{width}.webp", "WEBP", lossless=True, quality=60, method=4)
    return min(exact, lossy, key=lambda variant: len(variant.data))


def _fallback(still: Image.Image, width: int) -> Variant:
    lossy = partial(
        _file, still, f"w{width}.jpg", "JPEG", quality=85, progressive=True, optimize=True
    )
    if still.mode == "RGB" and not _has_few_colours(still):
        return lossy()
    exact = _file(still, f"w{width}.png", "PNG", optimize=True)
    if still.mode == "RGBA":
        return exact
    return min(exact, lossy(), key=lambda variant: len(variant.data))


def _has_few_colours(still: Image.Image) -> bool:
    """Drawn pixel by pixel, or flat: then keeping every pixel often takes fewer bytes too."""
    return still.getcolors(_FEW_COLOURS) is not None


@dataclass(frozen=True, slots=True)
class _Moving:
    """An animation at its largest derived width; decoded once, since that is what takes long."""

    frames: list[Image.Image]
    durations: list[int]
    loop: int


def _moving(image: Image.Image) -> _Moving:
    frames = []
    durations = []
    for frame in ImageSequence.Iterator(image):
        durations.append(int(frame.info.get("duration", 100)) or 100)
        frames.append(_flat(frame, ANIMATED_WIDTHS[-1]).convert("RGBA"))
    return _Moving(frames, durations, loop=int(image.info.get("loop", 0)))


def _animated(moving: _Moving, width: int) -> Variant:
    frames = [_fitted(frame, width) for frame in moving.frames]
    return _file(
        frames[0],
        f"w{width}.webp",
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=moving.durations,
        loop=moving.loop,
        quality=75,
        method=0,
    )


def _file(image: Image.Image, name: str, kind: str, **options: object) -> Variant:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return Variant(
        name=name,
        type=f"image/{kind.lower()}",
        width=image.width,
        height=image.height,
        data=out.getvalue(),
    )
