"""
What was printed is kept under a name for all that it depends on, and never grows too large.
"""

import asyncio
from dataclasses import fields, replace
from datetime import date
from itertools import combinations

import pytest

from api.forms.prints import Prints, drawn, tag_of
from tests.support.sheets import picture_in, sheet


class TestTags:
    def test_each_part_of_a_sheet_has_its_own(self, tmp_path):
        plain = sheet(picture=picture_in(tmp_path))
        other = picture_in(tmp_path, (400, 400))
        changes = {
            "body": plain.body + b" ",
            "code": "abcdefghijkl",
            "language": "zh",
            "public_url": "https://another.example",
            "picture": None,
            "anchored_on": date(2026, 11, 27),
        }
        pictures = {
            "file": other.file,
            "type": "image/png",
            "width": 801,
            "height": 501,
        }
        sheets = [replace(plain, **{name: value}) for name, value in changes.items()]
        sheets += [
            replace(plain, picture=replace(plain.picture, **{name: value}))
            for name, value in pictures.items()
        ]
        tags = [tag_of(one) for one in (plain, *sheets)]

        alike = [pair for pair in combinations(enumerate(tags), 2) if pair[0][1] == pair[1][1]]

        assert alike == []
        assert set(changes) == {field.name for field in fields(plain)}
        assert set(pictures) == {field.name for field in fields(plain.picture)}

    def test_a_file_has_the_same_wherever_the_store_lies(self, tmp_path):
        here, there = tmp_path / "here", tmp_path / "there"
        here.mkdir()
        there.mkdir()

        assert tag_of(sheet(picture=picture_in(here))) == tag_of(sheet(picture=picture_in(there)))


class TestPrints:
    @pytest.fixture
    async def two(self):
        """Two sheets, and what each is when it is printed."""
        sheets = [sheet(), sheet(title="Eight Valleys")]
        return [(one, tag_of(one), await drawn(one)) for one in sheets]

    async def test_keep_what_printing_gives(self, two):
        prints = Prints(1 << 20)
        found = [await prints.of(one, tag) for one, tag, _ in two]

        again = [await prints.of(one, tag) for one, tag, _ in two]

        assert found == [body for _, _, body in two]
        assert [id(body) for body in again] == [id(body) for body in found]
        assert prints.size == sum(len(body) for body in found)

    async def test_let_go_of_what_nobody_asked_for_longest(self, two):
        (first, first_tag, first_body), (second, second_tag, second_body) = two
        prints = Prints(len(first_body) + len(second_body) - 1)
        before = await prints.of(first, first_tag)
        newer = await prints.of(second, second_tag)

        size, count = prints.size, len(prints)
        still = await prints.of(second, second_tag)
        after = await prints.of(first, first_tag)

        assert (size, count) == (len(second_body), 1)
        assert still is newer
        assert after is not before
        assert after == before

    async def test_keep_nothing_without_room(self, two):
        (first, tag, body), _ = two
        prints = Prints(0)

        assert [await prints.of(first, tag), await prints.of(first, tag)] == [body, body]
        assert (prints.size, len(prints)) == (0, 0)

    async def test_print_once_for_all_who_wait(self, two):
        (first, tag, body), _ = two
        prints = Prints(0)

        one, other = await asyncio.gather(prints.of(first, tag), prints.of(first, tag))

        assert one is other
        assert one == body

    async def test_a_reader_who_leaves_takes_nobodys_sheet_away(self, two):
        (first, tag, body), _ = two
        prints = Prints(1 << 20)
        leaving = asyncio.create_task(prints.of(first, tag))
        staying = asyncio.create_task(prints.of(first, tag))
        await asyncio.sleep(0)

        leaving.cancel()

        assert await staying == body
        assert leaving.cancelled()

    async def test_what_cannot_be_printed_is_tried_anew(self, two):
        (first, _, body), _ = two
        prints = Prints(1 << 20)
        with pytest.raises(ValueError, match="Expecting property"):
            await prints.of(replace(first, body=b"{"), "tag")

        assert await prints.of(first, "tag") == body
