"""A report's sentences in another language: each is found as itself, however it is filled."""

import re

import pytest

from api.certificates.service import READ_BACK
from api.certificates.verifying import JUST_NOW
from api.certificates.wording import told
from api.languages import catalogue
from nft.verification.words import VALUES, WORDS

BLANK = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("key", sorted(WORDS))
def test_a_filled_sentence_is_found_as_the_one_it_is(key):
    template = WORDS[key]
    sentence = BLANK.sub("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", template)

    assert told(sentence, lambda found: BLANK.sub("", found)) == BLANK.sub("", template)


@pytest.mark.parametrize(
    ("sentence", "chinese"),
    [
        (
            "the file has the stated SHA-256 (read back from embedded at 2026-11-26 12:00 UTC)",
            "该文件具有所载的 SHA-256（2026-11-26 12:00 UTC 从 内置存储 读回）",
        ),
        (
            "the file has the stated SHA-256 (read back from kubo at 2026-11-26 12:00 UTC)",
            "该文件具有所载的 SHA-256（2026-11-26 12:00 UTC 从 kubo 读回）",
        ),
        ("the key is that of this exchange", "该密钥属于本交易所"),
        ("the key is that of Galerie Nord", "该密钥属于Galerie Nord"),
        (
            "the work's own description has another title, media",
            "作品自己的说明中，下列各项与此不同：标题，文件",
        ),
    ],
)
def test_what_fills_a_sentence_is_said_in_chinese_where_it_is_words(sentence, chinese):
    words = catalogue("zh").messages

    assert told(sentence, lambda english: words.get(english, (english,))[0]) == chinese


def test_what_the_exchange_read_is_told_in_known_words():
    assert {READ_BACK, JUST_NOW} <= set(VALUES["source"])
