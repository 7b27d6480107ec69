"""
A picture as it is meant to be seen, whatever its file says in passing: which way up, and in
which plain colours. What is derived from a picture and what it is recognised by agree on it.
"""

from __future__ import annotations

from PIL import Image

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_PLAIN = ("L", "RGB", "RGBA", "CMYK")


def turned(small: Image.Image, image: Image.Image) -> Image.Image:
    """`small`, which was made of `image`, upright by the rotation that a camera noted (EXIF)."""
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    return small if turn is None else small.transpose(turn)


def is_sideways(image: Image.Image) -> bool:
    """Whether width and height change places when the picture is upright."""
    return image.getexif().get(_ORIENTATION, 1) in _SIDEWAYS


def plain(image: Image.Image) -> Image.Image:
    """Palettes, transparency keys and 16 bits, as plain 8-bit colour; others are as they were."""
    if image.mode in _PLAIN:
        return image
    if image.mode.startswith(("I", "F")):
        # Sixteen bits of grey: `convert` would clip them at 255, so they are scaled first.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = "transparency" in image.info or image.mode in ("LA", "PA", "La", "RGBa")
    return image.convert("RGBA" if has_alpha else "RGB")
