"""
A work as `VisualArtwork` of schema.org, for search engines and whoever else reads pages.

It stands in a page as a block of data. What an artist wrote may hold `</script>`: every sign that
means something to an HTML parser is escaped as JSON allows, so the block ends where it should.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from api import display, pictures
from api.tokens.schemas import EditionOut, MediaOut, TokenOut

_DANGEROUS = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    ord("\u2028"): "\\u2028",
    ord("\u2029"): "\\u2029",
}
LONGEST = 5_000
FORMS = {
    "image": "Digital image",
    "video": "Moving image",
    "audio": "Sound",
    "model": "Digital sculpture",
    "document": "Document",
    "page": "Interactive work",
}


def script_json(value: object) -> Markup:
    """JSON that may stand inside of a `script` element."""
    return Markup(json.dumps(value, ensure_ascii=False).translate(_DANGEROUS))


def visual_artwork(token: TokenOut, public_url: str) -> Markup:
    """The block of data of a work's page."""
    return script_json(described(token, public_url))


def described(token: TokenOut, public_url: str) -> dict[str, Any]:
    """The work in the words of schema.org; what is not stated is left out."""
    work_url = public_url + display.path_of(token.work_url)
    creator: dict[str, Any] = {
        "@type": "Person",
        "name": token.artist or display.short(token.creator),
        "identifier": token.creator,
        "url": f"{public_url}/artists/{token.creator}",
    }
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VisualArtwork",
        "@id": work_url,
        "url": work_url,
        "name": token.title,
        "creator": None if token.foreign else creator,
        "dateCreated": token.date,
        "datePublished": token.minted.timestamp.date().isoformat(),
        "artform": _form(token),
        "artMedium": token.medium,
        "size": token.dimensions,
        "artEdition": _edition(token.edition),
        "description": token.description[:LONGEST],
        "usageInfo": token.rights[:LONGEST],
        "image": _image(token),
        "identifier": _identifiers(token),
        "subjectOf": {
            "@type": "DigitalDocument",
            "name": "Certificate of authenticity",
            "url": public_url + display.path_of(token.certificate_url),
        },
    }
    if token.foreign:
        del found["subjectOf"]
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _form(token: TokenOut) -> str:
    """By the file that is the work itself: what moves comes before its picture."""
    by_role = sorted(token.media, key=lambda file: file.role != "animation")
    return FORMS.get(by_role[0].kind, "") if by_role else ""


def _edition(edition: EditionOut) -> str | int:
    """Of how many, as schema.org counts; nothing for a work whose edition is open."""
    return edition.size if edition.size is not None else ""


def _image(token: TokenOut) -> dict[str, Any] | None:
    image: MediaOut | None = next((one for one in token.media if one.role == "image"), None)
    if image is None:
        return None
    told = {
        "@type": "ImageObject",
        "contentUrl": image.url,
        "thumbnailUrl": pictures.poster(image),
        "encodingFormat": image.type,
        "width": image.width,
        "height": image.height,
        "sha256": image.sha256.removeprefix("0x"),
        "caption": token.alt_text[:LONGEST],
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _identifiers(token: TokenOut) -> list[dict[str, str]]:
    told = [("CAIP-19", token.asset), ("inventory number", token.external_id)]
    return [
        {"@type": "PropertyValue", "propertyID": name, "value": value}
        for name, value in told
        if value
    ]
