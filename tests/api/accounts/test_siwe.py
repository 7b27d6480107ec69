"""
The sign-in text: what is read comes out again byte for byte, and nothing else is read.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.accounts.siwe import SignIn, SignInMessageInvalid, parse
from nft.errors import ExchangeError
from nft.types import Address

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ARTIST = Address.parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")


def message(**changed: object) -> SignIn:
    given = {
        "domain": "vernissage.example",
        "address": ARTIST,
        "uri": "https://vernissage.example",
        "chain_id": 1,
        "nonce": "0123456789abcdef",
        "issued_at": NOON,
        "expires_at": NOON.replace(minute=10),
    }
    return SignIn(**{**given, **changed})


class TestParse:
    def test_reads_what_is_written(self):
        assert parse(message().text()) == message()

    @given(
        chain_id=st.integers(1, 10**15),
        nonce=st.from_regex(r"[A-Za-z0-9]{8,64}", fullmatch=True),
        second=st.integers(0, 59),
    )
    def test_reads_every_text_that_is_written(self, chain_id: int, nonce: str, second: int):
        written = message(chain_id=chain_id, nonce=nonce, issued_at=NOON.replace(second=second))

        assert parse(written.text()) == written

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Version: 1", "Version: 2"),
            ("Chain ID: 1", "Chain ID: 01"),
            ("Chain ID: 1", "Chain ID: 1 "),
            ("Nonce: 0123456789abcdef", "Nonce: 0123"),
            (str(ARTIST), str(ARTIST).lower()),
            ("vernissage.example wants", "vernіssage.example wants"),
            ("T12:00:00Z", "T12:00:00+00:00"),
            ("T12:00:00Z", "T25:00:00Z"),
            ("\nURI", "\n\nURI"),
            ("Version: 1", "Version: 1\nResources:\n- https://elsewhere.example"),
            ("\n", "\r\n"),
            ("Chain ID: 1", "Chain ID: １"),
        ],
    )
    def test_refuses_any_other_spelling(self, old: str, new: str):
        text = message().text().replace(old, new)

        with pytest.raises(ExchangeError):
            parse(text)

    @given(st.text(max_size=400))
    def test_refuses_what_is_no_message(self, text: str):
        with pytest.raises(SignInMessageInvalid):
            parse(text)
