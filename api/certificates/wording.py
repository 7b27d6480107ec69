"""
A report in the reader's words: what each check asks, and the sentence that answers.

The verifier in JavaScript says the same (`verifier/names.js`, `verifier/sentences.js`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from nft.verification.words import VALUES, WORDS

Say = Callable[[str], str]

_BLANK = re.compile(r"\{(\w+)\}")


def check_words(say: Say) -> Callable[[str], str]:
    """What a check of a report asks."""
    known = {
        "document": say("It is a document of ours"),
        "issuer.signature": say("The signature under it holds"),
        "issuer.identity": say("The key that signed is known"),
        "creator": say("The token’s number names the address that minted it"),
        "description": say("Words and files are those of the work’s own description"),
        "artist.statement": say("The artist signed exactly this"),
        "voucher": say("The artist signed the voucher that mints it"),
        "media.other": say("Every file given belongs to it"),
        "evidence": say("Every proof in it leads where it should"),
        "chain.id": say("The chain is the one it speaks of"),
        "chain.contract": say("The contract is the one that it should be"),
        "chain.mint": say("The mint is on the chain"),
        "chain.metadata": say("The token carries exactly this description"),
        "chain.royalty": say("The chain says what a sale owes the artist"),
        "chain.owner": say("The chain names an owner"),
        "status.revocation": say("It was not revoked"),
        "status.suspension": say("It is not suspended"),
        "anchor": say("It existed by a certain day"),
        "provenance.chain": say("The provenance has no gap"),
    }
    roles = {
        "image": say("The picture equals its stated hash"),
        "animation": say("The moving work equals its stated hash"),
        "document": say("The document file equals its stated hash"),
    }
    block, entry = say("Block {number} is believed"), say("Entry {number} of the provenance")
    gallery = say("A gallery signed it, too")

    def words(check: str) -> str:
        kind, _, tail = check.partition(".")
        if check in known:
            return known[check]
        if kind == "media":
            return roles.get(tail.partition(".")[2], check)
        if kind == "block":
            return block.replace("{number}", tail)
        if kind == "provenance" and tail.isdecimal():
            return entry.replace("{number}", str(int(tail) + 1))
        if kind == "extract":
            return words(tail)
        return {"countersignature": gallery, "bundle": tail}.get(kind, check)

    return words


_SENTENCES = tuple(WORDS.values())

Patterns = tuple[tuple[str, re.Pattern[str]], ...]


@lru_cache
def _patterns(templates: tuple[str, ...]) -> Patterns:
    """
    Those with most words of their own first.

    A blank takes any text: "held by {owner}, as of …" would find itself in longer sentences.
    """
    ordered = sorted(dict.fromkeys(templates), key=lambda one: -len(_BLANK.sub("", one)))
    return tuple((template, _pattern(template)) for template in ordered)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _BLANK.split(template)
    parts = [f"(?P<{piece}>.*?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)]
    return re.compile("".join(parts), re.DOTALL)


def _filled(text: str, values: dict[str, str]) -> str:
    return _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)


def told(sentence: str, say: Say) -> str:
    """
    A report's English sentence in the reader's language; one that is not known stays.

    What fills its blanks is translated where it is words itself, and stays where it is a name.
    """
    return _translated(sentence, _SENTENCES, say)


def _translated(text: str, templates: tuple[str, ...], say: Say) -> str:
    for template, pattern in _patterns(templates):
        found = pattern.fullmatch(text)
        if found is not None:
            values = {name: _value(name, value, say) for name, value in found.groupdict().items()}
            return _filled(say(template), values)
    return text


def _value(blank: str, text: str, say: Say) -> str:
    templates = VALUES.get(blank)
    if templates is None:
        return text
    if blank != "parts":
        return _translated(text, templates, say)
    return say(", ").join(_translated(part, templates, say) for part in text.split(", "))
