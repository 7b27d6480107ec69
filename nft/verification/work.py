"""
What a certificate says of the work, held against itself: creator, description, files.
"""

from __future__ import annotations

from collections.abc import Mapping

import rfc8785

from nft.certificates import described
from nft.errors import ExchangeError
from nft.integrity import Document
from nft.metadata import canonical_bytes, metadata_digest
from nft.tokens import creator_of
from nft.types import Digest
from nft.verification.claims import Claims
from nft.verification.report import Check, Finding, failed, passed, unchecked


def check_creator(claims: Claims) -> Check:
    """The token id names the creator, so nobody else can be written there."""
    named = str(creator_of(claims.token.token_id))
    if named != str(claims.creator):
        found = failed("creator.fail", str(claims.token.token_id), address=named)
    else:
        found = passed("creator.pass", named, address=named)
    return found.as_check("creator", required=True)


def check_description(document: Document, claims: Claims) -> Check:
    """Words and files are those of the document whose digest the token carries."""
    return _description(document, claims).as_check("description", required=True)


def _description(document: Document, claims: Claims) -> Finding:
    wanted = str(claims.metadata_digest)
    subject = document["credentialSubject"]
    metadata = subject["metadata"].get("document")
    if not isinstance(metadata, dict):
        return failed("description.none", wanted)
    try:
        found = metadata_digest(canonical_bytes(metadata))
    except (ExchangeError, rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        return failed("description.none", wanted)
    if found != claims.metadata_digest:
        return failed("description.other", wanted)
    if not isinstance(metadata.get("properties", {}), dict):
        return failed("description.shape", wanted)
    said = described(metadata)
    other = [part for part, value in said.items() if not _is_same(subject, part, value)]
    if other:
        return failed("description.differs", wanted, parts=", ".join(other))
    return passed("description.pass", wanted)


def _is_same(subject: Document, part: str, value: object) -> bool:
    """By canonical text: Python takes 1 and true for equal, which no other reader does."""
    if part not in subject:
        return False
    if isinstance(value, str):
        return bool(subject[part] == value)
    try:
        return rfc8785.dumps(subject[part]) == rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        return False


def check_media(claims: Claims, held: Mapping[Digest, str]) -> list[Check]:
    """Each file that was read has the stated hash, and none is another work's."""
    lines = []
    for position, (role, sha256) in enumerate(claims.media):
        if sha256 in held:
            found = passed("media.pass", str(sha256), source=held[sha256])
        else:
            found = unchecked("media.absent", str(sha256))
        lines.append(found.as_check(f"media.{position}.{role}", required=False))
    stated = {sha256 for _, sha256 in claims.media}
    for sha256 in sorted(set(held) - stated):
        lines.append(failed("media.other", str(sha256)).as_check("media.other", required=True))
    return lines
