"""
The languages of the pages: which one a reader gets, and the catalogue of each.

English stands in the code; the others are gettext catalogues (`locales/<tag>/LC_MESSAGES/
messages.po`), read as they are at start, so that there is nothing to compile and nothing stale.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import Request

LOCALES = Path(__file__).parent / "locales"

LANGUAGES = {"en": "English", "zh": "中文"}
"""Tag in the URL and cookie, and the language's own name for itself."""

HTML_TAG = {"en": "en", "zh": "zh-Hans"}
BABEL_LOCALE = {"en": "en_GB", "zh": "zh_Hans_CN"}

SCRIPTS = "api/static/js/"
VERIFIER = SCRIPTS + "verifier/"
"""Where the messages of scripts come from, as catalogues name it."""

COOKIE = "lang"
YEAR_SECONDS = 31_536_000


class Catalogue:
    """The messages of one language; what is missing stands in English."""

    def __init__(
        self,
        messages: dict[str, tuple[str, ...]],
        browser: dict[str, str],
        verifier: dict[str, str],
    ) -> None:
        self.messages = messages
        self.browser = browser
        """The part that scripts in the browser need."""
        self.verifier = verifier
        """The part that the verifier needs, which is a program of its own."""

    def gettext(self, message: str) -> str:
        """The message in this language."""
        found = self.messages.get(message)
        return found[0] if found else message

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The message for a number; Chinese has one form for all."""
        found = self.messages.get(one)
        if found:
            return found[0] if number == 1 or len(found) == 1 else found[1]
        return one if number == 1 else many


@lru_cache
def catalogue(language: str) -> Catalogue:
    """Read a catalogue; English has none."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalogue({}, {}, {})
    with path.open("rb") as source:
        found = read_po(source, locale=BABEL_LOCALE[language])
    messages: dict[str, tuple[str, ...]] = {}
    browser: dict[str, str] = {}
    verifier: dict[str, str] = {}
    for message in found:
        if not message.id or not message.string:
            continue
        one = message.id if isinstance(message.id, str) else message.id[0]
        said = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        messages[one] = said
        places = [place for place, _ in message.locations if place.startswith(SCRIPTS)]
        if any(place.startswith(VERIFIER) for place in places):
            verifier[one] = said[0]
        if any(not place.startswith(VERIFIER) for place in places):
            browser[one] = said[0]
    return Catalogue(messages, browser, verifier)


def language_of(request: Request) -> str:
    """By `?lang=`, else by cookie, else by what the browser asks for, else English."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The best of our languages for an `Accept-Language` header (RFC 9110, by weight)."""
    best, best_weight = "en", 0.0
    for part in header[:300].split(","):
        tag, _, quality = part.strip().partition(";")
        found = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality)
        weight = float(found[1]) if found else 1.0
        language = tag.strip().lower().split("-")[0]
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
