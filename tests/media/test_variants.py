import io

import pytest
from PIL import Image

from media.checks import Inspection, inspect
from tests.media import pictures


@pytest.fixture
def derived(tmp_path):
    """Derive variants of bytes: name → opened picture."""

    def made(data):
        path = tmp_path / "upload"
        path.write_bytes(data)
        folder = tmp_path / f"variants-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        found = inspect(path, folder)
        assert isinstance(found, Inspection), found
        made.found = found
        return {each.name: (folder / each.name).read_bytes() for each in found.variants}

    return made


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


class TestStills:
    def test_makes_three_widths_in_two_formats(self, derived):
        files = derived(pictures.jpeg(2000, 1000))

        assert {name: opened(data).size for name, data in files.items()} == {
            "w480.webp": (480, 240),
            "w480.jpg": (480, 240),
            "w960.webp": (960, 480),
            "w960.jpg": (960, 480),
            "w1600.webp": (1600, 800),
            "w1600.jpg": (1600, 800),
        }

    def test_enlarges_nothing(self, derived):
        files = derived(pictures.png(700, 500))

        assert {name: opened(data).width for name, data in files.items()} == {
            "w480.webp": 480,
            "w480.jpg": 480,
            "w960.webp": 700,
            "w960.jpg": 700,
        }

    def test_keeps_transparency(self, derived):
        image = pictures.painting(300, 300).convert("RGBA")
        image.putalpha(Image.linear_gradient("L").resize((300, 300)))

        files = derived(pictures.encoded(image, "PNG"))

        assert sorted(files) == ["w480.png", "w480.webp"]
        assert opened(files["w480.png"]).getchannel("A").getextrema() == (0, 255)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_strips_position_and_camera(self, derived, kind):
        exif = pictures.geotagged_exif()
        original = pictures.encoded(
            pictures.painting(), kind, exif=exif, icc_profile=pictures.srgb_profile()
        )
        assert b"Leica" in original

        files = derived(original)

        assert [name for name, data in files.items() if b"Leica" in data or b"Exif" in data] == []
        assert [name for name, data in files.items() if opened(data).info.get("icc_profile")] == []

    def test_turns_the_picture_as_the_camera_noted(self, derived):
        files = derived(pictures.jpeg(900, 600, exif=pictures.geotagged_exif(orientation=6)))

        assert opened(files["w480.jpg"]).size == (480, 720)

    def test_makes_the_same_bytes_again(self, derived):
        data = pictures.png(1200, 800)

        assert derived(data) == derived(data)

    def test_bounds_the_height_of_a_scroll(self, derived):
        files = derived(pictures.png(100, 5000))

        assert max(opened(data).height for data in files.values()) <= 6400

    def test_gives_a_small_placeholder(self, derived):
        derived(pictures.png(1200, 800))

        assert derived.found.blur.startswith("data:image/webp;base64,")
        assert len(derived.found.blur) < 600


class TestAnimations:
    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_keeps_a_short_animation_moving(self, derived, kind):
        files = derived(pictures.animation(kind, frames=5))

        assert opened(files["w480.webp"]).n_frames == 5
        assert sorted(files) == ["w480.jpg", "w480.webp", "w960.jpg", "w960.webp"]

    def test_shows_the_first_frame_of_a_long_one(self, derived):
        frames = [Image.new("RGB", (20, 20), (index, 99, 255 - index)) for index in range(250)]
        data = pictures.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

        files = derived(data)

        assert opened(files["w480.webp"]).n_frames == 1
