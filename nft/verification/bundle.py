"""
The report on a bundle: its certificate, with everything beside it that bears on the certificate.

The extract's lines stand behind the certificate's, each as `extract.<id>`. They are not required:
the verdict is that of the certificate, unless anything in the bundle fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nft.bundles import CERTIFICATE, NAMES, NotABundle, unpack
from nft.integrity import Document
from nft.proofs.evidence import Evidence as Proofs
from nft.types import Digest
from nft.verification.anchor import read_anchor
from nft.verification.blocks import read_proofs
from nft.verification.certificate import verify
from nft.verification.claims import read_claims
from nft.verification.extract import verify_extract
from nft.verification.extract_claims import FORMAT as EXTRACT
from nft.verification.inputs import Evidence
from nft.verification.reading import Malformed, read_json
from nft.verification.report import BlockTrust, Check, Report, failed, passed, refused

READ = tuple(name for name in NAMES if name.endswith(".json") and name != "metadata.json")
"""The parts that are JSON and bear on a check; the description is compared as bytes."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The documents of a bundle, by name, and which of their names cannot be read."""

    files: Mapping[str, bytes]
    documents: Mapping[str, Document]
    unread: tuple[str, ...]

    def get(self, name: str) -> Document | None:
        """A document that is there and can be read."""
        return self.documents.get(name)


def verify_archive(body: bytes, inputs: Evidence) -> Report:
    """Check a ZIP, whoever packed it."""
    try:
        files = unpack(body)
    except NotABundle:
        return refused("document.archive")
    return verify_bundle(files, inputs)


def verify_bundle(files: Mapping[str, bytes], inputs: Evidence) -> Report:
    """Check the parts of a bundle, by name, with what the reader brings besides."""
    if set(files) - set(NAMES) or CERTIFICATE not in files:
        return refused("document.archive")
    parts = _read(files)
    certificate = parts.get(CERTIFICATE)
    if certificate is None:
        return refused("document.json")
    brought = _beside(parts, inputs)
    links, extract = parts.get("links.json"), parts.get("extract.json")
    more = tuple(
        one
        for one in (_proofs(links), _proofs(extract, "evidence"), _proofs(extract, "links"))
        if one is not None
    )
    report = verify(certificate, brought, more)
    if report.checks[0].result == "fail":
        return report
    checks = [*report.checks, *_check_files(parts, certificate)]
    blocks = [*report.blocks]
    if extract is not None:
        token = read_claims(certificate).token
        is_same = extract.get("asset") == token.caip19
        if extract.get("chain_id") != str(token.chain_id):
            # A header names no chain: the reader's hashes are of the certificate's.
            brought = replace(brought, block_hashes={}, checkpoints={})
        found = _check_extract(extract, brought, _all(certificate, brought.anchor, more))
        checks = _with_owner(checks, found) if is_same else checks
        checks += [_beside_certificate(one) for one in found.checks]
        checks.append(_check_token(is_same=is_same))
        blocks = _together(blocks, found.blocks)
    return Report(tuple(checks), tuple(blocks))


def _read(files: Mapping[str, bytes]) -> _Parts:
    documents: dict[str, Document] = {}
    unread = []
    for name in READ:
        if name in files:
            try:
                documents[name] = read_json(files[name])
            except Malformed:
                unread.append(name)
    return _Parts(files, documents, tuple(unread))


def _beside(parts: _Parts, inputs: Evidence) -> Evidence:
    """What the reader brings, and the bundle's own parts where the reader brings none."""
    status, standing = parts.get("status.json") or {}, parts.get("standing.json") or {}
    lists, signed = status.get("lists"), standing.get("countersignatures")
    return replace(
        inputs,
        issuer_document=_first(inputs.issuer_document, parts.get("issuer.json")),
        status_lists=(*inputs.status_lists, *_objects(lists)),
        anchor=_first(inputs.anchor, parts.get("anchor.json")),
        countersignatures=(*inputs.countersignatures, *_objects(signed)),
        certificate_sha256=Digest.sha256(parts.files[CERTIFICATE]),
    )


def _first(brought: Document | None, own: Document | None) -> Document | None:
    """The reader's, be it empty: it says something, and not what the bundle says."""
    return own if brought is None else brought


def _objects(value: Any) -> tuple[Document, ...]:
    return tuple(one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _proofs(document: Document | None, name: str = "") -> Proofs | None:
    if document is None:
        return None
    return read_proofs(document.get(name) if name else document)


def _all(
    certificate: Document, anchor: Document | None, more: tuple[Proofs, ...]
) -> tuple[Proofs, ...]:
    """Evidence at hand besides the extract's own: the certificate's and the anchor's count too."""
    entries = certificate.get("evidence")
    first = entries[0] if isinstance(entries, list) and entries else None
    own = _proofs(first, "proofs") if isinstance(first, dict) else None
    held = read_anchor(anchor)
    beside = (own, None if held is None else held.proofs)
    return (*more, *(one for one in beside if one is not None))


def _check_files(parts: _Parts, certificate: Document) -> list[Check]:
    found = [
        failed("bundle.unread", name).as_check(f"bundle.{name}", required=True)
        for name in parts.unread
    ]
    if "metadata.json" in parts.files:
        found.append(_check_metadata(parts.files["metadata.json"], certificate))
    links = parts.get("links.json")
    if links is not None:
        holds = read_proofs(links) is not None
        line = passed("bundle.links") if holds else failed("bundle.links.broken")
        found.append(line.as_check("bundle.links.json", required=False))
    return found


def _check_metadata(metadata: bytes, certificate: Document) -> Check:
    subject = certificate["credentialSubject"]
    wanted = subject["metadata"]["sha256"]
    # Before the mint there is no token that could carry it.
    right, wrong = "bundle.metadata", "bundle.differs"
    if "voucher" in subject:
        right, wrong = "bundle.offered", "bundle.offered.differs"
    is_same = str(Digest.sha256(metadata)) == wanted
    line = passed(right, wanted) if is_same else failed(wrong, wanted)
    return line.as_check("bundle.metadata.json", required=False)


def _check_extract(extract: Document, inputs: Evidence, more: tuple[Proofs, ...]) -> Report:
    if extract.get("format") != EXTRACT:
        return refused("document.unknown")
    return verify_extract(extract, inputs, more)


def _check_token(*, is_same: bool) -> Check:
    line = passed("bundle.extract") if is_same else failed("bundle.extract.differs")
    return line.as_check("bundle.extract.json", required=False)


def _with_owner(checks: list[Check], extract: Report) -> list[Check]:
    """The extract's owner stands among the chain's lines, unless a node named one."""
    owner = next((one for one in extract.checks if one.id == "chain.owner"), None)
    if owner is None or any(one.id == "chain.owner" for one in checks):
        return checks
    last = max(place for place, one in enumerate(checks) if one.id.startswith("chain."))
    return [*checks[: last + 1], replace(owner, required=False), *checks[last + 1 :]]


def _beside_certificate(check: Check) -> Check:
    return replace(check, id=f"extract.{check.id}", required=False)


def _together(one: list[BlockTrust], other: tuple[BlockTrust, ...]) -> list[BlockTrust]:
    found = {block.number: block for block in (*other, *one)}
    return [found[number] for number in sorted(found)]
