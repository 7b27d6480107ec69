"""
The report on a certificate: every check, in the order in which a reader asks.

Who says so, of what, does the artist say it too, which blocks are believed, does the chain agree,
and was it called back since.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.integrity import Document, ProofInvalid, decode_base58
from nft.proofs.evidence import Evidence as Proofs
from nft.types import Digest
from nft.verification.anchor import HeldAnchor, Shown, find_anchor, read_anchor
from nft.verification.blocks import (
    Believed,
    believe,
    check_blocks,
    check_chain_id,
    read_proofs,
)
from nft.verification.chain import Facts, check_chain, find_facts
from nft.verification.claims import Claims, NotACertificate, read_claims
from nft.verification.countersignature import check_countersignatures
from nft.verification.inputs import Evidence, NodeHashes
from nft.verification.issuer import keys_beside, keys_of, name_issuer, signature
from nft.verification.report import BlockTrust, Check, Finding, Report, failed, passed, refused
from nft.verification.statement import check_statement
from nft.verification.status import check_status
from nft.verification.voucher import check_voucher
from nft.verification.work import check_creator, check_description, check_media


@dataclass(frozen=True, slots=True)
class _Held:
    """A certificate with everything that was read of it and beside it."""

    document: Document
    claims: Claims
    proofs: Proofs | None
    anchor: HeldAnchor | None
    believed: Believed
    inputs: Evidence
    signed: Finding
    key: str
    """The Multikey that signed; empty where the signature does not hold."""


def verify(document: Document, evidence: Evidence, more: tuple[Proofs, ...] = ()) -> Report:
    """
    Check a certificate with whatever the reader brings.

    `more` is evidence of other documents at hand, whose links count too.
    """
    try:
        claims = read_claims(document)
    except NotACertificate as error:
        return refused(error.key)
    held = _hold(document, claims, evidence, more)
    lines, blocks = _check_blocks(held)
    anchored = find_anchor(evidence.anchor, held.anchor, held.believed, evidence.certificate_sha256)
    checks = [
        passed("document.certificate", claims.token.caip19).as_check("document", required=True),
        *_check_issuer(held, anchored),
        check_creator(claims),
        check_description(document, claims),
        check_statement(document, claims),
        *check_voucher(document, claims),
        *check_media(claims, evidence.media),
        *_check_evidence(held),
        *lines,
        *check_chain_id(claims.token.chain_id, evidence),
        *check_chain(claims, _facts(held), evidence.chain),
        *_check_status(held),
        anchored.found.as_check("anchor", required=False),
        *check_countersignatures(claims, evidence),
    ]
    return Report(tuple(checks), tuple(blocks))


def _hold(
    document: Document, claims: Claims, evidence: Evidence, more: tuple[Proofs, ...]
) -> _Held:
    proofs = read_proofs(claims.place.proofs) if claims.place else None
    anchor = read_anchor(evidence.anchor)
    beside = anchor.proofs if anchor else None
    documents = [one for one in (proofs, beside, *more) if one is not None]
    believed = believe(claims.token.chain_id, evidence, documents, _node_of(claims, evidence))
    return _Held(document, claims, proofs, anchor, believed, evidence, *signature(document))


def _node_of(claims: Claims, evidence: Evidence) -> tuple[NodeHashes, ...]:
    """The node that was asked about the token also said the hash of its mint's block."""
    node = evidence.chain
    if node is None or node.mint_block_hash is None or claims.mint is None:
        return ()
    if any(one.source == node.source for one in evidence.nodes):
        return ()
    hashes = {claims.mint.block: node.mint_block_hash}
    return (NodeHashes(node.source, node.chain_id, hashes),)


def _check_issuer(held: _Held, anchored: Shown) -> list[Check]:
    key = held.key
    lines = [held.signed.as_check("issuer.signature", required=True)]
    if not key:
        return lines
    identity = name_issuer(held.document, key, held.inputs, anchored.since)
    anchor = held.anchor
    if identity.result == "not_checked" and anchor and anchored.key == _raw(key):
        identity = passed("identity.anchored", key, anchorer=str(anchor.claim.anchorer))
    return [*lines, identity.as_check("issuer.identity", required=False)]


def _raw(key: str) -> bytes:
    try:
        return decode_base58(key[1:])[2:]
    except ProofInvalid:
        return b""


def _check_evidence(held: _Held) -> list[Check]:
    claims = held.claims
    if claims.place is None:
        return []
    found: Finding
    if held.proofs is None:
        found = failed("evidence.fail", claims.place.layout)
    elif held.proofs.chain_id != claims.token.chain_id:
        found = failed("evidence.chain", claims.place.layout)
    else:
        found = passed("evidence.pass", claims.place.layout)
    return [found.as_check("evidence", required=True)]


def _check_blocks(held: _Held) -> tuple[list[Check], list[BlockTrust]]:
    claims, numbers = held.claims, set()
    claimed: dict[int, Digest] = {}
    if claims.place is not None:
        numbers |= {claims.place.mint_block, claims.place.state_block}
    elif claims.mint is not None:
        numbers.add(claims.mint.block)
        claimed[claims.mint.block] = claims.mint.block_hash
    if held.anchor is not None:
        numbers.add(held.anchor.claim.state_block)
    return check_blocks(held.believed, numbers, claimed)


def _facts(held: _Held) -> Facts | None:
    if held.proofs is None or held.claims.place is None:
        return None
    if held.proofs.chain_id != held.claims.token.chain_id:
        return None
    return find_facts(held.claims, held.claims.place, held.believed)


def _check_status(held: _Held) -> list[Check]:
    copy = held.inputs.issuer_document
    return check_status(
        held.claims.status,
        held.inputs.status_lists,
        issuer=held.document.get("issuer"),
        keys=keys_beside(held.key, held.inputs),
        copied=keys_of(copy) if copy else {},
    )
