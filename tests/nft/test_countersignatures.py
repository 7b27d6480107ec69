"""
Countersignatures: of one certificate, by the gallery whose domain lists the key.
"""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft.countersignatures import (
    CountersignatureInvalid,
    Countersigned,
    check_countersignature,
    check_withdrawal,
    countersign,
    did_document,
    gallery_of,
    withdraw,
)
from nft.domains import DomainInvalid
from nft.integrity import did_key
from nft.types import Address, Digest, TokenRef

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GALLERY, FORGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (3, 4))
DID = "did:web:gallery.art"
WHAT = Countersigned(
    certificate=Digest(b"\x01" * 32),
    token=TokenRef(31337, Address(b"\x0c" * 20), 7),
    metadata=Digest(b"\x02" * 32),
    creator=Address(b"\x0a" * 20),
)


def entry(document: dict[str, Any], key: Ed25519PrivateKey = GALLERY) -> dict[str, Any]:
    read = {"document": did_document(key, DID), "read_at": "2026-06-01T00:00:00Z"}
    return {"document": document, "did_document": read, "withdrawn_at": None}


def made(key: Ed25519PrivateKey = GALLERY, did: str = DID) -> dict[str, Any]:
    return countersign(WHAT, key=key, did=did, now=NOW)


class TestCheck:
    def test_passes_as_the_gallerys_word(self) -> None:
        found = check_countersignature(entry(made()), WHAT)

        assert found.result == "pass"
        assert DID in found.detail
        assert "gallery's word" in found.detail

    @pytest.mark.parametrize(
        "other",
        [
            {"certificate": Digest(b"\x09" * 32)},
            {"metadata": Digest(b"\x09" * 32)},
            {"creator": Address(b"\x66" * 20)},
            {"token": TokenRef(31337, Address(b"\x0c" * 20), 8)},
            {"token": TokenRef(1, Address(b"\x0c" * 20), 7)},
            {"token": TokenRef(31337, Address(b"\x0d" * 20), 7)},
        ],
    )
    def test_cannot_be_moved_to_another_work(self, other: dict[str, Any]) -> None:
        found = check_countersignature(entry(made()), replace(WHAT, **other))

        assert found.result == "fail"

    def test_a_key_that_the_domain_does_not_list_fails(self) -> None:
        found = check_countersignature(entry(made(FORGER)), WHAT)

        assert found.result == "fail"
        assert "not one of did:web:gallery.art" in found.detail

    def test_the_domain_of_another_does_not_count(self) -> None:
        listed = entry(made())
        listed["did_document"]["document"] = did_document(GALLERY, "did:web:other.art")

        assert check_countersignature(listed, WHAT).result == "fail"

    def test_without_the_domains_word_it_is_not_checked(self) -> None:
        assert check_countersignature({"document": made()}, WHAT).result == "not_checked"

    def test_a_withdrawn_one_is_not_counted(self) -> None:
        withdrawn = entry(made()) | {"withdrawn_at": "2026-07-01T00:00:00Z"}

        found = check_countersignature(withdrawn, WHAT)

        assert found.result == "not_checked"
        assert "2026-07-01" in found.detail

    def test_every_changed_member_fails(self) -> None:
        document = made()
        for name in ("issuer", "validFrom", "type", "@context", "credentialSubject"):
            changed = copy.deepcopy(document)
            changed[name] = json.loads(json.dumps(changed[name]).replace("a", "b", 1))
            if changed != document:
                assert check_countersignature(entry(changed), WHAT).result == "fail", name

    @pytest.mark.parametrize("document", [None, [], "x", {}, {"type": 4}, {"proof": {}}])
    def test_anything_else_fails(self, document: Any) -> None:
        assert check_countersignature({"document": document}, WHAT).result == "fail"


class TestMake:
    @pytest.mark.parametrize("did", ["did:key:z6Mk", "did:web:host.art:g", "gallery.art"])
    def test_only_under_a_whole_domain(self, did: str) -> None:
        with pytest.raises(DomainInvalid):
            made(did=did)

    def test_a_did_key_is_nobodys_domain(self) -> None:
        document = made()
        document["issuer"] = did_key(GALLERY.public_key())

        with pytest.raises(CountersignatureInvalid):
            gallery_of(document)


class TestWithdrawal:
    def test_names_the_countersignature(self) -> None:
        document = made()

        gallery, _ = check_withdrawal(withdraw(document, key=GALLERY, did=DID, now=NOW), document)

        assert gallery == DID

    def test_another_gallery_cannot(self) -> None:
        document = made()
        theirs = withdraw(document, key=FORGER, did="did:web:other.art", now=NOW)

        with pytest.raises(CountersignatureInvalid):
            check_withdrawal(theirs, document)

    def test_of_one_is_not_of_another(self) -> None:
        other = countersign(
            replace(WHAT, certificate=Digest(b"\x08" * 32)), key=GALLERY, did=DID, now=NOW
        )

        with pytest.raises(CountersignatureInvalid):
            check_withdrawal(withdraw(made(), key=GALLERY, did=DID, now=NOW), other)
