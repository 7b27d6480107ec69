"""The works of the demo exhibition: what they promise on their labels is what they are."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from api.demo.art.catalogue import DemoWork, works
from api.demo.people import PEOPLE

WORKS = {work.slug: work for work in works()}
every_work = pytest.mark.parametrize("work", WORKS.values(), ids=WORKS.keys())


class TestCatalogue:
    def test_shows_about_a_dozen_works_by_three_artists(self) -> None:
        assert len(WORKS) == 12
        assert len({work.artist for work in works()}) == 3

    def test_names_each_work_and_file_once(self) -> None:
        assert len({work.title for work in works()}) == 12
        assert len({work.filename for work in works()}) == 12
        assert len({work.inventory for work in works()}) == 12

    def test_hangs_every_format(self) -> None:
        ratios = [width / height for width, height in map(size_on_label, works())]

        assert min(ratios) < 0.5
        assert max(ratios) > 2
        assert any(abs(ratio - 1) < 0.01 for ratio in ratios)

    def test_keeps_royalties_where_no_one_has_to_confirm_them(self) -> None:
        assert all(0 < work.royalty_bps <= 1_000 for work in works())

    def test_has_a_chinese_title(self) -> None:
        assert "空山新雨" in {work.title for work in works()}

    @every_work
    def test_describes_the_work_to_those_who_cannot_see_it(self, work: DemoWork) -> None:
        assert len(work.alt_text) > 60
        assert work.description != work.alt_text


class TestPeople:
    def test_are_six_with_an_account_and_a_name_each(self) -> None:
        assert len({person.name for person in PEOPLE}) == 6
        assert len({person.index for person in PEOPLE}) == 6

    def test_leave_the_deployers_account_alone(self) -> None:
        assert 0 not in {person.index for person in PEOPLE}

    def test_are_three_artists_two_collectors_and_a_gallery(self) -> None:
        roles = sorted(person.role for person in PEOPLE)

        assert roles == ["artist", "artist", "artist", "collector", "collector", "gallery"]


class TestRender:
    @every_work
    def test_is_the_same_bytes_every_time(self, work: DemoWork) -> None:
        first, second = work.render(320), work.render(320)

        assert sha256(first).hexdigest() == sha256(second).hexdigest()

    @every_work
    def test_is_the_file_that_the_label_promises(self, work: DemoWork) -> None:
        data = work.render()

        with Image.open(BytesIO(data)) as picture:
            assert Image.MIME[str(picture.format)] == work.mime
            assert picture.size == size_on_label(work)
            assert max(picture.size) >= 1_600
            assert getattr(picture, "n_frames", 1) == (36 if work.slug == "the-lamp-left-on" else 1)
        assert len(data) < 3_000_000


def size_on_label(work: DemoWork) -> tuple[int, int]:
    """The size in pixels that a label states."""
    width, height = work.dimensions.removesuffix(" px").split(" × ")
    return int(width), int(height)
