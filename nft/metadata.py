"""
The metadata of a work: one canonical JSON document, one raw block, one digest on chain.

The bytes are RFC 8785 canonical JSON, at most 262,144 of them, so that the document is a single
raw block and its CID is `bafkrei…` over their SHA-256. The collection keeps that digest, and
`tokenURI` is built from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from nft.errors import MetadataInvalid, MetadataTooLarge
from nft.types import Digest

MAX_BYTES = 262_144
MAX_TITLE = 200
MAX_TEXT = 10_000
MAX_SHORT = 300
MAX_ATTRIBUTES = 64

ROLES = ("image", "animation", "document")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of a work, by content."""

    role: str
    cid: str
    profile: str
    sha256: Digest
    type: str
    size: int
    width: int | None = None
    height: int | None = None
    entry: str | None = None
    """Of a directory its page; the SHA-256 is then that of the root block."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which of how many; size None says nothing of the whole."""

    number: int = 1
    size: int | None = 1


@dataclass(frozen=True, slots=True)
class Attribute:
    """A trait as marketplaces show them."""

    trait_type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything the artist states of a work; `check` holds it to the rules."""

    title: str
    assets: tuple[Asset, ...]
    artist: str = ""
    description: str = ""
    alt_text: str = ""
    date: str = ""
    medium: str = ""
    dimensions: str = ""
    edition: Edition = field(default_factory=Edition)
    attributes: tuple[Attribute, ...] = ()
    rights: str = ""
    external_id: str = ""


def check_work(work: Work) -> None:
    """Hold every field to its rule. Raises `MetadataInvalid` with the field at fault."""
    if not work.title.strip():
        raise MetadataInvalid("title", "a work needs a title")
    limits: Sequence[tuple[str, str, int]] = (
        ("title", work.title, MAX_TITLE),
        ("artist", work.artist, MAX_SHORT),
        ("description", work.description, MAX_TEXT),
        ("alt_text", work.alt_text, MAX_TEXT),
        ("work/date", work.date, MAX_SHORT),
        ("work/medium", work.medium, MAX_SHORT),
        ("work/dimensions", work.dimensions, MAX_SHORT),
        ("rights", work.rights, MAX_TEXT),
        ("external_id", work.external_id, MAX_SHORT),
    )
    for name, text, limit in limits:
        check_text(name, text, limit)
    if len(work.attributes) > MAX_ATTRIBUTES:
        raise MetadataInvalid("attributes", f"{len(work.attributes)} is above {MAX_ATTRIBUTES}")
    for position, attribute in enumerate(work.attributes):
        check_text(f"attributes/{position}/trait_type", attribute.trait_type, MAX_SHORT)
        check_text(f"attributes/{position}/value", attribute.value, MAX_SHORT)
    number, size = work.edition.number, work.edition.size
    if number < 1 or (size is not None and not number <= size <= 1_000_000):
        raise MetadataInvalid("work/edition", f"number {number} of {size} is not possible")
    for position, asset in enumerate(work.assets):
        if asset.role not in ROLES:
            raise MetadataInvalid(f"media/{position}/role", f"{asset.role!r} is none of {ROLES}")
    if not any(asset.role == "image" for asset in work.assets):
        raise MetadataInvalid("media", "a work needs one file with the role `image`")


def check_text(name: str, text: str, limit: int) -> None:
    """Hold one field to its length and to signs that can be shown. Raises `MetadataInvalid`."""
    if len(text) > limit:
        raise MetadataInvalid(name, f"{len(text)} characters, above the maximum of {limit}")
    hidden = [c for c in text if (ord(c) < 32 and c not in "\n\t") or c == "\x7f" or c in _BIDI]
    if hidden:
        raise MetadataInvalid(name, f"control character U+{ord(hidden[0]):04X} is not accepted")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise MetadataInvalid(name, "half of a surrogate pair is not a character")


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction overrides can make a title read as another one."""


def document(work: Work) -> dict[str, Any]:
    """
    The metadata document: what marketplaces read (ERC-721, `properties` for ours).

    Numbers stay inside the range that RFC 8785 allows; sizes are numbers, ids are strings.
    """
    image = next(asset for asset in work.assets if asset.role == "image")
    animation = next((asset for asset in work.assets if asset.role == "animation"), None)
    found: dict[str, Any] = {
        "name": work.title,
        "description": work.description,
        "image": f"ipfs://{image.cid}",
        "attributes": [{"trait_type": a.trait_type, "value": a.value} for a in work.attributes],
        "properties": {
            "artist": work.artist,
            "alt_text": work.alt_text,
            "date": work.date,
            "medium": work.medium,
            "dimensions": work.dimensions,
            "edition": {"number": work.edition.number, "size": work.edition.size},
            "rights": work.rights,
            "external_id": work.external_id,
            "media": [_asset(asset) for asset in work.assets],
        },
    }
    if animation:
        inside = f"/{animation.entry}" if animation.entry else ""
        found["animation_url"] = f"ipfs://{animation.cid}{inside}"
    return found


def _asset(asset: Asset) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "role": asset.role,
        "cid": asset.cid,
        "profile": asset.profile,
        "sha256": str(asset.sha256),
        "type": asset.type,
        "size": asset.size,
    }
    if asset.width and asset.height:
        facts |= {"width": asset.width, "height": asset.height}
    if asset.entry:
        facts["entry"] = asset.entry
    return facts


def canonical_bytes(found: dict[str, Any]) -> bytes:
    """RFC 8785 bytes of a metadata document. Raises `MetadataTooLarge`."""
    body = rfc8785.dumps(found)
    if len(body) > MAX_BYTES:
        raise MetadataTooLarge(len(body), MAX_BYTES)
    return body


def metadata_digest(body: bytes) -> Digest:
    """SHA-256 of the canonical bytes: what the token stores."""
    return Digest.sha256(body)
