"""
Which forms a certificate has, and which of them a reader asks for.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from starlette.requests import Request

from api.languages import LANGUAGES, accepted
from nft.types import TokenRef

LINKED_ART_PROFILE = "https://linked.art/ns/v1/linked-art.json"
LINKED_ART = f'application/ld+json;profile="{LINKED_ART_PROFILE}"'
HTML, VC, JSON, PDF, ZIP = (
    "text/html",
    "application/vc",
    "application/json",
    "application/pdf",
    "application/zip",
)
OFFERED = (HTML, VC, JSON, PDF)
"""On the page's own address, the first among equals first."""
_QUALITY = re.compile(r"\s*q=([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)


def page_path(token: TokenRef) -> str:
    """The page of a certificate."""
    return f"/c/{token.path}"


def json_path(token: TokenRef) -> str:
    """The credential."""
    return f"/api/certificates/{token.path}"


def forms_of(token: TokenRef) -> dict[str, str]:
    """Where each form is."""
    credential = json_path(token)
    return {
        "page": page_path(token),
        "json": credential,
        "pdf": f"{credential}.pdf",
        "zip": f"{credential}.zip",
        "linked_art": f"{credential}/linked-art",
        "embed": f"/embed/{token.path}",
    }


def link_header(token: TokenRef, public_url: str, *, is_minted: bool = True) -> str:
    """Every form of a certificate as RFC 8288 writes it; before the mint there are fewer."""
    at = forms_of(token)
    links = [
        f'<{at["page"]}>; rel="canonical"',
        f'<{at["page"]}>; rel="alternate"; type="{HTML}"',
        f'<{at["json"]}>; rel="alternate"; type="{VC}"',
        f'<{at["pdf"]}>; rel="alternate"; type="{PDF}"',
        f'<{at["zip"]}>; rel="alternate"; type="{ZIP}"',
    ]
    if is_minted:
        links += [
            f'<{at["linked_art"]}>; rel="alternate"; type="application/ld+json"; '
            f'profile="{LINKED_ART_PROFILE}"',
            f'<{oembed_path(public_url + at["page"])}>; rel="alternate"; '
            'type="application/json+oembed"',
        ]
    return ", ".join(links)


def oembed_path(url: str) -> str:
    """Where the embed of one of our pages is described."""
    return f"/oembed?{urlencode({'url': url, 'format': 'json'})}"


def wanted(request: Request) -> str:
    """The form that `Accept` likes best (RFC 9110); a browser gets the page."""
    header = request.headers.get("accept", "*/*")[:500]
    ranges = [_range(part) for part in header.split(",")]
    best, best_quality = HTML, 0.0
    for offered in OFFERED:
        quality = _quality_of(offered, ranges)
        if quality > best_quality:
            best, best_quality = offered, quality
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    found = next((match for one in parameters if (match := _QUALITY.fullmatch(one))), None)
    return name.strip().lower(), float(found[1]) if found else 1.0


def _quality_of(offered: str, ranges: list[tuple[str, float]]) -> float:
    """By the most specific range that matches."""
    whole = offered.partition("/")[0]
    for name in (offered, f"{whole}/*", "*/*"):
        found = [quality for asked, quality in ranges if asked == name]
        if found:
            return max(found)
    return 0.0


def public_language(request: Request) -> str:
    """The language of a public file: by `?lang=` or `Accept-Language`, never by a cookie."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    return accepted(request.headers.get("accept-language", ""))
