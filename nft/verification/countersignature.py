"""
Whether a gallery signed the same certificate, as far as that can be known without its domain.

A bundle carries a copy of the gallery's document, and anybody can write such a copy. So the line
passes only for a key that the reader knows; otherwise it says what only the domain can say.
"""

from __future__ import annotations

from nft.integrity import Document
from nft.verification.claims import Claims
from nft.verification.inputs import Evidence
from nft.verification.report import Check, Finding, failed, passed, unchecked


def check_countersignatures(claims: Claims, inputs: Evidence) -> list[Check]:
    """A line for each that is at hand."""
    return [
        _check(entry, claims, inputs).as_check(f"countersignature.{position}", required=False)
        for position, entry in enumerate(inputs.countersignatures)
    ]


def _check(entry: Document, claims: Claims, inputs: Evidence) -> Finding:
    # Only where somebody countersigned: the modules behind it read domains.
    from nft.countersignatures import (
        CountersignatureInvalid,
        Countersigned,
        check_subject,
        gallery_of,
    )

    document = entry.get("document")
    if not isinstance(document, dict) or inputs.certificate_sha256 is None:
        return failed("countersignature.broken")
    try:
        gallery, key = gallery_of(document)
    except CountersignatureInvalid:
        return failed("countersignature.broken")
    what = Countersigned(
        certificate=inputs.certificate_sha256,
        token=claims.token,
        metadata=claims.metadata_digest,
        creator=claims.creator,
    )
    try:
        check_subject(document, what)
    except CountersignatureInvalid:
        return failed("countersignature.other", key)
    if entry.get("withdrawn_at"):
        return unchecked("countersignature.withdrawn", key, who=gallery)
    if key in inputs.known_issuers:
        # By the reader's name for the key: who signs can call themselves anybody's.
        return passed("countersignature.pass", key, who=inputs.known_issuers[key])
    return unchecked("countersignature.copied", key, who=gallery)
