"""
PDQ against Meta's own code (by vectors), and what pictures survive.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media import fingerprints
from media.fingerprints import SIDES_KEPT, Fingerprint, distance, pdq, transposed
from tests.media import likenesses, pictures

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "pdq.json").read_text())["pictures"]


def luma(picture):
    return np.asarray(picture, np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def all_eight(found):
    upside, mirrored = found.hashes[1], found.hashes[2]
    turned = [transposed(one) for one in (found.hashes[0], mirrored, upside, found.hashes[3])]
    return [*found.hashes, *turned]


def whole(picture):
    return fingerprints.of(picture)[0]


class TestReference:
    @pytest.mark.parametrize("vector", VECTORS, ids=lambda one: str(one["seed"]))
    def test_is_what_the_reference_computes(self, vector):
        picture = likenesses.noise(vector["seed"], width=vector["width"], height=vector["height"])

        hash_, quality = pdq(luma(picture))

        # Sums in single precision may put a frequency on the other side of the median.
        assert distance(hash_, bytes.fromhex(vector["hash"])) <= 2
        assert quality == vector["quality"]

    @pytest.mark.parametrize("vector", VECTORS[:20], ids=lambda one: str(one["seed"]))
    def test_has_the_reference_s_symmetries(self, vector):
        picture = likenesses.noise(vector["seed"], width=vector["width"], height=vector["height"])

        found = all_eight(fingerprints._fingerprint(luma(picture), 0))

        wanted = [bytes.fromhex(one) for one in vector["symmetries"]]
        assert max(map(distance, found, wanted)) <= 4


class TestSymmetries:
    @pytest.mark.parametrize(
        ("name", "how"),
        [
            ("upside_down_mirrored", Image.Transpose.FLIP_TOP_BOTTOM),
            ("mirrored", Image.Transpose.FLIP_LEFT_RIGHT),
            ("turned_180", Image.Transpose.ROTATE_180),
            ("transposed", Image.Transpose.TRANSPOSE),
            ("turned_90", Image.Transpose.ROTATE_90),
            ("turned_270", Image.Transpose.ROTATE_270),
            ("transverse", Image.Transpose.TRANSVERSE),
        ],
    )
    def test_names_what_was_done_to_the_picture(self, name, how):
        picture = likenesses.composition(5)
        here = fingerprints.SYMMETRIES.index(name)

        laid_down = whole(picture.transpose(how)).hashes[0]

        distances = [distance(laid_down, one) for one in all_eight(whole(picture))]
        assert distances.index(min(distances)) == here
        assert distances[here] <= 8

    def test_keeps_four_and_derives_the_others(self):
        assert len(whole(likenesses.composition(1)).hashes) == SIDES_KEPT


class TestOf:
    def test_of_a_framed_picture_knows_the_inside(self):
        picture = likenesses.composition(3)
        framed = likenesses.NEAR["white border"](picture)

        kinds = {one.kind: one for one in fingerprints.of(framed)}

        inside = kinds[fingerprints.WITHOUT_BORDER].hashes[0]
        assert distance(inside, whole(picture).hashes[0]) <= 16
        assert distance(kinds[fingerprints.WHOLE].hashes[0], whole(picture).hashes[0]) > 80

    def test_of_a_flat_picture_is_nothing(self):
        assert fingerprints.of(Image.new("RGB", (300, 200), (12, 90, 40))) == []

    def test_of_a_tiny_picture_is_nothing(self):
        assert fingerprints.of(Image.new("RGB", (1, 1), "red")) == []

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
    def test_takes_every_mode(self, mode):
        picture = likenesses.composition(7)
        grey = picture.convert("L")
        made = (
            Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
            if mode == "I;16"
            else picture.convert(mode)
        )

        assert distance(whole(made).hashes[0], whole(picture).hashes[0]) <= 30

    def test_turns_a_photograph_upright(self):
        picture = likenesses.composition(8)
        turned = picture.transpose(Image.Transpose.ROTATE_90)
        exif = pictures.geotagged_exif(orientation=6)
        data = pictures.encoded(turned, "JPEG", exif=exif, quality=95)
        path = pictures.io.BytesIO(data)

        with Image.open(path) as photograph:
            found = whole(photograph)

        assert distance(found.hashes[0], whole(picture).hashes[0]) <= 4

    def test_is_the_same_after_json(self):
        found = fingerprints.of(likenesses.composition(9))

        read = [Fingerprint.read(json.loads(json.dumps(one.facts()))) for one in found]

        assert read == found

    def test_refuses_hashes_of_another_length(self):
        facts = {"kind": 0, "quality": 50, "hashes": ["00" * 31] * 4}

        with pytest.raises(ValueError, match="32 bytes"):
            Fingerprint.read(facts)
