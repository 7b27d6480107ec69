"""
`verify.html`: the verifier as one file that needs no network, for bundles and for keeping.

Everything is inside, and the policy in its head permits nothing else: no request, no frame, no
form, only the one style and the one script whose hashes it names. The same sources give the same
bytes, so that a bundle has one CID.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.languages import HTML_TAG, LANGUAGES, catalogue
from api.pages import STATIC, TEMPLATES

SCRIPT = STATIC / "vendor" / "verifier.js"
SHEETS = ("base", "papers", "offline")


@lru_cache(maxsize=1)
def verify_page() -> bytes:
    """The file's bytes. `make setup` builds the script that it carries."""
    style, script = Markup(_style()), Markup(SCRIPT.read_text("utf-8").strip())
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_source(style)}; script-src {_source(script)}"
    )
    page = environment.get_template("certificates/offline.html").render(
        policy=policy,
        style=style,
        script=script,
        words=Markup(desk_words()),
        say=_in_all,
        languages=LANGUAGES,
        title=" · ".join(catalogue(one).gettext("Check a paper") for one in LANGUAGES),
    )
    return page.encode()


@lru_cache(maxsize=1)
def desk_words() -> str:
    """What the verifier's script says in every language but English, as JSON for a page."""
    found = {one: catalogue(one).verifier for one in LANGUAGES if one != "en"}
    text = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _in_all(message: str) -> Markup:
    """A text in every language; the style sheet shows the one of the page."""
    said = (
        f'<span lang="{HTML_TAG[one]}">{escape(catalogue(one).gettext(message))}</span>'
        for one in LANGUAGES
    )
    return Markup("".join(said))


def _style() -> str:
    """The pages' own sheets without their fonts, which lie in files."""
    sheets = ((STATIC / "css" / f"{name}.css").read_text("utf-8") for name in SHEETS)
    lines = (line.strip() for sheet in sheets for line in sheet.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("@font-face"))


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
