"""
The one word for an intent: what was seen outranks what was reported, and both what was wished.
"""

import pytest

from api.intents.states import Seen, finality, state_of


def seen(**changed: object) -> Seen:
    given = {"is_prepared": True, "is_abandoned": False, "is_expired": False}
    return Seen(**{**given, **changed})


class TestStateOf:
    @pytest.mark.parametrize(
        ("changed", "state"),
        [
            ({"is_prepared": False}, "preparing"),
            ({}, "prepared"),
            ({"is_expired": True}, "abandoned"),
            ({"is_abandoned": True}, "abandoned"),
            ({"is_expired": True, "fates": ["submitted"]}, "submitted"),
            ({"is_abandoned": True, "fates": ["submitted"]}, "abandoned"),
            ({"is_abandoned": True, "fates": ["in_block"]}, "in_block"),
            ({"is_abandoned": True, "evidence": "in_block"}, "in_block"),
            ({"evidence": "final", "fates": ["failed"]}, "final"),
            ({"fates": ["failed", "submitted"]}, "submitted"),
            ({"fates": ["failed", "confirmed"]}, "confirmed"),
            ({"fates": ["dropped", "failed"]}, "failed"),
            ({"fates": ["replaced"]}, "replaced"),
            ({"fates": ["dropped"]}, "dropped"),
            ({"fates": ["unknown"]}, "unknown"),
        ],
    )
    def test_is_the_word_that_says_most(self, changed: dict[str, object], state: str):
        assert state_of(seen(**changed)) == state


class TestFinality:
    @pytest.mark.parametrize(
        ("block", "word"), [(5, "final"), (6, "confirmed"), (7, "confirmed"), (8, "in_block")]
    )
    def test_follows_the_chains_own_words(self, block: int, word: str):
        assert finality(block, safe=7, final=5) == word
