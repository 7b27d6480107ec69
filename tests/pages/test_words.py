"""
Every message of the pages is said in every language, with the same places for values.
"""

from __future__ import annotations

import re

import pytest

from api.languages import LANGUAGES, accepted, catalogue
from tests.pages.words import extracted, kept

OTHERS = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def places(text: str) -> set[str]:
    """The values that a message has places for."""
    return {one or other for one, other in PLACE.findall(text)}


@pytest.mark.parametrize("language", OTHERS)
class TestCatalogue:
    def test_misses_nothing(self, language: str) -> None:
        words = catalogue(language).messages

        wanted = [each.id if isinstance(each.id, str) else each.id[0] for each in extracted()]

        assert [message for message in wanted if message and not words.get(message)] == []

    def test_holds_nothing_that_no_page_says(self, language: str) -> None:
        said = {each.id for each in extracted()}

        assert [each.id for each in kept(language) if each.id not in said] == []

    def test_has_a_place_for_every_value(self, language: str) -> None:
        words = catalogue(language).messages

        wrong = {
            message
            for message, said in words.items()
            for text in said
            if not places(text) >= places(message)
        }

        assert wrong == set()

    def test_gives_scripts_their_words(self, language: str) -> None:
        browser = catalogue(language).browser

        assert "Continue in the wallet" in browser
        assert "Provenance" not in browser


class TestAcceptLanguage:
    @pytest.mark.parametrize(
        ("header", "language"),
        [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("de;q=0.9,en;q=0.5", "en"),
            ("en;q=0.4,zh;q=0.6", "zh"),
            ("zh;q=0", "en"),
            ("", "en"),
            (";;;,,q=1", "en"),
        ],
    )
    def test_takes_the_best_of_ours(self, header: str, language: str) -> None:
        assert accepted(header) == language
