"""
Any file of ours: which kind it is, the report on it, and the blocks that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from nft.bundles import NotABundle, is_zip, unpack
from nft.integrity import Document
from nft.proofs.evidence import Evidence as Proofs
from nft.proofs.pieces import FORMAT as EVIDENCE
from nft.types import Digest
from nft.verification.blocks import believe, check_blocks, check_chain_id, read_proofs
from nft.verification.bundle import verify_archive
from nft.verification.certificate import verify
from nft.verification.claims import Claims, NotACertificate, read_claims
from nft.verification.extract import verify_extract
from nft.verification.extract_claims import FORMAT as EXTRACT
from nft.verification.extract_claims import read_extract
from nft.verification.inputs import Evidence
from nft.verification.reading import Malformed, read_json
from nft.verification.report import Report, failed, passed, refused


def verify_file(body: bytes, inputs: Evidence) -> Report:
    """Check a certificate, an extract, evidence alone, or a bundle of all of them."""
    if is_zip(body):
        return verify_archive(body, inputs)
    try:
        document = read_json(body)
    except Malformed:
        return refused("document.json")
    return verify_document(document, replace(inputs, certificate_sha256=Digest.sha256(body)))


def verify_document(document: Document, inputs: Evidence) -> Report:
    """Check a document that was read, by what it says that it is."""
    kind = document.get("format")
    if kind == EXTRACT:
        return verify_extract(document, inputs)
    if kind == EVIDENCE:
        return verify_evidence(document, inputs)
    return verify(document, inputs)


def verify_evidence(document: Document, inputs: Evidence) -> Report:
    """Check evidence that stands alone: whether it holds, and which of its blocks are linked."""
    line = passed("document.evidence").as_check("document", required=True)
    proofs = read_proofs(document)
    if proofs is None:
        return Report((line, failed("evidence.fail").as_check("evidence", required=True)))
    believed = believe(proofs.chain_id, inputs, [proofs])
    lines, blocks = check_blocks(believed, proofs.headers, required=True)
    checks = [
        line,
        passed("evidence.pass").as_check("evidence", required=True),
        *lines,
        *check_chain_id(proofs.chain_id, inputs),
    ]
    return Report(tuple(checks), tuple(blocks))


def claims_of(body: bytes) -> Claims | None:
    """What the certificate of a file says; None where there is none that can be read."""
    try:
        document = next(iter(_documents(body)))
        return read_claims(document)
    except (Malformed, NotABundle, NotACertificate):
        return None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Blocks of a chain whose hashes would link what a file says."""

    chain_id: int
    numbers: frozenset[int]


def wanted_blocks(body: bytes) -> Wanted | None:
    """What a node can be asked about a file; None for one that names no block."""
    try:
        documents = _documents(body)
    except (Malformed, NotABundle):
        return None
    found = [one for document in documents for one in _named(document)]
    # The first says which chain it is: a bundle's certificate, not what lies beside it.
    chain_id = found[0].chain_id if found else 0
    numbers = frozenset().union(*(one.numbers for one in found if one.chain_id == chain_id))
    return Wanted(chain_id, numbers) if numbers else None


def _documents(body: bytes) -> Iterable[Document]:
    if not is_zip(body):
        return [read_json(body)]
    files = unpack(body)
    names = ("certificate.json", "extract.json", "links.json", "anchor.json")
    return [read_json(files[name]) for name in names if name in files]


def _named(document: Document) -> Iterable[Wanted]:
    if document.get("format") == EVIDENCE:
        yield from _newest(document)
    elif document.get("format") == EXTRACT:
        try:
            claims = read_extract(document)
        except Malformed:
            return
        moves = {item.block_number for item in claims.items if item.is_move}
        yield Wanted(claims.token.chain_id, frozenset({claims.block, *moves}))
        yield from _newest(claims.links)
    elif "evidence" in document and "leaf" in document:
        yield from _newest(document["evidence"])
    else:
        yield from _of_certificate(document)


def _of_certificate(document: Document) -> Iterable[Wanted]:
    try:
        claims = read_claims(document)
    except NotACertificate:
        return
    numbers = set() if claims.mint is None else {claims.mint.block}
    if claims.place is not None:
        numbers |= {claims.place.mint_block, claims.place.state_block}
    yield Wanted(claims.token.chain_id, frozenset(numbers))


def _newest(document: Any) -> Iterable[Wanted]:
    """Of evidence its newest block, from which links lead down to all others."""
    proofs: Proofs | None = None if document is None else read_proofs(document)
    if proofs is not None and proofs.headers:
        yield Wanted(proofs.chain_id, frozenset({max(proofs.headers)}))
