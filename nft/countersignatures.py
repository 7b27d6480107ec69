"""
Countersignatures: a gallery signs, on its own domain, what a certificate says.

A verifiable credential secured by `eddsa-jcs-2022` under the gallery's `did:web`. It names the
certificate by the SHA-256 of its bytes, the token, the digest of the description, and the account
that minted: so it cannot be moved to another work, nor to an impostor's copy. It is the gallery's
word and nobody else's, and counts only where the key stood in the DID document that was read from
the gallery's own domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft.bindings import DomainSaysOtherwise, methods_of
from nft.certificates import rfc3339
from nft.domains import DomainInvalid, did_url, parse_did_web
from nft.integrity import Document, ProofInvalid, check_proof, multikey, secure
from nft.types import Address, Digest, TokenRef, caip10

CONTEXT: list[Any] = [
    "https://www.w3.org/ns/credentials/v2",
    {"@vocab": "urn:vernissage:countersignature:v1:"},
]
TYPE = "Countersignature"
WITHDRAWAL = "CountersignatureWithdrawal"

_MEMBERS = {"@context", "id", "type", "issuer", "validFrom", "credentialSubject", "proof"}
"""What is signed has no end and no status of its own: a gallery takes it back (`withdraw`)."""

_CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much a gallery's clock may be ahead of ours."""

_KEY_TYPES = ("Multikey", "Ed25519VerificationKey2020")


class CountersignatureInvalid(ProofInvalid):
    """A document that is no countersignature of this certificate by that gallery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersigned:
    """What a gallery signs: which certificate, of which work, minted by whom."""

    certificate: Digest
    """SHA-256 of the certificate's bytes."""
    token: TokenRef
    metadata: Digest
    creator: Address

    def subject(self) -> Document:
        """As it stands in the credential."""
        return {
            "id": f"urn:vernissage:work:{self.token.caip19}",
            "certificate": {"sha256": str(self.certificate)},
            "token": self.token.caip19,
            "metadata": {"sha256": str(self.metadata)},
            "creator": {"account": caip10(self.token.chain_id, self.creator)},
        }


def countersign(
    what: Countersigned, *, key: Ed25519PrivateKey, did: str, now: datetime
) -> Document:
    """The credential, signed. Raises `DomainInvalid` for a DID that is no whole domain."""
    parse_did_web(did, reserved=True)
    return _secured(TYPE, what.subject(), key=key, did=did, now=now)


def withdraw(document: Document, *, key: Ed25519PrivateKey, did: str, now: datetime) -> Document:
    """The gallery's word that a countersignature no longer stands."""
    subject = {"countersignature": {"proof": document["proof"]["proofValue"]}}
    return _secured(WITHDRAWAL, subject, key=key, did=did, now=now)


def _secured(
    kind: str, subject: Document, *, key: Ed25519PrivateKey, did: str, now: datetime
) -> Document:
    moment = rfc3339(now)
    unsigned: Document = {
        "@context": CONTEXT,
        "type": ["VerifiableCredential", kind],
        "issuer": did,
        "validFrom": moment,
        "credentialSubject": subject,
    }
    method = f"{did}#{multikey(key.public_key())}"
    return secure(unsigned, key=key, method=method, created=moment)


def did_document(key: Ed25519PrivateKey, did: str) -> Document:
    """What a gallery hosts at `/.well-known/did.json` so that its key can be read there."""
    public = multikey(key.public_key())
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{public}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": public,
            }
        ],
        "assertionMethod": [f"{did}#{public}"],
    }


def gallery_of(document: Document, kind: str = TYPE) -> tuple[str, str]:
    """
    The gallery's DID and its key, from a document of the kind whose signature holds.

    Raises `CountersignatureInvalid`: not the kind, not a `did:web`, another's signature, or members
    that nobody would heed (`validUntil`, say).
    """
    types = document.get("type")
    if not isinstance(types, list) or kind not in types or "VerifiableCredential" not in types:
        raise CountersignatureInvalid(f"the document is no {kind}")
    if not _MEMBERS.issuperset(document):
        more = ", ".join(sorted(set(document) - _MEMBERS))
        raise CountersignatureInvalid(f"a {kind} says more than is heeded: {more[:200]}")
    issuer = document.get("issuer")
    try:
        parse_did_web(issuer if isinstance(issuer, str) else "", reserved=True)
        method = check_proof(document)
    except (DomainInvalid, ProofInvalid) as error:
        raise CountersignatureInvalid(str(error)) from error
    did, _, key = method.rpartition("#")
    if did != issuer:
        raise CountersignatureInvalid(f"{issuer} is said to sign, and {method} did")
    return did, key


def check_subject(document: Document, what: Countersigned) -> None:
    """Is it of this certificate? Raises `CountersignatureInvalid` with the part that is not."""
    found, wanted = document.get("credentialSubject"), what.subject()
    if not isinstance(found, dict):
        raise CountersignatureInvalid("the document has no credentialSubject")
    other = [name for name, value in wanted.items() if found.get(name) != value]
    if other or set(found) != set(wanted):
        parts = ", ".join(other) or ", ".join(sorted(map(str, set(found) - set(wanted))))
        raise CountersignatureInvalid(f"it was made for something else: {parts[:200]} differs")


def check_begun(document: Document, now: datetime) -> None:
    """
    Does it hold already? A word that only holds later is no word yet, and no verifier has a clock.

    Raises `CountersignatureInvalid` for a `validFrom` to come, or one that is no time with a zone.
    """
    if "validFrom" not in document:
        return
    begins = document["validFrom"]
    try:
        is_to_come = datetime.fromisoformat(str(begins)) > now + _CLOCKS_DIFFER
    except (ValueError, TypeError) as error:  # no time, or one without a zone
        raise CountersignatureInvalid("validFrom is no time with its zone") from error
    if is_to_come:
        raise CountersignatureInvalid(f"it does not hold yet: its validFrom is {begins}")


def check_withdrawal(withdrawal: Document, document: Document) -> tuple[str, str]:
    """Gallery and key of a withdrawal that names this document. Raises as `gallery_of`."""
    gallery, key = gallery_of(withdrawal, WITHDRAWAL)
    if gallery != document.get("issuer"):
        raise CountersignatureInvalid("another gallery's countersignature is not theirs to take")
    wanted = {"countersignature": {"proof": document["proof"]["proofValue"]}}
    if withdrawal.get("credentialSubject") != wanted:
        raise CountersignatureInvalid("the withdrawal is of another countersignature")
    return gallery, key


def has_key(did_doc: Mapping[str, Any], did: str, key: str) -> bool:
    """Whether a gallery's DID document lists the key among those by which it asserts."""
    url = did_url(did.removeprefix("did:web:"))
    try:
        methods = methods_of(url, dict(did_doc), did)
    except DomainSaysOtherwise:
        return False
    return any(
        one.get("type") in _KEY_TYPES and one.get("publicKeyMultibase") == key for one in methods
    )
