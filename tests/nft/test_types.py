"""Addresses, digests and amounts are read strictly and written one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import NotADigest, NotAnAddress, NotAnAmount
from nft.types import UINT256_MAX, Address, Digest, TokenRef, caip10, parse_uint

CHECKSUMMED = [  # the examples of EIP-55
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


class TestAddress:
    @pytest.mark.parametrize("text", CHECKSUMMED)
    def test_writes_the_checksum_of_eip_55(self, text):
        assert str(Address.parse(text.lower())) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "0x",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd",
            "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",  # checksum of one letter is wrong
            "0x" + "g" * 40,
            "0x" + " " * 40,
            "0x" + "1" * 38 + "١١",  # digits of another script
        ],
    )
    def test_refuses_anything_else(self, text):
        with pytest.raises(NotAnAddress):
            Address.parse(text)

    def test_refuses_a_wrong_length(self):
        with pytest.raises(NotAnAddress):
            Address(b"\x01" * 19)


class TestDigest:
    @given(st.binary(min_size=32, max_size=32))
    def test_reads_what_it_writes(self, data):
        assert Digest.parse(str(Digest(data))) == data

    @pytest.mark.parametrize("text", ["", "0x", "0x" + "1" * 63, "1" * 64, "0x" + "z" * 64])
    def test_refuses_anything_else(self, text):
        with pytest.raises(NotADigest):
            Digest.parse(text)


class TestAmounts:
    @given(st.integers(min_value=0, max_value=UINT256_MAX))
    def test_r18_reads_every_uint256(self, number):
        assert parse_uint(str(number)) == number

    @pytest.mark.parametrize(
        "text",
        ["", "-1", "+1", "1.0", "1e18", "0x10", "01", " 1", "1_000", "NaN", "١", "１", "9" * 400],
    )
    def test_refuses_anything_but_plain_digits(self, text):
        with pytest.raises(NotAnAmount):
            parse_uint(text)

    def test_refuses_what_is_above_the_range(self):
        with pytest.raises(NotAnAmount):
            parse_uint(str(UINT256_MAX + 1))


class TestTokenRef:
    @given(st.integers(min_value=1, max_value=2**53), st.integers(0, UINT256_MAX))
    def test_reads_its_caip_19(self, chain_id, token_id):
        token = TokenRef(chain_id, Address.parse(CHECKSUMMED[0]), token_id)

        assert TokenRef.parse_caip19(token.caip19) == token

    def test_names_an_account_by_caip_10(self):
        assert caip10(1, Address.parse(CHECKSUMMED[0])) == f"eip155:1:{CHECKSUMMED[0]}"

    @pytest.mark.parametrize(
        "text", ["", "eip155:1", "solana:1/erc721:0x/1", f"eip155:1/erc20:{CHECKSUMMED[0]}/1"]
    )
    def test_refuses_other_assets(self, text):
        with pytest.raises((NotAnAmount, NotAnAddress)):
            TokenRef.parse_caip19(text)
