"""
Every message of templates, page modules and scripts; and, run as a program, the catalogue brought
up to date: `python -m tests.pages.words` adds what is new and marks nothing as translated.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.languages import LANGUAGES, LOCALES

API = LOCALES.parent
METHODS = [
    ("node_modules/**", "ignore"),
    ("static/vendor/**", "ignore"),
    ("templates/**.html", "jinja2"),
    ("static/js/**.js", "javascript"),
    ("**/pages.py", "python"),
    ("**/sentences.py", "python"),
    ("**/wording.py", "python"),
    ("**/shares.py", "python"),
    ("**/paying.py", "python"),
]
OPTIONS = {
    "templates/**.html": {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}
}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "speaker(request)": None}


def extracted() -> Catalog:
    """What the code says, with the file of each message (lines would change with every edit)."""
    found = Catalog()
    for name, _, message, _, _ in extract_from_dir(
        str(API),
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).name not in ("node_modules", "vendor"),
    ):
        found.add(message, locations=[(f"api/{name}", 1)])
    return found


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


def kept(language: str) -> Catalog:
    """The catalogue as it is committed."""
    with path_of(language).open("rb") as source:
        return read_po(source, locale=language)


def update(language: str) -> int:
    """Write the catalogue anew, keeping translations; answers how many are missing."""
    old = kept(language) if path_of(language).exists() else Catalog(locale=language)
    new = Catalog(locale=language, project="Vernissage", fuzzy=False)
    missing = 0
    for message in extracted():
        if not message.id:
            continue
        before = old.get(message.id if isinstance(message.id, str) else message.id[0])
        said = before.string if before else ""
        new.add(message.id, said, locations=sorted(set(message.locations)))
        missing += not (said if isinstance(said, str) else all(said))
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    write(language, new)
    return missing


def write(language: str, found: Catalog) -> None:
    """Write a catalogue without the lines of its header that would only ever say who and when."""
    found.header_comment = f"# The words of the pages: {LANGUAGES[language]}."
    held = io.BytesIO()
    write_po(held, found, width=96, sort_output=True, include_lineno=False)
    empty = (
        b"ADDRESS",
        b"-Date:",
        b"Translator:",
        b"Language-Team:",
        b"Project-Id",
        b"Generated-By",
    )
    lines = [line for line in held.getvalue().splitlines(True) if not any(x in line for x in empty)]
    path_of(language).write_bytes(b"".join(lines))


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != "en":
            print(each, "missing:", update(each))  # noqa: T201
