"""
Names that may be bound to a key, and what a domain must publish for it.
"""

import json
from typing import Any

import pytest

from nft.bindings import FORMAT, Binding, DomainSaysOtherwise, check_published
from nft.domains import DomainInvalid, parse_did_web, parse_domain
from nft.signing import recover, typed_data_digest
from nft.types import Address, caip10

ARTIST, IMPOSTOR = Address(b"\x0a" * 20), Address(b"\x66" * 20)
BINDING = Binding(
    chain_id=1, account=ARTIST, domain="atelier.art", method="well-known", issued_at=1_000
)
BY_DID = Binding(
    chain_id=1, account=ARTIST, domain="atelier.art", method="did:web", issued_at=1_000
)


def body(document: Any) -> bytes:
    return json.dumps(document).encode()


class TestDomain:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("atelier.art", "atelier.art"),
            (" Atelier.ART. ", "atelier.art"),
            ("a-b.co.uk", "a-b.co.uk"),
            ("xn--fiqs8s.cn", "xn--fiqs8s.cn"),
        ],
    )
    def test_is_kept_in_one_form(self, given: str, kept: str) -> None:
        assert parse_domain(given) == kept

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ("", "empty"),
            ("*.atelier.art", "wildcard"),
            ("atelier.art:8443", "port"),
            ("127.0.0.1", "IP address"),
            ("0x7f.0x1", "IP address"),
            ("[::1]", "IP address"),
            ("fe80::1", "IP address"),
            ("2130706433", "no full name"),
            ("localhost", "no full name"),
            ("db.internal", "not on the public web"),
            ("x.test", "not on the public web"),
            ("https://atelier.art", "without https"),
            ("atelier.art/me", "path"),
            ("me@atelier.art", "e-mail"),
            ("ate_lier.art", "no full name"),
            ("atelier..art", "no full name"),
            ("-a.art", "no full name"),
            ("ab--c.art", "hyphens"),
            ("a" * 64 + ".art", "no full name"),
            ("atelier.art\n.evil.art", "no full name"),
        ],
    )
    def test_refuses_what_is_none(self, given: str, why: str) -> None:
        with pytest.raises(DomainInvalid, match=why):
            parse_domain(given)

    def test_shows_the_punycode_of_a_homograph(self) -> None:
        with pytest.raises(DomainInvalid, match=r"xn--80ak6aa92e\.com"):
            parse_domain("аррӏе.com")

    def test_of_a_did(self) -> None:
        assert parse_did_web("did:web:atelier.art") == "atelier.art"

    @pytest.mark.parametrize(
        "given",
        [
            "did:key:z6Mk",
            "did:web:atelier.art%3A8443",
            "did:web:host.art:impostor",
            "did:web:Atelier.art",
            "did:web:",
            "did:web:atelier.art#key",
        ],
    )
    def test_refuses_other_dids(self, given: str) -> None:
        with pytest.raises(DomainInvalid):
            parse_did_web(given)


class TestPublished:
    @pytest.mark.parametrize("binding", [BINDING, BY_DID])
    def test_what_we_propose_would_do(self, binding: Binding) -> None:
        check_published(binding, body(binding.to_publish()))

    @pytest.mark.parametrize("binding", [BINDING, BY_DID])
    def test_lists_the_artist_and_nobody_else(self, binding: Binding) -> None:
        """An impostor signs for the artist's domain, which names the artist."""
        forged = Binding(
            chain_id=1,
            account=IMPOSTOR,
            domain=binding.domain,
            method=binding.method,
            issued_at=1_000,
        )

        with pytest.raises(DomainSaysOtherwise, match="does not list"):
            check_published(forged, body(binding.to_publish()))

    def test_on_another_chain_it_is_another_account(self) -> None:
        other = Binding(
            chain_id=10, account=ARTIST, domain="atelier.art", method="well-known", issued_at=1
        )

        with pytest.raises(DomainSaysOtherwise):
            check_published(other, body(BINDING.to_publish()))

    @pytest.mark.parametrize(
        "found",
        [
            b"",
            b"[]",
            b"not json",
            b"[" * 100_000,
            b'"' + b"x" * 70_000 + b'"',
            body({"accounts": [caip10(1, ARTIST)]}),
            body({"format": FORMAT}),
            body({"format": FORMAT, "accounts": caip10(1, ARTIST)}),
            body({"format": FORMAT, "accounts": [[caip10(1, ARTIST)]]}),
        ],
    )
    def test_refuses_other_bodies(self, found: bytes) -> None:
        with pytest.raises(DomainSaysOtherwise):
            check_published(BINDING, found)

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "did:web:other.art"},
            {"assertionMethod": []},
            {"assertionMethod": None},
            {"verificationMethod": []},
        ],
    )
    def test_a_did_document_must_assert_by_it(self, change: dict[str, Any]) -> None:
        with pytest.raises(DomainSaysOtherwise):
            check_published(BY_DID, body(BY_DID.to_publish() | change))

    def test_anothers_method_is_not_the_dids(self) -> None:
        document = BY_DID.to_publish()
        document["verificationMethod"][0]["controller"] = "did:web:other.art"

        with pytest.raises(DomainSaysOtherwise):
            check_published(BY_DID, body(document))


def test_the_signature_names_domain_method_account_and_chain() -> None:
    digests = {
        typed_data_digest(
            Binding(
                chain_id=chain, account=account, domain=domain, method=method, issued_at=at
            ).typed_data()
        )
        for chain, account, domain, method, at in [
            (1, ARTIST, "atelier.art", "well-known", 1),
            (2, ARTIST, "atelier.art", "well-known", 1),
            (1, IMPOSTOR, "atelier.art", "well-known", 1),
            (1, ARTIST, "atelier.com", "well-known", 1),
            (1, ARTIST, "atelier.art", "did:web", 1),
            (1, ARTIST, "atelier.art", "well-known", 2),
        ]
    }

    assert len(digests) == 6
    assert recover(next(iter(digests)), b"\x01" * 64 + b"\x1b") != ARTIST
