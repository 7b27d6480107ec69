"""The card of a work: nothing of it is cropped, and every letter of its label is drawn."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media import cards
from media.cards import Card, draw
from media.lettering import ITALIC, ROMAN, SANS, Lettering, Style
from tests.media import pictures

FONTS = Path(__file__).parents[2] / "api" / "static" / "vendor"
BARS = [(200, 300, 500, 300), (700, 200, 700, 600)]
FRAME = (255, 0, 255)


def card(title="Seven Valleys", artist="I. Marlowe", *, is_upright=False):
    return Card(title, artist, "2026, digital drawing", BARS, is_upright)


def drawn(label, picture=None):
    """The pixels of a card."""
    with Image.open(io.BytesIO(draw(label, picture, FONTS))) as image:
        assert (image.format, image.size, image.info.get("icc_profile")) == (
            "JPEG",
            (1200, 630),
            None,
        )
        return np.asarray(image.convert("RGB")).astype(int)


def framed(width, height):
    """A picture whose four edges can be recognised."""
    image = Image.new("RGB", (width, height), FRAME)
    image.paste(pictures.canvas(width - 40, height - 40), (20, 20))
    return image


def extent(pixels, colour, tolerance=60):
    """The box around every pixel of about this colour."""
    down, across = np.where(np.abs(pixels - np.array(colour)).max(axis=-1) < tolerance)
    return across.min(), down.min(), across.max() + 1, down.max() + 1


class TestDraw:
    @pytest.mark.parametrize("size", [(1600, 1000), (1000, 1600), (800, 800), (1600, 500)])
    def test_hangs_all_of_the_work_at_its_own_proportions(self, size):
        left, top, right, bottom = extent(drawn(card(), framed(*size)), FRAME)

        assert left >= cards.MARGIN - 1
        assert top >= cards.MARGIN - 1
        assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=0.02)

    def test_enlarges_a_small_drawing_by_whole_pixels(self):
        image = Image.new("RGB", (4, 4), (0, 0, 255))
        image.putpixel((3, 3), (0, 255, 0))

        left, top, right, bottom = extent(drawn(card(), image), (0, 255, 0), tolerance=90)

        assert right - left == pytest.approx(bottom - top, abs=2)
        assert right - left > 100

    def test_hangs_transparent_works_on_the_wall(self):
        image = Image.new("RGBA", (900, 900), (0, 0, 0, 0))
        image.paste((0, 0, 255, 255), (400, 400, 500, 500))

        pixels = drawn(card(), image)

        assert np.abs(pixels[100, 450] - np.array(cards.WALL)).max() <= 3

    def test_bears_the_seal_in_red(self):
        left, _, right, bottom = extent(drawn(card()), cards.SEAL, tolerance=30)

        assert right - left == pytest.approx(cards.SEAL_SIDE, abs=5)
        assert bottom <= cards.SIZE[1] - cards.MARGIN + 1

    def test_is_the_same_bytes_again(self):
        picture = framed(1600, 1000)

        assert draw(card(), picture, FONTS) == draw(card(), picture, FONTS)

    def test_differs_with_its_title_in_any_script(self):
        titles = ["七个太阳", "七个月亮", "Łódź", "Lodz"]

        made = {draw(card(title, is_upright=True), None, FONTS) for title in titles}

        assert len(made) == 4

    def test_bounds_a_title_without_end(self):
        pixels = drawn(card("estuary" * 2_000), framed(800, 800))

        ink = np.abs(pixels - np.array(cards.INK)).max(axis=-1) < 40
        assert not ink[:, cards.SIZE[0] - cards.MARGIN + 4 :].any()
        assert draw(card("", ""), None, FONTS)


class TestLettering:
    @pytest.fixture
    def letters(self):
        return Lettering(FONTS)

    @pytest.mark.parametrize(
        "text", ["Seven Valleys", "Łódź", "七个太阳", "《》，。", "Łódź 七个太阳"]
    )
    @pytest.mark.parametrize("face", [ROMAN, ITALIC, SANS])
    def test_has_every_character(self, letters, text, face):
        style = Style(face, 40)

        alone = [letters.width(character, style) for character in text]

        assert min(alone) > 0

    def test_leaves_out_what_no_face_has(self, letters):
        style = Style(ROMAN, 40)

        assert letters.width("a\u0e01\u0e02b", style) == letters.width("ab", style)

    def test_breaks_between_words_and_between_characters(self, letters):
        style = Style(ROMAN, 40)

        english = letters.lines("Low Water, Evening", style, 240, 3)
        chinese = letters.lines("七个太阳，和月亮", style, 130, 4)

        assert english == ["Low Water,", "Evening"]
        assert "".join(chinese) == "七个太阳，和月亮"
        assert [line for line in chinese if line.startswith("，")] == []

    def test_ends_what_does_not_fit(self, letters):
        lines = letters.lines("one two three four five six", Style(ROMAN, 40), 200, 2)

        assert len(lines) == 2
        assert lines[-1].endswith("…")
        assert letters.width(lines[-1], Style(ROMAN, 40)) <= 200
