"""
Pictures derived from an original: smaller, without metadata, the same bytes every time.

Each width comes as WebP and, for readers that do not know it, as JPEG (PNG where there is
transparency). Nothing is enlarged. A short animation stays one in its WebP files and shows its
first frame elsewhere. Colours are brought to sRGB before the profile is dropped, and a camera's
rotation is applied before its note of it is dropped.

Runs inside the child process of `media.checks`, never in a server.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, ImageSequence

WIDTHS = (480, 960, 1600)
ANIMATED_WIDTHS = (480, 960)
MAX_ANIMATED_FRAMES = 240
BLUR_SIDE = 16
_TALLEST = 4
"""No variant is more than this many times as high as its width is."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One derived file: `name` is `w480.webp` and the like."""

    name: str
    type: str
    width: int
    height: int
    data: bytes


def derive(image: Image.Image) -> Iterator[Variant]:
    """Make all variants of a decoded picture, smallest first."""
    frames = int(getattr(image, "n_frames", 1))
    image.seek(0)
    base = _flat(image, WIDTHS[-1])
    is_animation = 1 < frames <= MAX_ANIMATED_FRAMES
    moving = _moving(image) if is_animation else None
    for width in WIDTHS:
        still = _fitted(base, width)
        if moving and width in ANIMATED_WIDTHS:
            yield _animated(moving, width)
        elif not moving:
            yield _file(still, f"w{width}.webp", "WEBP", quality=82, method=4)
        yield _fallback(still, width)
        if base.width <= width:
            return


def blur(image: Image.Image) -> str:
    """A placeholder of a few hundred bytes as a data URL, shown until the picture has come."""
    image.seek(0)
    tiny = _flat(image, BLUR_SIDE)
    tiny.thumbnail((BLUR_SIDE, BLUR_SIDE))
    data = _file(tiny, "blur.webp", "WEBP", quality=40, method=6).data
    return "data:image/webp;base64," + b64encode(data).decode("ascii")


def _flat(image: Image.Image, width: int) -> Image.Image:
    """The current frame as upright sRGB, RGB or RGBA, at most `width` wide and free of notes."""
    profile = image.info.get("icc_profile")
    plain = image.copy() if image.mode in ("RGB", "RGBA", "CMYK", "L") else _expanded(image)
    plain = ImageOps.exif_transpose(plain)
    plain.thumbnail((width, width * _TALLEST), Image.Resampling.LANCZOS)
    if profile:
        plain = _to_srgb(plain, profile)
    if plain.mode not in ("RGB", "RGBA"):
        plain = plain.convert("RGB")
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _expanded(image: Image.Image) -> Image.Image:
    """Palettes, transparency keys and 16 bits, as plain 8-bit colour."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey: `convert` would clip them at 255, so they are scaled first.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = "transparency" in image.info or image.mode in ("LA", "PA", "La", "RGBa")
    expanded = image.convert("RGBA" if has_alpha else "RGB")
    exif = image.info.get("exif")
    if exif:
        expanded.info["exif"] = exif
    return expanded


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
    if base.width <= width:
        return base
    height = max(1, round(base.height * width / base.width))
    return base.resize((width, height), Image.Resampling.LANCZOS)


def _fallback(still: Image.Image, width: int) -> Variant:
    if still.mode == "RGBA" and still.getchannel("A").getextrema() != (255, 255):
        return _file(still, f"w{width}.png", "PNG", optimize=True)
    return _file(
        still.convert("RGB"), f"w{width}.jpg", "JPEG", quality=85, progressive=True, optimize=True
    )


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
