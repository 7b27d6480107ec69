"""
Texts that two readers could understand differently are no documents.
"""

import pytest

from nft.strict_json import NotStrict, parse

DEEPEST = b"[" * 64 + b"]" * 64

REFUSED = {
    "nothing": b"",
    "a name twice": b'{"a": 1, "a": 1}',
    "a name twice, once escaped": b'{"a": 1, "\\u0061": 1}',
    "a name twice, deep inside": b'{"b": [{"a": 1, "a": 2}]}',
    "a fraction": b"[1.5]",
    "a whole fraction": b"[1.0]",
    "an exponent": b"[1e2]",
    "minus nothing": b"[-0]",
    "above 2^53": b"[9007199254740992]",
    "below -2^53": b"[-9007199254740992]",
    "very long": b"[" + b"9" * 10_000 + b"]",
    "no number": b"[NaN]",
    "infinity": b"[Infinity]",
    "minus infinity": b"[-Infinity]",
    "half a pair": b'["\\ud800"]',
    "half a pair as a name": b'{"\\udc00": 1}',
    "a mark of byte order": b"\xef\xbb\xbf[]",
    "another encoding": "[1]".encode("utf-16"),
    "bytes that are no text": b'["\xff"]',
    "a surrogate in UTF-8": b'["\xed\xa0\x80"]',
    "bytes after the end": b"[] []",
    "a comma too many": b"[1,]",
    "a sign within a string": b'["\n"]',
    "too deep": b"[" + DEEPEST + b"]",
    "very deep": b"[" * 100_000,
}


class TestParse:
    @pytest.mark.parametrize("what", REFUSED)
    def test_refuses(self, what: str) -> None:
        with pytest.raises(NotStrict):
            parse(REFUSED[what])

    def test_reads_the_rest(self) -> None:
        text = (
            ' {"\\ud83d\\ude00": [9007199254740991, -9007199254740991, 0, true, null, "é\\u0000"]} '
        )

        assert parse(text.encode()) == {"😀": [2**53 - 1, 1 - 2**53, 0, True, None, "é\0"]}

    def test_reads_sixty_four_levels(self) -> None:
        assert parse(DEEPEST)
