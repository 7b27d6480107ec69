"""
Bitstring status lists (W3C, Recommendation of May 2025): which credentials were called back.

A list has one bit for each credential that was ever given a place in it. Whoever asks for a list
does not say which credential it is about, and places are given at random.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nft.certificates import Issuer, is_rfc3339, rfc3339
from nft.errors import Unacceptable
from nft.integrity import Document, check_proof, secure

Purpose = Literal["revocation", "suspension"]
PURPOSES: tuple[Purpose, ...] = ("revocation", "suspension")
"""Revoked is for good; suspended may end."""

LIST_BITS = 131_072
"""The least that the Recommendation allows: among fewer, a place would say too much."""

TTL_MS = 300_000
"""How long a copy may be kept before it should be asked for again."""

CONTEXT = "https://www.w3.org/ns/credentials/v2"
TYPE = "BitstringStatusListCredential"

_BASE64URL = re.compile("u[A-Za-z0-9_-]*")
"""Without padding, and in no other alphabet: Python's own decoder takes several spellings."""

_GZIP = 31
"""What zlib calls a window of 32 KiB within gzip's frame; it writes no time."""


class NotAStatusList(Unacceptable):
    """Not a status list of this form."""


def encode_bits(places: Iterable[int]) -> str:
    """A list in which these places are set, as `encodedList`: the same places, the same text."""
    bits = bytearray(LIST_BITS // 8)
    for place in places:
        if not 0 <= place < LIST_BITS:
            raise NotAStatusList(f"place {place} is not within a list of {LIST_BITS}")
        bits[place // 8] |= 0x80 >> place % 8
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    packed = packer.compress(bytes(bits)) + packer.flush()
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_bits(text: str) -> bytes:
    """Inverse of `encode_bits`. Raises `NotAStatusList`; nothing unpacks to more than a list."""
    if not _BASE64URL.fullmatch(text):
        raise NotAStatusList("the list is not base64url behind a `u`")
    try:
        packed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), b"-_", validate=True)
        unpacker = zlib.decompressobj(_GZIP)
        bits = unpacker.decompress(packed, LIST_BITS // 8 + 1)
    except (binascii.Error, zlib.error) as error:
        raise NotAStatusList(f"the list cannot be unpacked: {error}") from error
    if len(bits) != LIST_BITS // 8 or not unpacker.eof or unpacker.unused_data:
        raise NotAStatusList(f"the list does not have {LIST_BITS} places")
    return bits


def entry(list_id: str, purpose: Purpose, place: int) -> Document:
    """What a credential says of its place in a list."""
    return {
        "id": f"{list_id}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place),
        "statusListCredential": list_id,
    }


def issue_list(
    list_id: str,
    purpose: Purpose,
    places: Iterable[int],
    issuer: Issuer,
    *,
    valid_from: datetime,
    valid_until: datetime,
) -> Document:
    """The signed list, dated. The same input gives the same bytes."""
    since, until = rfc3339(valid_from), rfc3339(valid_until)
    document: Document = {
        "@context": [CONTEXT],
        "id": list_id,
        "type": ["VerifiableCredential", TYPE],
        "issuer": issuer.did,
        "validFrom": since,
        "validUntil": until,
        "credentialSubject": {
            "id": f"{list_id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode_bits(places),
            "ttl": TTL_MS,
        },
    }
    return secure(document, key=issuer.key, method=issuer.method, created=since)


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that was read, and whose proof holds."""

    list_id: str
    purpose: str
    issuer: str
    method: str
    """The verification method that signed; whose it is, the reader must know."""
    valid_from: str
    valid_until: str
    bits: bytes

    def is_set(self, place: int) -> bool:
        """Whether the credential at this place is revoked, or suspended."""
        if not 0 <= place < LIST_BITS:
            raise NotAStatusList(f"place {place} is not within a list of {LIST_BITS}")
        return bool(self.bits[place // 8] & 0x80 >> place % 8)


def read_list(document: Document, *, key: Ed25519PublicKey | None = None) -> StatusList:
    """
    Read a list and check its proof, as `check_proof` does.

    That the issuer is the certificate's is for the caller to compare. Raises `NotAStatusList`,
    `ProofInvalid`.
    """
    subject = document.get("credentialSubject")
    types = document.get("type")
    if not isinstance(subject, dict) or not isinstance(types, list) or TYPE not in types:
        raise NotAStatusList(f"the document is no {TYPE}")
    said = [
        document.get("id"),
        subject.get("statusPurpose"),
        document.get("issuer"),
        document.get("validFrom"),
        document.get("validUntil"),
        subject.get("encodedList"),
    ]
    if not all(isinstance(one, str) for one in said):
        raise NotAStatusList("the list lacks a name, purpose, issuer, date or content")
    list_id, purpose, issuer, valid_from, valid_until, packed = map(str, said)
    if not is_rfc3339(valid_from) or not is_rfc3339(valid_until):
        raise NotAStatusList("a date of the list is not in UTC to the second")
    method = check_proof(document, key=key)
    return StatusList(
        list_id, purpose, issuer, method, valid_from, valid_until, decode_bits(packed)
    )
