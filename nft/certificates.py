"""
The certificate of authenticity: what artist and exchange assert about a work, signed once.

A W3C verifiable credential (Data Model 2.0). It holds what sales never change: the work, its
files by hash, the contract and token, the creator's address, the mint, what the artist signed,
and Merkle proofs of all that the chain says. Of a work that is only offered it holds the signed
lazy mint instead. Owner and provenance stand beside it on the page, as of a block.
`CERTIFICATES.md` has the format.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft.content import cid_of_digest
from nft.integrity import Document, did_key, multikey, secure
from nft.tokens import creator_of
from nft.types import Address, Digest, TokenRef, caip2, caip10
from nft.vouchers import Voucher

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
VOCABULARIES = {1: "urn:vernissage:certificate:v1:", 2: "urn:vernissage:certificate:v2:"}
"""Every version there was stays readable; only the newest is issued."""

CONTEXT: list[Any] = [CREDENTIALS, {"@vocab": VOCABULARIES[2]}]
TYPE = "CertificateOfAuthenticity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """Where the chain says that the work began."""

    transaction_hash: Digest
    block_number: int
    block_hash: Digest
    timestamp: int
    log_index: int
    royalty_bps: int
    royalty_receiver: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What certifies a work before its token: a lazy mint, and who signed it."""

    voucher: Voucher
    signer: Address
    """The creator, or a minter of the creator's."""
    signature: bytes
    by_contract: bool
    """A contract wallet signed (ERC-1271): only its chain can say so."""
    taken_at: int
    """When the voucher was taken in, in Unix seconds."""

    def as_json(self) -> Document:
        """The member `voucher` of a certificate's subject."""
        # Signing takes libraries that are slow to import, and who checks a certificate needs none.
        from nft.signing import voucher_message

        found: Document = {
            "signer": str(self.signer),
            "signature": "0x" + self.signature.hex(),
            "message": voucher_message(self.voucher),
        }
        return found | ({"wallet": "contract"} if self.by_contract else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Everything a certificate says of a work, which is minted or offered, never both."""

    token: TokenRef
    metadata_digest: Digest
    metadata: Document
    """The metadata document that the digest names."""
    mint: Mint | None = None
    offer: Offer | None = None
    """What stands in place of the mint while the work is not minted."""
    is_test: bool
    is_provisional: bool
    """The mint's block is not safe yet: a later certificate replaces this one."""
    artist_statement: Document | None = None
    """What the creator signed before the mint, as `credentialSubject.statement` holds it."""
    evidence: Document | None = None
    """The `ChainEvidence` whose proofs make the certificate checkable without a node."""
    status: tuple[Document, ...] = ()
    """A `BitstringStatusListEntry` for each purpose."""

    def __post_init__(self) -> None:
        """A work that is neither minted nor offered has no certificate."""
        if (self.mint is None) == (self.offer is None):
            raise ValueError("a work is either minted or offered")
        if self.offer is not None and self.evidence is not None:
            raise ValueError("the chain proves nothing of a work that is not minted")

    @property
    def began(self) -> int:
        """From when the certificate is valid, in Unix seconds: the mint, or the offer."""
        if self.mint is not None:
            return self.mint.timestamp
        assert self.offer is not None, "minted or offered"
        return self.offer.taken_at

    @property
    def mint_block_hash(self) -> Digest | None:
        """The block that the certificate rests on; None before the mint."""
        return None if self.mint is None else self.mint.block_hash


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: a `did:key`, or a `did:web` whose document lists the same key."""

    key: Ed25519PrivateKey
    did: str

    @classmethod
    def local(cls, key: Ed25519PrivateKey) -> Issuer:
        """An issuer that is its own key; nothing about it depends on a host or a port."""
        return cls(key, did_key(key.public_key()))

    @property
    def method(self) -> str:
        """URL of the verification method; the fragment is the key itself."""
        return f"{self.did}#{multikey(self.key.public_key())}"


_MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def rfc3339(moment: int | datetime) -> str:
    """A moment, or a Unix time in seconds, as UTC text to the second."""
    at = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_rfc3339(text: str) -> bool:
    """Whether it is written as `rfc3339` writes a moment: then earlier texts are earlier ones."""
    return _MOMENT.fullmatch(text) is not None


def certificate_code(token: TokenRef) -> str:
    """The short name in `/v/{code}`: 60 bits of the token's hash, known before any issue."""
    digest = hashlib.sha256(token.caip19.lower().encode()).digest()
    return base64.b32encode(digest[:8]).decode().lower()[:12]


def unsigned(statement: Statement, issuer: str) -> Document:
    """The credential without its proof."""
    document: Document = {
        "@context": CONTEXT,
        "type": ["VerifiableCredential", TYPE],
        "issuer": issuer,
        "validFrom": rfc3339(statement.began),
    }
    if statement.status:
        document["credentialStatus"] = list(statement.status)
    document["credentialSubject"] = _subject(statement)
    if statement.evidence is not None:
        document["evidence"] = [statement.evidence]
    return document


def version_of(document: Document) -> int | None:
    """The version that a certificate's context names, None when it is none of ours."""
    context = document.get("@context")
    for version, vocabulary in VOCABULARIES.items():
        if context == [CREDENTIALS, {"@vocab": vocabulary}]:
            return version
    return None


def described(metadata: Document) -> Document:
    """What a certificate repeats of the description that the token's digest names."""
    facts = metadata.get("properties", {})
    stated = ("artist", "alt_text", "date", "medium", "dimensions", "rights")
    return {
        "title": metadata.get("name", ""),
        "description": metadata.get("description", ""),
        **{name: facts.get(name, "") for name in stated},
        "edition": facts.get("edition", {}),
        "media": facts.get("media", []),
    }


def _subject(statement: Statement) -> Document:
    token = statement.token
    creator = creator_of(token.token_id)
    subject: Document = {
        "id": f"urn:vernissage:work:{token.caip19}",
        "type": "Artwork",
        **described(statement.metadata),
        "metadata": {
            "sha256": str(statement.metadata_digest),
            "cid": cid_of_digest(statement.metadata_digest),
            "document": statement.metadata,
        },
        "token": {
            "asset": token.caip19,
            "chain": caip2(token.chain_id),
            "chain_id": str(token.chain_id),
            "contract": str(token.contract),
            "token_id": str(token.token_id),
        },
        "creator": {"address": str(creator), "account": caip10(token.chain_id, creator)},
        **_origin(statement),
    }
    if statement.artist_statement is not None:
        subject["statement"] = statement.artist_statement
    if statement.is_test:
        subject["notice"] = "TEST: this work exists on a test chain only"
    if statement.is_provisional:
        subject["provisional"] = True
    return subject


def _origin(statement: Statement) -> Document:
    """The mint, or what stands in its place."""
    if statement.mint is not None:
        return {"mint": _mint(statement.mint)}
    assert statement.offer is not None, "minted or offered"
    return {"voucher": statement.offer.as_json()}


def _mint(mint: Mint) -> Document:
    return {
        "transaction_hash": str(mint.transaction_hash),
        "block_number": str(mint.block_number),
        "block_hash": str(mint.block_hash),
        "timestamp": rfc3339(mint.timestamp),
        "log_index": mint.log_index,
        "royalty": {"bps": mint.royalty_bps, "receiver": str(mint.royalty_receiver)},
    }


def issue(statement: Statement, issuer: Issuer) -> Document:
    """
    Sign a statement. The same statement and key give the same bytes.

    The proof's time is the mint's, or the offer's, so that a certificate drawn again is the
    certificate.
    """
    return secure(
        unsigned(statement, issuer.did),
        key=issuer.key,
        method=issuer.method,
        created=rfc3339(statement.began),
    )
