"""Status lists: a bit for each certificate, signed and dated."""

import base64
import gzip
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from nft.certificates import Issuer
from nft.integrity import ProofInvalid
from nft.status_lists import (
    LIST_BITS,
    NotAStatusList,
    decode_bits,
    encode_bits,
    entry,
    issue_list,
    read_list,
)

ISSUER = Issuer.local(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
LIST = "urn:vernissage:status-list:revocation:0"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 27, tzinfo=UTC)
places = st.sets(st.integers(0, LIST_BITS - 1), max_size=50)


def made(*set_places):
    return issue_list(LIST, "revocation", set_places, ISSUER, valid_from=NOON, valid_until=MIDNIGHT)


class TestBits:
    @given(places)
    def test_come_back(self, found):
        bits = decode_bits(encode_bits(found))

        assert {i for i in found if bits[i // 8] >> (7 - i % 8) & 1} == found
        assert sum(byte.bit_count() for byte in bits) == len(found)

    def test_begin_at_the_left_as_the_recommendation_says(self):
        assert decode_bits(encode_bits([0, 9]))[:2] == b"\x80\x40"

    def test_are_of_the_form_that_the_recommendation_shows(self):
        """Its example of an empty list, packed by another program."""
        example = "H4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"

        assert decode_bits("u" + example) == bytes(LIST_BITS // 8)

    def test_do_not_depend_on_the_time(self):
        packed = base64.urlsafe_b64decode(encode_bits([7])[1:] + "==")

        assert packed[4:8] == bytes(4)
        assert gzip.decompress(packed) == decode_bits(encode_bits([7]))

    @pytest.mark.parametrize("place", [-1, LIST_BITS])
    def test_outside_the_list_are_refused(self, place):
        with pytest.raises(NotAStatusList):
            encode_bits([place])
        with pytest.raises(NotAStatusList):
            read_list(made()).is_set(place)

    @pytest.mark.parametrize(
        "packed",
        [
            gzip.compress(bytes(LIST_BITS // 8 - 1)),
            gzip.compress(bytes(LIST_BITS // 8 + 1)),
            gzip.compress(bytes(1 << 24)),
            gzip.compress(bytes(LIST_BITS // 8)) + b"more",
            gzip.compress(bytes(LIST_BITS // 8))[:-4],
            b"no gzip",
        ],
        ids=["short", "long", "bomb", "tail", "cut", "other"],
    )
    def test_of_another_size_are_refused(self, packed):
        with pytest.raises(NotAStatusList):
            decode_bits("u" + base64.urlsafe_b64encode(packed).decode().rstrip("="))

    @pytest.mark.parametrize("text", ["", "zAAAA", "u***", "uÄ"])
    def test_in_another_alphabet_are_refused(self, text):
        with pytest.raises(NotAStatusList):
            decode_bits(text)


class TestLists:
    def test_say_what_is_set(self):
        found = read_list(made(3, 131_071))

        assert [found.is_set(i) for i in (2, 3, 4, 131_071)] == [False, True, False, True]
        assert (found.purpose, found.list_id, found.issuer) == ("revocation", LIST, ISSUER.did)
        assert found.valid_from == "2026-11-26T12:00:00Z"
        assert found.method == ISSUER.method

    def test_are_the_same_bytes_for_the_same_places(self):
        assert made(3, 5) == made(5, 3)

    def test_that_were_changed_are_refused(self):
        changed = made(3)
        changed["credentialSubject"]["encodedList"] = encode_bits([])

        with pytest.raises(ProofInvalid):
            read_list(changed)

    @pytest.mark.parametrize("name", ["id", "issuer", "validFrom", "validUntil", "type"])
    def test_that_lack_a_part_are_refused(self, name):
        document = made()
        del document[name]

        with pytest.raises(NotAStatusList):
            read_list(document)

    def test_give_a_certificate_its_place(self):
        assert entry(LIST, "revocation", 7) == {
            "id": f"{LIST}#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": LIST,
        }
