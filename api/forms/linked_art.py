"""
A work and its history as Linked Art (https://linked.art, version 1.0): the data of museums.

A work here is a file that shows something, so it is a `DigitalObject`: created by its artist, named
by its CAIP-19, with an activity for each change of hands. Terms are those of the Getty's Art and
Architecture Thesaurus. What was not stated is left out; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api import display
from api.tokens.schemas import MediaOut, ProvenanceItem, TokenOut
from nft.certificates import rfc3339
from nft.types import ZERO_ADDRESS

CONTEXT = "https://linked.art/ns/v1/linked-art.json"
AAT = "http://vocab.getty.edu/aat/"
LONGEST = 10_000

WORK_OF_ART = ("300133025", "Works of Art")
KINDS = {"image": ("300215302", "Digital Images")}
"""Of other kinds the thesaurus has no term that fits every work."""
PRIMARY = ("300404670", "Primary Name")
UNIQUE = ("300404012", "Unique Identifier")
ACCESSION = ("300312355", "Accession Number")
BRIEF = ("300418049", "Brief Text")
DESCRIPTION = ("300435416", "Description")
MATERIALS = ("300435429", "Material Statement")
DIMENSIONS = ("300435430", "Dimension Statement")
RIGHTS = ("300435434", "Copyright/License Statement")
EDITION = ("300435435", "Edition Statement")
PROVENANCE = ("300055863", "Provenance Activity")
HANDS = {"mint": "Minted", "sale": "Sold", "transfer": "Handed over", "burn": "Destroyed"}


def linked_art(
    token: TokenOut, history: Iterable[ProvenanceItem], public_url: str
) -> dict[str, Any]:
    """The whole record of a work."""
    here = public_url + display.path_of(token.work_url)
    told = {
        "@context": CONTEXT,
        "id": here,
        "type": "DigitalObject",
        "_label": token.title or "Untitled",
        "identified_by": _names(token),
        "classified_as": _classes(token),
        "referred_to_by": _statements(token),
        "created_by": None if token.foreign else _creation(token, public_url),
        "digitally_shows": [
            {"id": f"{here}#shown", "type": "VisualItem", "_label": token.title or "Untitled"}
        ],
        **_file(token),
        "used_for": [_activity(one, here, public_url) for one in history if one.event in HANDS],
        "subject_of": None if token.foreign else [_certificate(token, public_url)],
    }
    return {name: value for name, value in told.items() if value}


def _type(term: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"id": AAT + term[0], "type": "Type", "_label": term[1], **more}


def _names(token: TokenOut) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [_identifier(token.asset, UNIQUE)]
    if token.title:
        name = {"type": "Name", "content": token.title, "classified_as": [_type(PRIMARY)]}
        told.insert(0, name)
    if token.external_id:
        told.append(_identifier(token.external_id, ACCESSION))
    return told


def _identifier(content: str, term: tuple[str, str]) -> dict[str, Any]:
    return {"type": "Identifier", "content": content, "classified_as": [_type(term)]}


def _main(token: TokenOut) -> MediaOut | None:
    """The file that is the work itself: what moves comes before its picture."""
    by_role = sorted(token.media, key=lambda file: file.role != "animation")
    return by_role[0] if by_role else None


def _classes(token: TokenOut) -> list[dict[str, Any]]:
    main = _main(token)
    kind = KINDS.get(main.kind) if main else None
    return [_type(term) for term in (WORK_OF_ART, kind) if term is not None]


def _statements(token: TokenOut) -> list[dict[str, Any]]:
    size, number = token.edition.size, token.edition.number
    edition = f"Number {number} of an edition of {size}" if size and size > 1 else ""
    told = [
        (DESCRIPTION, token.description[:LONGEST]),
        (MATERIALS, token.medium),
        (DIMENSIONS, token.dimensions),
        (EDITION, "One of one" if size == 1 else edition),
        (RIGHTS, token.rights[:LONGEST]),
    ]
    return [_statement(content, term) for term, content in told if content]


def _statement(content: str, term: tuple[str, str]) -> dict[str, Any]:
    kind = _type(term, classified_as=[_type(BRIEF)])
    return {"type": "LinguisticObject", "content": content, "classified_as": [kind]}


def _creation(token: TokenOut, public_url: str) -> dict[str, Any]:
    """By whom, and when at the latest: the mint is the first that anybody saw of it."""
    timespan: dict[str, Any] = {
        "type": "TimeSpan",
        "end_of_the_end": rfc3339(token.minted.timestamp),
    }
    if token.date:
        timespan["identified_by"] = [{"type": "Name", "content": token.date}]
    return {
        "type": "Creation",
        "timespan": timespan,
        "carried_out_by": [_person(token.creator, public_url, token.artist)],
    }


def _person(address: str, public_url: str, name: str = "") -> dict[str, Any]:
    return {
        "id": f"{public_url}/artists/{address}",
        "type": "Person",
        "_label": name or address,
    }


def _file(token: TokenOut) -> dict[str, Any]:
    main = _main(token)
    if main is None:
        return {}
    told: dict[str, Any] = {
        "format": main.type,
        "access_point": [{"id": main.url, "type": "DigitalObject"}],
    }
    return told


def _activity(one: ProvenanceItem, here: str, public_url: str) -> dict[str, Any]:
    """One change of hands, named by its transaction."""
    word = HANDS[one.event]
    statement = []
    if one.price is not None:
        unit = display.currency_of(one.currency or str(ZERO_ADDRESS))[0]
        price = display.amount(one.price, "en_GB", one.currency or str(ZERO_ADDRESS))
        statement.append(_statement(f"{price} {unit}", DESCRIPTION))
    people = [who for who in (one.seller or one.from_, one.to) if who and int(who, 16)]
    told = {
        "id": f"{here}#{one.transaction_hash}-{one.log_index}",
        "type": "Activity",
        "_label": f"{word}, {one.timestamp.date().isoformat()}",
        "classified_as": [_type(PROVENANCE)],
        "identified_by": [_identifier(one.transaction_hash, UNIQUE)],
        "referred_to_by": statement,
        "timespan": {
            "type": "TimeSpan",
            "begin_of_the_begin": rfc3339(one.timestamp),
            "end_of_the_end": rfc3339(one.timestamp),
        },
        "carried_out_by": [_person(who, public_url) for who in people],
    }
    return {name: value for name, value in told.items() if value}


def _certificate(token: TokenOut, public_url: str) -> dict[str, Any]:
    return {
        "id": public_url + display.path_of(token.certificate_url),
        "type": "LinguisticObject",
        "_label": "Certificate of authenticity",
    }
