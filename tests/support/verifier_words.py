"""
The table of a report's sentences for the verifier in JavaScript; run as a program, written anew:
`python -m tests.support.verifier_words`.
"""

from __future__ import annotations

import json
from pathlib import Path

from nft.verification.words import VALUES, WORDS

PLACE = Path(__file__).parents[2] / "api" / "static" / "js" / "verifier" / "words.js"

HEAD = """\
// Every sentence that a report can say: nft/verification/words.py, from which this file is written
// (python -m tests.support.verifier_words). `say` marks them for the catalogue of other languages.

const say = (text) => text;

export const WORDS = {
"""

VALUES_HEAD = """
// What stands in a sentence's blanks and is words itself, by the blank's name.
export const VALUES = {
"""


def script() -> str:
    """The module's whole text."""
    lines = [
        f"  {json.dumps(key)}: say({json.dumps(text, ensure_ascii=False)}),"
        for key, text in WORDS.items()
    ]
    return HEAD + "\n".join(lines) + "\n};\n" + VALUES_HEAD + "\n".join(_values()) + "\n};\n"


def _values() -> list[str]:
    def said(text: str) -> str:
        return f"say({json.dumps(text, ensure_ascii=False)})"

    return [f"  {blank}: [{', '.join(map(said, texts))}]," for blank, texts in VALUES.items()]


if __name__ == "__main__":
    PLACE.write_text(script(), "utf-8")
