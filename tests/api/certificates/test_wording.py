"""A report's sentences in another language: each is found as itself, however it is filled."""

import re

import pytest

from api.certificates.wording import told
from nft.verification.words import WORDS

BLANK = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("key", sorted(WORDS))
def test_a_filled_sentence_is_found_as_the_one_it_is(key):
    template = WORDS[key]
    sentence = BLANK.sub("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", template)

    assert told(sentence, lambda found: BLANK.sub("", found)) == BLANK.sub("", template)
