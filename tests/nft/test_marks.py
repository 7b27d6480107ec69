"""
Marks and claims: what a signature covers, which texts are taken, and the course of a claim.
"""

from dataclasses import replace

import pytest

from nft.claims import ClaimIsOver, Course, Moment, is_earlier
from nft.errors import MetadataInvalid
from nft.marks import Mark, TakenBack, TextInvalid, check_plain
from nft.signing import typed_data_digest
from nft.types import Address, Digest, TokenRef

TOKEN = TokenRef(31337, Address(b"\x0c" * 20), 7)
MARK = Mark(token=TOKEN, kind="stolen", reason="Taken.", transfer_count=2, issued_at=9)


class TestSignature:
    def test_holds_for_one_work_one_owner_and_one_time(self) -> None:
        others = [
            MARK,
            replace(MARK, token=TokenRef(1, TOKEN.contract, 7)),
            replace(MARK, token=TokenRef(31337, Address(b"\x0d" * 20), 7)),
            replace(MARK, token=TokenRef(31337, TOKEN.contract, 8)),
            replace(MARK, kind="lost"),
            replace(MARK, reason="Taken!"),
            replace(MARK, transfer_count=3),
            replace(MARK, issued_at=10),
        ]

        assert len({typed_data_digest(one.typed_data()) for one in others}) == len(others)

    def test_taking_back_names_the_mark(self) -> None:
        back = TakenBack(token=TOKEN, mark=Digest(b"\x01" * 32), reason="Found.", issued_at=9)
        other = replace(back, mark=Digest(b"\x02" * 32))

        assert typed_data_digest(back.typed_data()) != typed_data_digest(other.typed_data())


class TestPlainText:
    def test_is_trimmed_and_kept(self) -> None:
        assert check_plain("reason", "  1 < 2, 我的作品 \n") == "1 < 2, 我的作品"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " \n ",
            "x" * 2_001,
            "<script>alert(1)</script>",
            "a < /b>",
            "<!-- x",
            "<img src=x onerror=alert(1)>",
            "nice\u202etext",
            "zero\u200bwidth",
            "\x00",
            "bell\x07",
            "\ud800",
        ],
    )
    def test_hostile_texts_are_refused(self, text: str) -> None:
        with pytest.raises((TextInvalid, MetadataInvalid)):
            check_plain("reason", text)


class TestCourse:
    def test_opens_and_is_answered(self) -> None:
        assert Course().state == "open"
        assert Course(answers=("claimant",)).state == "open"
        assert Course(answers=("claimant", "artist")).state == "answered"

    def test_ends_by_decision_or_withdrawal(self) -> None:
        assert Course(answers=("owner",), decision="upheld").state == "upheld"
        assert Course(decision="rejected").state == "rejected"
        assert Course(is_withdrawn=True).state == "withdrawn"

    @pytest.mark.parametrize(
        "over", [Course(decision="upheld"), Course(decision="rejected"), Course(is_withdrawn=True)]
    )
    def test_nothing_is_added_when_it_is_over(self, over: Course) -> None:
        with pytest.raises(ClaimIsOver):
            over.check_goes_on()

    def test_earlier_is_by_place_on_one_chain_and_by_time_on_two(self) -> None:
        shown, disputed = Moment(50, 5, 9), Moment(50, 5, 10)

        assert is_earlier(shown, disputed, same_chain=True)
        assert not is_earlier(disputed, shown, same_chain=True)
        assert not is_earlier(shown, disputed, same_chain=False)
