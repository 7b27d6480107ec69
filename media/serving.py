"""
How a stranger's file is handed to a browser: as which type, and under which policy.

The type is found in the bytes. Inside a bundle its name may say more (a script and a style sheet
have no signature), but never against the bytes. A page runs, in a sandbox: an origin of its own
that is nobody's, and no network but the files below its own root. Everything else shows and runs
nothing.
"""

from __future__ import annotations

import re

from media.formats import sniff
from media.formats.kinds import BUNDLE, GLB, HTML, PDF, SVG

UNKNOWN = "application/octet-stream"

_NAMES_ITS_LETTERS = re.compile(rb"<meta[^>]{0,200}charset", re.IGNORECASE)

_MAGIC = (
    (b"%PDF-", PDF),
    (b"\0asm", "application/wasm"),
    (b"wOF2", "font/woff2"),
    (b"wOFF", "font/woff"),
    (b"OTTO", "font/otf"),
    (b"\0\1\0\0\0", "font/ttf"),
    (b"\0\0\1\0", "image/x-icon"),
)

_TEXTS = {
    "html": HTML,
    "htm": HTML,
    "svg": SVG,
    "js": "text/javascript",
    "mjs": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "gltf": "model/gltf+json",
    "map": "application/json",
    "webmanifest": "application/manifest+json",
    "txt": "text/plain",
    "md": "text/plain",
    "csv": "text/csv",
    "vtt": "text/vtt",
    "glsl": "text/plain",
    "vert": "text/plain",
    "frag": "text/plain",
    "wgsl": "text/plain",
}
"""What text may be called; names of other kinds say nothing that the bytes do not say."""

_SHOWN = frozenset((*_TEXTS.values(), *(kind for _, kind in _MAGIC), "application/json", GLB))
_SHOWN_FAMILIES = ("image/", "video/", "audio/")

NO_PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        *("camera", "microphone", "geolocation", "display-capture", "clipboard-read"),
        *("clipboard-write", "payment", "usb", "serial", "hid", "bluetooth", "midi"),
        *("screen-wake-lock", "idle-detection", "local-fonts", "window-management"),
    )
)
"""What no work needs to ask of whoever looks at it, also where it is opened alone."""

_STILL = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# Browsers show a PDF by a part of their own, which does not start in a sandbox.
_PAPER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"


def type_of(head: bytes, name: str = "") -> str:
    """The media type of a file that begins with `head`; `name` counts inside a bundle only."""
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None) or sniff(head)
    if found == BUNDLE:
        return UNKNOWN
    if not name or found not in (UNKNOWN, "application/json", HTML, SVG):
        return found
    called = name.rpartition(".")[2].lower()
    return UNKNOWN if b"\0" in head else _TEXTS.get(called, UNKNOWN)


def is_shown(media_type: str) -> bool:
    """Whether a browser is told to show it; the rest is handed out as a download."""
    return media_type in _SHOWN or media_type.startswith(_SHOWN_FAMILIES)


def content_type(media_type: str, head: bytes) -> str:
    """The header's value: text is UTF-8 unless the page itself names its letters."""
    if media_type == HTML and _NAMES_ITS_LETTERS.search(head[:1024]):
        return media_type
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def policy_of(media_type: str, own: str | None) -> str:
    """
    The Content-Security-Policy of an answer.

    `own` is the URL that a bundle's files stand below, with a slash at its end. In a sandbox
    without an origin `'self'` names nothing, so it is spelled out.
    """
    if media_type == HTML:
        return page_policy(own)
    if media_type == PDF:
        return _PAPER
    return _STILL


def page_policy(own: str | None, *, scripts: str = "") -> str:
    """
    What a page of a stranger's may do: run, draw, sound, and read its own files.

    Never `allow-same-origin`: it would have the media origin's rights. No popups, forms, downloads
    or navigation of the window around it. `scripts` is one more place that scripts come from.
    """
    inside = f" {own}" if own else ""
    made = "data: blob:"
    ours = f" {scripts}" if scripts else ""
    return "; ".join(
        (
            "sandbox allow-scripts allow-pointer-lock",
            "default-src 'none'",
            f"script-src 'unsafe-inline' 'unsafe-eval' {made}{inside}{ours}",
            f"style-src 'unsafe-inline' {made}{inside}",
            f"img-src {made}{inside}",
            f"font-src {made}{inside}",
            f"media-src {made}{inside}",
            f"connect-src {made}{inside}",
            "worker-src blob: data:",
            f"frame-src {made}{inside}",
            "form-action 'none'",
            "base-uri 'none'",
            "object-src 'none'",
        )
    )
