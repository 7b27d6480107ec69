"""What was seen in the original is seen in its variants, whatever pixels it is made of."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from media import variants
from tests.media import pictures

TOLERANCE = 4
RED, GREY = (214, 42, 38), (128, 128, 128)
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
"""Display P3's primaries against D50, a row for each, as such profiles state them."""


def seen(data):
    """The colour in the middle of each variant."""
    with Image.open(io.BytesIO(data)) as image:
        variants.prepare(image)
        made = list(variants.derive(image))
    assert {"image/avif", "image/webp"} < {each.type for each in made}
    shown = [Image.open(io.BytesIO(each.data)) for each in made]
    assert [image.info.get("icc_profile") for image in shown] == [None] * len(shown)
    return [image.convert("RGB").getpixel((image.width // 2, image.height // 2)) for image in shown]


def is_near(colours, wanted):
    return np.abs(np.array(colours) - np.array(wanted)).max() <= TOLERANCE


def patch(colour, size=(240, 180)):
    """A patch on a canvas, which has more than a few colours and so goes through lossy coders."""
    image = pictures.canvas(*size)
    image.paste(colour, (60, 45, 180, 135))
    return image


def p3_profile():
    """A display profile of two matrices' worth: primaries of P3 and a plain gamma of 2.2."""

    def xyz(values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"text\0\0\0\0P3\0\0"
    said = b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + bytes(78)
    tags = {b"desc": said + b"\0" * (-len(said) % 4), b"cprt": text}
    tags |= {b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    tags |= {b"rXYZ": xyz(P3[0]), b"gXYZ": xyz(P3[1]), b"bXYZ": xyz(P3[2])}
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


def p3_as_srgb(colour):
    """By the definitions of both spaces, without a colour library."""
    srgb = np.array(
        [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.0139, 0.0971, 0.7141]]
    )
    light = (np.array(colour) / 255) ** 2.2
    linear = np.clip(np.linalg.inv(srgb) @ np.array(P3).T @ light, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple(int(value) for value in np.round(curved * 255))


def png_of_16_bits(image):
    """Sixteen bits a channel, which Pillow does not write."""
    pixels = (np.asarray(image).astype(np.uint16) * 257).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", *image.size, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(pictures.chunk(*each) for each in chunks)


class TestColours:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
    def test_keeps_a_red(self, kind):
        data = pictures.encoded(patch(RED), kind, quality=95)

        assert is_near(seen(data), RED)

    def test_keeps_sixteen_bits_of_colour(self):
        assert is_near(seen(png_of_16_bits(patch(RED))), RED)

    def test_keeps_sixteen_bits_of_grey(self):
        grey = np.asarray(patch(GREY).convert("L")).astype(np.uint16) * 257

        assert is_near(seen(pictures.encoded(Image.fromarray(grey), "PNG")), GREY)

    def test_keeps_a_palette(self):
        data = pictures.encoded(patch(RED).quantize(256), "PNG")
        with Image.open(io.BytesIO(data)) as image:
            wanted = image.convert("RGB").getpixel((120, 90))

        assert is_near(seen(data), wanted)

    def test_turns_ink_into_light(self):
        ink = patch(RED).convert("CMYK")
        ink.paste((0, 255, 255, 0), (60, 45, 180, 135))

        assert is_near(seen(pictures.encoded(ink, "JPEG", quality=95)), (255, 0, 0))

    @pytest.mark.parametrize("colour", [RED, GREY, (60, 180, 90), (20, 60, 230)])
    def test_brings_a_wider_space_to_srgb(self, colour):
        data = pictures.encoded(patch(colour), "PNG", icc_profile=p3_profile())

        wanted = p3_as_srgb(colour)

        assert is_near(seen(data), wanted)

    def test_passes_over_a_profile_that_is_none(self):
        data = pictures.encoded(patch(RED), "PNG", icc_profile=b"no profile at all")

        assert is_near(seen(data), RED)

    def test_lets_no_colour_of_the_unseen_bleed_in(self):
        image = Image.new("RGBA", (1200, 1200), (0, 255, 0, 0))
        image.paste((*RED, 255), (0, 0, 600, 1200))

        made = {each.name: each for each in variants.derive(image)}

        edge = np.asarray(Image.open(io.BytesIO(made["w480.png"].data)).convert("RGBA"))[240]
        shown = edge[edge[:, 3] > 16]
        assert is_near(shown[:, :3], RED)


class TestBigPictures:
    def test_reads_a_big_jpeg_smaller(self):
        data = pictures.jpeg(6000, 3000)

        with Image.open(io.BytesIO(data)) as image:
            variants.prepare(image)

            assert image.size == (3000, 1500)

    def test_reads_a_turned_one_as_high_as_its_variants_are_wide(self):
        data = pictures.jpeg(2000, 5400, exif=pictures.geotagged_exif(orientation=6))

        with Image.open(io.BytesIO(data)) as image:
            variants.prepare(image)
            made = {each.name: each for each in variants.derive(image)}

        assert image.size == (1000, 2700)
        assert (made["w2560.webp"].width, made["w2560.webp"].height) == (2560, 948)

    def test_leaves_small_ones_and_other_types_alone(self):
        for data in (pictures.jpeg(5000, 300), pictures.png(5400, 300)):
            with Image.open(io.BytesIO(data)) as image:
                size = image.size
                variants.prepare(image)

                assert image.size == size
