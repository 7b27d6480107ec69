"""
What a signature permits, said from the message itself; and who gets what of it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.intents.sentences import Teller, sentences_of
from api.intents.shares import of_signature
from api.languages import catalogue
from tests.pages import signatures
from tests.pages.exhibits import CURRENCIES, ETH

ALL = {
    "falling": signatures.falling,
    "offer": signatures.offer,
    "bulk": signatures.bulk,
    "auction": signatures.auction,
    "voucher": signatures.voucher,
    "statement": lambda: signatures.statement("Seven Valleys"),
}


def said(typed: dict[str, Any], language: str = "en", title: str = "Seven Valleys") -> list[str]:
    """The sentences without their markup."""
    locale = {"en": "en_GB", "zh": "zh_Hans_CN"}[language]
    teller = Teller(catalogue(language).gettext, locale, language, CURRENCIES, title)
    return [re.sub(r"<[^>]+>", "", str(line)) for line in sentences_of(typed, teller)]


class TestSentences:
    def test_a_falling_price_is_told_with_both_ends(self) -> None:
        first = said(signatures.falling())[0]

        assert first == (
            "You offer Seven Valleys to anybody at a price that falls evenly from 1\u00a0ETH on "
            "22 Nov 2026, 12:00 UTC to 0.5\u00a0ETH on 24 Nov 2026, 12:00 UTC, when the offer ends."
        )

    def test_an_offer_names_the_artist_and_warns_of_a_high_royalty(self) -> None:
        lines = said(signatures.offer())

        assert lines[0].startswith("You offer 1\u00a0WETH for any one work by 0x8ba1…BA72")
        assert "Mind the royalty: it may be more than a tenth of the price." in lines

    def test_many_orders_are_read_out_one_by_one(self) -> None:
        lines = said(signatures.bulk(), title="")

        assert lines[0].startswith("This one signature covers 3 offers")
        assert "for 2\u00a0ETH" in lines[2]

    def test_a_statement_names_the_works_and_that_it_stays(self) -> None:
        one = said(signatures.statement("Seven Valleys", copies=5))
        many = said(signatures.statement(*(f"Sheet {n}" for n in range(1, 21))))

        assert one[0].startswith("You state that Seven Valleys is by your hand")
        assert "It is of all 5 copies." in one
        assert many[0].startswith("You state that 20 works are by your hand")
        assert many[12:14] == ["12. Sheet 12", "And 8 more."]
        assert one[-1] == many[-1]
        assert one[-1].endswith("It cannot be taken back.")

    def test_an_auction_says_what_cannot_be_called_back(self) -> None:
        lines = said(signatures.auction())

        assert "It runs 24 hours from the first bid." in lines
        assert any("nothing you do can call it back" in line for line in lines)

    def test_a_voucher_says_how_many_and_for_whom(self) -> None:
        lines = said(signatures.voucher())

        assert lines[0].startswith("You let anybody mint the 12 works of the edition")
        assert "One account can take at most 2 of them." in lines

    @pytest.mark.parametrize("kind", sorted(ALL))
    def test_every_sentence_is_chinese_in_chinese(self, kind: str) -> None:
        lines = said(ALL[kind](), "zh")

        assert len(lines) == len(said(ALL[kind]()))
        assert all(re.search("[\u4e00-\u9fff]", line) for line in lines)

    def test_a_title_is_text_whatever_it_says(self) -> None:
        teller = Teller(str, "en_GB", "en", {}, "<script>")

        assert "<script>" not in str(sentences_of(signatures.falling(), teller)[0])

    def test_what_is_not_known_is_not_guessed_at(self) -> None:
        assert said({"primaryType": "Permit", "message": {}}) == []


class TestShares:
    @pytest.mark.parametrize("kind", ["falling", "offer", "auction", "voucher"])
    def test_parts_add_up_to_the_price(self, kind: str) -> None:
        found = of_signature(ALL[kind](), royalty_bps=750, fee_bps=200, say=str)

        assert found is not None
        assert sum(amount for _, amount in found.parts) == found.price

    def test_a_first_sale_owes_no_royalty(self) -> None:
        found = of_signature(signatures.voucher(), royalty_bps=750, fee_bps=200, say=str)

        assert found is not None
        assert found.parts == [
            ("to the seller", 245 * ETH // 1000),
            ("to the house", 5 * ETH // 1000),
        ]
