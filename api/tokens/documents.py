"""
What an artist states of a work, read out of its metadata document with care.

Documents of ours have one shape (`nft.metadata.document`), but a digest on the chain may stand
for any JSON at all: what is not of the expected type counts as not stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.tokens.schemas import AttributeOut, EditionOut, MediaOut, VariantOut

NO_DOCUMENT: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Picture:
    """What the media store knows of a file beyond its document."""

    width: int | None = None
    height: int | None = None
    blur: str | None = None
    variants: tuple[VariantOut, ...] = field(default=())
    details: Mapping[str, Any] = field(default_factory=dict)


Pictures = Mapping[str, Picture]
"""By SHA-256 as documents write it."""


def text(document: Mapping[str, Any], name: str) -> str:
    """A text, or nothing."""
    value = document.get(name)
    return value if isinstance(value, str) else ""


def part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, or an empty one."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else NO_DOCUMENT


def parts(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    value = document.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def number(document: Mapping[str, Any], name: str) -> int | None:
    """A whole number, or None; true is not 1."""
    value = document.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def edition(document: Mapping[str, Any]) -> EditionOut:
    """Which of how many; a document that says nothing is a single work of unknown size."""
    stated = part(part(document, "properties"), "edition")
    return EditionOut(number=number(stated, "number") or 1, size=number(stated, "size"))


def attributes(document: Mapping[str, Any]) -> list[AttributeOut]:
    """The traits, numbers among their values as text."""
    return [
        AttributeOut(trait_type=text(one, "trait_type"), value=str(one.get("value", "")))
        for one in parts(document, "attributes")
    ]


def assets(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files of the work that are named by content."""
    return [
        one
        for one in parts(part(document, "properties"), "media")
        if text(one, "cid") and text(one, "sha256")
    ]


def media(document: Mapping[str, Any], pictures: Pictures, media_url: str) -> list[MediaOut]:
    """The files as answers show them, with their place on the media origin."""
    found = []
    for one in assets(document):
        picture = pictures.get(text(one, "sha256")) or _poster(text(one, "cid"), document, pictures)
        found.append(
            MediaOut(
                role=text(one, "role"),
                cid=text(one, "cid"),
                sha256=text(one, "sha256"),
                type=text(one, "type"),
                size=number(one, "size") or 0,
                url=f"{media_url}/ipfs/{text(one, 'cid')}{'/' if text(one, 'entry') else ''}",
                width=number(one, "width") or picture.width,
                height=number(one, "height") or picture.height,
                blur=picture.blur,
                variants=list(picture.variants),
                details=dict(picture.details),
            )
        )
    return found


def _poster(cid: str, document: Mapping[str, Any], pictures: Pictures) -> Picture:
    """A picture that was made from another file of the work comes in that one's other sizes."""
    for one in assets(document):
        known = pictures.get(text(one, "sha256"))
        if known and any(variant.url.endswith(f"/{cid}") for variant in known.variants):
            return Picture(blur=known.blur, variants=known.variants)
    return Picture()
