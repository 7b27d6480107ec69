"""
Whether a certificate existed by some block, as a contract's storage says.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.anchors import KNOWN_CONTRACTS, Anchor, AnchorDisproved, NotAnAnchor, check_anchor
from nft.anchors import read_anchor as read_claim
from nft.integrity import Document
from nft.proofs.evidence import Evidence as Proofs
from nft.types import Digest
from nft.verification.blocks import Believed, read_proofs
from nft.verification.reading import time_of
from nft.verification.report import Finding, failed, passed, unchecked, unless_unlinked


@dataclass(frozen=True, slots=True)
class HeldAnchor:
    """An anchor as it was read; without proofs where they do not hold."""

    claim: Anchor
    proofs: Proofs


@dataclass(frozen=True, slots=True)
class Shown:
    """What an anchor shows: the line of the report, and what it means for the issuer's key."""

    found: Finding
    key: bytes | None = None
    """An issuer's key that the storage is proven to hold."""
    since: str = ""
    """When the certificate existed at the latest; empty where that is not proven."""


def read_anchor(document: Document | None) -> HeldAnchor | None:
    """The anchor, or None where it is not in its one form or a proof in it does not hold."""
    if document is None:
        return None
    try:
        claim = read_claim(document)
    except NotAnAnchor:
        return None
    proofs = read_proofs(claim.evidence)
    if proofs is None or proofs.chain_id != claim.chain_id:
        return None
    return HeldAnchor(claim, proofs)


def find_anchor(
    document: Document | None,
    held: HeldAnchor | None,
    believed: Believed,
    certificate: Digest | None,
) -> Shown:
    """What the anchor of a certificate shows, as far as its block is linked."""
    if document is None or certificate is None:
        return Shown(unchecked("anchor.none"))
    if held is None:
        return Shown(failed("anchor.broken"))
    claim = held.claim
    anchorer = str(claim.anchorer)
    if claim.certificate != certificate or claim.chain_id != believed.proven.chain_id:
        return Shown(failed("anchor.other", anchorer))
    state = held.proofs.states.get((claim.state_block, claim.contract))
    if state is None:
        return Shown(failed("anchor.broken", anchorer))
    try:
        shown = check_anchor(claim, certificate, state.storage)
    except AnchorDisproved:
        return Shown(failed("anchor.root", anchorer))
    if claim.contract not in KNOWN_CONTRACTS:
        return Shown(unchecked("anchor.contract", str(claim.contract)))
    found = passed(
        "anchor.pass",
        anchorer,
        number=str(shown.block),
        anchorer=anchorer,
        status=claim.status.word,
        day=str(claim.day),
    )
    found = unless_unlinked(
        found, claim.state_block, is_linked=believed.is_linked(claim.state_block)
    )
    if found.result != "pass":
        return Shown(found)
    key = claim.issuer_key.key if claim.issuer_key else None
    return Shown(found, key, time_of(shown.timestamp))
