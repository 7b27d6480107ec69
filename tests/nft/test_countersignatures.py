"""
Countersignatures: of one certificate, by the gallery whose domain lists the key.
"""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft.certificates import rfc3339
from nft.countersignatures import (
    CountersignatureInvalid,
    Countersigned,
    check_begun,
    check_subject,
    check_withdrawal,
    countersign,
    did_document,
    gallery_of,
    has_key,
    withdraw,
)
from nft.domains import DomainInvalid
from nft.integrity import did_key, secure
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


def made(key: Ed25519PrivateKey = GALLERY, did: str = DID) -> dict[str, Any]:
    return countersign(WHAT, key=key, did=did, now=NOW)


class TestCheck:
    def test_names_the_gallery_and_its_key(self) -> None:
        document = made()

        gallery, key = gallery_of(document)
        check_subject(document, WHAT)

        assert gallery == DID
        assert has_key(did_document(GALLERY, DID), DID, key)

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
        with pytest.raises(CountersignatureInvalid):
            check_subject(made(), replace(WHAT, **other))

    def test_more_than_we_know_is_not_signed_along(self) -> None:
        document = made()
        document["credentialSubject"]["worth"] = "much"

        with pytest.raises(CountersignatureInvalid):
            check_subject(document, WHAT)

    def test_a_key_that_the_domain_does_not_list_is_not_its_own(self) -> None:
        _, key = gallery_of(made(FORGER))

        assert not has_key(did_document(GALLERY, DID), DID, key)

    def test_the_domain_of_another_does_not_count(self) -> None:
        _, key = gallery_of(made())

        assert not has_key(did_document(GALLERY, "did:web:other.art"), DID, key)

    @pytest.mark.parametrize(
        "change", [{"assertionMethod": []}, {"verificationMethod": None}, {"id": "did:web:x.art"}]
    )
    def test_a_key_must_be_listed_for_assertions(self, change: dict[str, Any]) -> None:
        _, key = gallery_of(made())

        assert not has_key(did_document(GALLERY, DID) | change, DID, key)

    @pytest.mark.parametrize("name", ["issuer", "validFrom", "type", "credentialSubject"])
    def test_every_changed_member_breaks_it(self, name: str) -> None:
        document = made()
        changed = copy.deepcopy(document)
        changed[name] = json.loads(json.dumps(changed[name]).replace("a", "b", 1))
        changed[name] = [changed[name]] if changed == document else changed[name]

        with pytest.raises(CountersignatureInvalid):
            gallery_of(changed)

    def test_an_end_is_refused_and_not_ignored(self) -> None:
        unsigned = {name: part for name, part in made().items() if name != "proof"}
        ended = secure(
            unsigned | {"validUntil": rfc3339(NOW)},
            key=GALLERY,
            method=made()["proof"]["verificationMethod"],
            created=rfc3339(NOW),
        )

        with pytest.raises(CountersignatureInvalid, match="validUntil"):
            gallery_of(ended)

    @pytest.mark.parametrize(
        "begins",
        ["2999-01-01T00:00:00Z", "2026-11-26T12:00:00", "soon", 4, None],
    )
    def test_a_beginning_that_is_to_come_or_cannot_be_read_is_refused(self, begins: Any) -> None:
        with pytest.raises(CountersignatureInvalid, match="validFrom"):
            check_begun(made() | {"validFrom": begins}, NOW)

    @pytest.mark.parametrize("ahead", [timedelta(), timedelta(minutes=4), -timedelta(days=900)])
    def test_a_clock_that_is_a_little_ahead_is_no_matter(self, ahead: timedelta) -> None:
        begins = (NOW + ahead).astimezone(timezone(timedelta(hours=8))).isoformat()
        without = {name: part for name, part in made().items() if name != "validFrom"}

        check_begun(made() | {"validFrom": begins}, NOW)
        check_begun(without, NOW)

    @pytest.mark.parametrize("document", [{}, {"type": 4}, {"proof": {}}, {"type": ["x"]}])
    def test_anything_else_is_none(self, document: dict[str, Any]) -> None:
        with pytest.raises(CountersignatureInvalid):
            gallery_of(document)


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
