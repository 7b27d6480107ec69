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
from nft.verification.report import Finding, failed, passed, unchecked, unless_unlinked


@dataclass(frozen=True, slots=True)
class HeldAnchor:
    """An anchor as it was read; without proofs where they do not hold."""

    claim: Anchor
    proofs: Proofs


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
) -> tuple[Finding, bytes | None]:
    """What the anchor shows, and the issuer's key that its storage is proven to hold."""
    if document is None or certificate is None:
        return unchecked("anchor.none"), None
    if held is None:
        return failed("anchor.broken"), None
    claim = held.claim
    anchorer = str(claim.anchorer)
    if claim.certificate != certificate or claim.chain_id != believed.proven.chain_id:
        return failed("anchor.other", anchorer), None
    state = held.proofs.states.get((claim.state_block, claim.contract))
    if state is None:
        return failed("anchor.broken", anchorer), None
    try:
        shown = check_anchor(claim, certificate, state.storage)
    except AnchorDisproved:
        return failed("anchor.root", anchorer), None
    if claim.contract not in KNOWN_CONTRACTS:
        return unchecked("anchor.contract", str(claim.contract)), None
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
    is_key_proven = found.result == "pass" and claim.issuer_key is not None
    return found, claim.issuer_key.key if is_key_proven and claim.issuer_key else None
