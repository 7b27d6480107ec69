"""Files made by code: good pictures of every accepted type, and bad ones."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms


def painting(width: int = 700, height: int = 500) -> Image.Image:
    """A picture with something in it."""
    down, across = np.indices((height, width))
    colours = [across * 255 // width, down * 255 // height, (across ^ down) % 256]
    return Image.fromarray(np.stack(colours, axis=-1).astype(np.uint8))


def canvas(width: int = 700, height: int = 500) -> Image.Image:
    """What a painter's or a camera's file is like: soft forms, and a grain over all of them."""
    down, across = np.indices((height, width)) / max(width, height)
    grain = np.random.default_rng(7).normal(0, 7, (height, width))
    forms = [np.sin(9 * across + 5 * down), np.sin(11 * down - 3 * across), np.cos(7 * across)]
    colours = [128 + 90 * form + grain for form in forms]
    return Image.fromarray(np.clip(np.stack(colours, axis=-1), 0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width: int = 700, height: int = 500, **options: object) -> bytes:
    """A PNG."""
    return encoded(painting(width, height), "PNG", **options)


def jpeg(width: int = 700, height: int = 500, **options: object) -> bytes:
    """A JPEG."""
    return encoded(painting(width, height), "JPEG", **options)


def animation(kind: str, *, frames: int = 8, width: int = 600, height: int = 400) -> bytes:
    """An animated picture whose frames differ."""
    still = painting(width, height)
    turned = [still.rotate(360 * index // frames) for index in range(frames)]
    return encoded(turned[0], kind, save_all=True, append_images=turned[1:], duration=80)


def geotagged_exif(*, orientation: int = 1) -> Image.Exif:
    """What a camera writes: a position, its maker and model, a rotation."""
    exif = Image.Exif()
    exif[0x010F] = "Leica"
    exif[0x0110] = "M11"
    exif[0x0112] = orientation
    position = exif.get_ifd(0x8825)
    position[1], position[2] = "N", (48.0, 51.0, 29.0)
    position[3], position[4] = "E", (2.0, 17.0, 40.0)
    return exif


def srgb_profile() -> bytes:
    """An ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few hundred bytes that declare billions of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def many_frames_gif(frames: int, *, width: int = 1, height: int = 1) -> bytes:
    """A GIF of many tiny frames; frames may be larger than the canvas of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b"\x3b"


SVG_WITH_SCRIPT = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>"""
