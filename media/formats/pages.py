"""
Pages: one HTML file that has everything in it.

A page is never trusted, so nothing in it is judged; it is shown in a sandbox that loads nothing
from elsewhere. What it asks for elsewhere is found here, so that its artist learns of it now and
not from a collector for whom it stayed blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from media.formats.base import Structure, Unfit
from media.formats.kinds import HTML

MAX_TOLD = 20

_START = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->)*"
    rb"<(?:!doctype\s+html|html|head|body|script|title|meta|style|link|canvas|div|svg\s+[^>]*html)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,100}>([^<]{1,300})", re.IGNORECASE)

_URL = r"(?:(?:https?|wss?):)?//[\w-]+(?:\.[\w-]+)*(?::\d+)?[^\s\"'`<>)\\]{0,300}"
_TAG = re.compile(
    r"<(?:script|img|link|iframe|frame|audio|video|source|track|embed|object|image|use|input|form)"
    r"\b[^>]{0,2000}?\b(?:src|href|data|poster|srcset|action)\s*=\s*[\"']?\s*(" + _URL + ")",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:(?<!@)\bimport\b[^;\"'`]{0,500}?|\bfrom|@import|\burl\(|\b(?:fetch|importScripts|Worker|WebSocket"
    r"|EventSource|Request|URL|load|loadImage|loadJSON|loadSound|loadFont|loadModel|sendBeacon)\("
    r"|\.open\(\s*[\"']\w+[\"']\s*,|\.(?:src|href)\s*=|[\"']?imports?[\"']?\s*:[^}]{0,2000}?:)"
    r"\s*\(?\s*[\"'`]?(" + _URL + ")",
    re.IGNORECASE,
)
_NAMES_ONLY = re.compile(r"^(?:https?:)?//www\.w3\.org/(?:1999|2000|1998|XML)/", re.IGNORECASE)


def is_page(head: bytes) -> bool:
    """Whether a file begins as a page does."""
    return b"\0" not in head and _START.match(head) is not None


def walk_page(data: memoryview) -> Structure:
    """A page is all of its file. Raises `Unfit` when it is no text."""
    text = page_text(bytes(data))
    title = _TITLE.search(text[:100_000])
    details = {"entry": None, "files": 1, "title": title[1].strip() if title else ""}
    return Structure(HTML, 0, 0, frames=0, end=len(data), details=details)


def page_text(data: bytes) -> str:
    """The letters of a page, by the encoding it names or UTF-8. Raises `Unfit`."""
    if b"\0" in data:
        raise Unfit("FileDamaged", "the page holds a zero byte, so it is no text")
    named = _CHARSET.search(data[:1024])
    name = named[1].decode() if named else "utf-8"
    try:
        return data.decode(name)
    except (LookupError, UnicodeDecodeError) as error:
        raise Unfit("FileDamaged", f"the page is not written in {name}: {error}") from error


def references(text: str) -> list[str]:
    """Addresses elsewhere that a page, script or style sheet loads, each once, in order."""
    found: dict[str, None] = {}
    for address in _addresses(text):
        if not _NAMES_ONLY.match(address):
            found.setdefault(address[:200])
    return list(found)


def _addresses(text: str) -> Iterator[str]:
    for pattern in (_TAG, _CODE):
        for match in pattern.finditer(text):
            yield match[1]
