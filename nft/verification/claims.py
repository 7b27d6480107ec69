"""
The parts of a certificate that checks compare, parsed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nft.certificates import TYPE, version_of
from nft.integrity import Document, ProofInvalid
from nft.types import Address, Digest, TokenRef
from nft.verification.reading import Malformed, address, digest, items, member, small, text, uint
from nft.verification.words import say

MAX_MEDIA = 64
"""Files that one certificate may name; whoever checks reads every one of them."""


class NotACertificate(ProofInvalid):
    """The document is not a certificate of authenticity of ours."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(say(key))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a certificate's evidence the chain's facts are."""

    layout: str
    mint_block: int
    mint_index: int
    mint_log: int
    """Counted within its receipt."""
    state_block: int
    proofs: Document


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """One bit of a status list."""

    purpose: str
    index: int
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MintClaims:
    """Where a certificate says that the work began."""

    transaction: Digest
    block: int
    block_hash: Digest
    timestamp: str
    log_index: int
    royalty_bps: int
    royalty_receiver: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a certificate says, as far as anything can contradict it."""

    issuer: str
    token: TokenRef
    creator: Address
    metadata_digest: Digest
    media: tuple[tuple[str, Digest], ...]
    mint: MintClaims | None
    """None before the mint: a signed voucher stands in its place."""
    version: int
    place: Place | None
    """None where the certificate carries no evidence."""
    status: tuple[StatusPlace, ...]

    @property
    def minted(self) -> MintClaims:
        """The mint; not to be asked of a certificate from before it."""
        assert self.mint is not None, "a work that is minted"
        return self.mint


def read_claims(document: Document) -> Claims:
    """Parse what the checks need. Raises `NotACertificate`."""
    try:
        types = items(member(document, "type"))
        version = version_of(document)
        if TYPE not in types or "VerifiableCredential" not in types or version is None:
            raise NotACertificate("document.unknown")
        subject = member(document, "credentialSubject")
        media = items(member(subject, "media"))
        if len(media) > MAX_MEDIA:
            raise NotACertificate("document.media")
        return _claims(document, subject, media, version)
    except Malformed as error:
        raise NotACertificate("document.malformed") from error


def _claims(document: Document, subject: Any, media: list[Any], version: int) -> Claims:
    token = member(subject, "token")
    if "voucher" in subject and ("mint" in subject or "evidence" in document or version == 1):
        raise Malformed("a work that is offered has no mint, and nothing proves it")
    if "validUntil" in document:
        raise Malformed("a certificate has no end: it is called back")
    return Claims(
        issuer=str(document.get("issuer", "")),
        token=TokenRef(
            uint(member(token, "chain_id")),
            address(member(token, "contract")),
            uint(member(token, "token_id")),
        ),
        creator=address(member(subject, "creator", "address")),
        metadata_digest=digest(member(subject, "metadata", "sha256")),
        media=tuple((text(member(one, "role")), digest(member(one, "sha256"))) for one in media),
        mint=None if "voucher" in subject else _mint(member(subject, "mint")),
        version=version,
        place=_place(document, version),
        status=_statuses(items(document.get("credentialStatus", []))),
    )


def _mint(mint: Any) -> MintClaims:
    return MintClaims(
        transaction=digest(member(mint, "transaction_hash")),
        block=uint(member(mint, "block_number")),
        block_hash=digest(member(mint, "block_hash")),
        timestamp=text(member(mint, "timestamp")),
        log_index=small(member(mint, "log_index")),
        royalty_bps=small(member(mint, "royalty", "bps")),
        royalty_receiver=address(member(mint, "royalty", "receiver")),
    )


def _place(document: Document, version: int) -> Place | None:
    if version == 1 or "evidence" not in document:
        return None
    entries = items(document["evidence"])
    if len(entries) != 1 or member(entries[0], "type") != "ChainEvidence":
        raise Malformed("evidence of another kind")
    entry = entries[0]
    proofs = member(entry, "proofs")
    if not isinstance(proofs, dict):
        raise Malformed("proofs that are no object")
    return Place(
        layout=text(member(entry, "layout")),
        mint_block=uint(member(entry, "mint", "block")),
        mint_index=uint(member(entry, "mint", "index")),
        mint_log=small(member(entry, "mint", "log")),
        state_block=uint(member(entry, "state", "block")),
        proofs=proofs,
    )


def _statuses(entries: list[Any]) -> tuple[StatusPlace, ...]:
    """One place for each purpose: whoever checks reads a whole list for every one of them."""
    found = tuple(_status(one) for one in entries)
    if len({one.purpose for one in found}) < len(found):
        raise Malformed("two places for one purpose")
    return found


def _status(entry: Any) -> StatusPlace:
    if member(entry, "type") != "BitstringStatusListEntry":
        raise Malformed("a status of another kind")
    purpose = text(member(entry, "statusPurpose"))
    if purpose not in ("revocation", "suspension"):
        raise Malformed("a purpose of another kind")
    return StatusPlace(
        purpose,
        uint(member(entry, "statusListIndex")),
        text(member(entry, "statusListCredential")),
    )
