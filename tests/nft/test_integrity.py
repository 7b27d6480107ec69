"""`eddsa-jcs-2022` against the W3C's own vector, and against tampering."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from nft.integrity import (
    ProofInvalid,
    check_proof,
    decode_base58,
    did_key,
    encode_base58,
    multikey,
    parse_multikey,
    secure,
)

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "eddsa-jcs-2022.json").read_text())
KEY = Ed25519PrivateKey.from_private_bytes(decode_base58(VECTOR["privateKeyMultibase"][1:])[2:])


def _signed() -> dict:
    return secure(
        VECTOR["document"],
        key=KEY,
        method=VECTOR["verificationMethod"],
        created=VECTOR["created"],
    )


class TestTheOfficialVector:
    def test_the_key_reads_as_its_multikey(self):
        assert multikey(KEY.public_key()) == VECTOR["publicKeyMultibase"]

    def test_signing_gives_the_published_signature(self):
        assert _signed()["proof"]["proofValue"] == VECTOR["proofValueWithContext"]

    def test_the_published_proof_verifies(self):
        assert check_proof(_signed()) == VECTOR["verificationMethod"]

    def test_the_older_published_proof_without_a_context_verifies_too(self):
        document = _signed()
        del document["proof"]["@context"]
        document["proof"]["proofValue"] = VECTOR["proofValueWithoutContext"]

        assert check_proof(document) == VECTOR["verificationMethod"]


class TestTampering:
    @pytest.mark.parametrize("field", ["name", "description", "issuer", "validFrom", "id"])
    def test_a_changed_field_is_refused(self, field):
        document = _signed()
        document[field] += "."

        with pytest.raises(ProofInvalid):
            check_proof(document)

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("created", "2023-02-24T23:36:39Z"),
            ("cryptosuite", "eddsa-rdfc-2022"),
            ("type", "Ed25519Signature2020"),
            ("proofPurpose", "authentication"),
            ("proofValue", "z" + "1" * 64),
            ("proofValue", "u" + "A" * 86),
            (
                "verificationMethod",
                did_key(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
            ),
            ("@context", ["https://example.org/other"]),
        ],
    )
    def test_a_changed_proof_is_refused(self, part, value):
        document = _signed()
        document["proof"][part] = value

        with pytest.raises(ProofInvalid):
            check_proof(document)

    @pytest.mark.parametrize("proof", [None, [], "proof", {}, {"type": "DataIntegrityProof"}])
    def test_a_proof_of_another_shape_is_refused(self, proof):
        with pytest.raises(ProofInvalid):
            check_proof({**VECTOR["document"], "proof": proof})

    def test_a_number_that_json_cannot_carry_is_refused(self):
        document = _signed()
        document["token_id"] = 2**60

        with pytest.raises(ProofInvalid, match="canonical"):
            check_proof(document)


class TestBase58:
    @given(st.binary(max_size=80))
    def test_reads_what_it_writes(self, data):
        assert decode_base58(encode_base58(data)) == data

    def test_refuses_a_text_that_would_take_long(self):
        with pytest.raises(ProofInvalid, match="too many"):
            decode_base58("2" * 201)

    @pytest.mark.parametrize("text", ["", "z", "x6Mk", "z0OIl", VECTOR["privateKeyMultibase"]])
    def test_refuses_what_is_no_public_key(self, text):
        with pytest.raises(ProofInvalid):
            parse_multikey(text)
