import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.content import Cid, cid_of_digest
from nft.content.cid import DAG_PB, RAW
from nft.errors import NotACid
from tests.nft.content.vectors import VECTORS

EVERY_CID = sorted(
    {made["cid"] for vector in VECTORS["files"] for made in vector["cids"].values()}
    | {made["cid"] for vector in VECTORS["directories"] for made in vector["cids"].values()}
)
HELLO = hashlib.sha256(b"hello world").digest()


class TestCid:
    @pytest.mark.parametrize("text", EVERY_CID)
    def test_writes_what_it_read(self, text):
        assert str(Cid.parse(text)) == text
        assert str(Cid.from_bytes(bytes(Cid.parse(text)))) == text

    def test_names_a_metadata_digest(self):
        assert cid_of_digest(HELLO) == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"

    def test_gives_one_identity_to_all_spellings_of_a_block(self):
        spelled = [
            Cid(version=0, codec=DAG_PB, digest=HELLO),
            Cid(version=1, codec=DAG_PB, digest=HELLO),
            Cid(version=1, codec=RAW, digest=HELLO),
            Cid.parse("zb2rhj7crUKTQYRGCRATFaQ6YFLTde2YzdqbbhAASkL9uRDXn"),
        ]

        assert {cid.digest for cid in spelled} == {HELLO}

    @given(
        st.binary(min_size=32, max_size=32), st.sampled_from([(0, DAG_PB), (1, DAG_PB), (1, RAW)])
    )
    def test_reads_back_any_digest(self, digest, kind):
        cid = Cid(version=kind[0], codec=kind[1], digest=digest)

        assert Cid.parse(str(cid)) == cid

    @given(st.text(max_size=120) | st.from_regex(r"(Qm|b|z)[a-zA-Z0-9]{0,60}", fullmatch=True))
    def test_reads_or_refuses_any_text(self, text):
        try:
            cid = Cid.parse(text)
        except NotACid:
            return
        assert Cid.parse(str(cid)) == cid

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "length"),
            ("b" * 101, "length"),
            ("bafyb\u0660", "letters"),
            ("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQ0", "base58"),
            ("mAVUSIAAA", "neither"),
            ("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5f", "canonical"),
            ("BAfKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E", "small letters"),
            ("bafkqac3imvwgy3zao5xxe3de", "SHA-256"),  # identity
            ("bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "codec"),  # dag-cbor
        ],
    )
    def test_refuses_what_is_no_cid_of_ours(self, text, why):
        with pytest.raises(NotACid, match=why):
            Cid.parse(text)

    def test_refuses_md5(self):
        md5 = bytes([1, RAW, 0xD5, 0x01, 16]) + bytes(16)

        with pytest.raises(NotACid, match="SHA-256"):
            Cid.from_bytes(md5)

    def test_refuses_a_version_0_behind_a_base_prefix(self):
        v0 = Cid(version=0, codec=DAG_PB, digest=HELLO)

        with pytest.raises(NotACid, match="no base prefix"):
            Cid.parse(f"z{v0}")

    def test_refuses_bytes_after_the_hash(self):
        with pytest.raises(NotACid, match="follow"):
            Cid.from_bytes(bytes(Cid.raw(HELLO)) + b"\0")
