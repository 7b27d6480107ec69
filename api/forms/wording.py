"""
What the printed certificate and the embedded work say, in the reader's words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], str]


def sheet_words(say: Say) -> dict[str, str]:
    """The fixed words of the sheet."""
    return {
        "certificate": say("Certificate of authenticity"),
        "seal": say("The artist’s seal"),
        "code": say("QR code: the page of this certificate"),
        "leads": say("The code leads to this certificate as it stands today:"),
        "attached": say("The certificate itself: what counts"),
    }


def counts(say: Say, digest: str) -> str:
    """The foot of every sheet."""
    told = say(
        "This sheet only shows the certificate. What counts is the file certificate.json, which is "
        "attached to the PDF; its SHA-256 is %(digest)s"
    )
    return told % {"digest": digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the answers depend on."""

    day: str
    key: str
    artist: str
    has_statement: bool
    rights: str
    royalty: str
    is_test: bool
    is_provisional: bool
    is_boxed: bool
    public_url: str


def warnings(say: Say, facts: Facts) -> list[str]:
    """What must be read before anything else."""
    said = []
    if facts.is_test:
        said.append(
            say("TEST. This work exists on a test chain only: it and this paper are worth nothing.")
        )
    if facts.is_provisional:
        said.append(
            say(
                "Provisional. The block of the mint is not safe yet; in a few minutes the final "
                "certificate takes this one’s place."
            )
        )
    if facts.is_boxed:
        said.append(
            say("Some signs cannot be printed and stand as □; certificate.json has them all.")
        )
    return said


def answer(say: Say, facts: Facts) -> list[str]:
    """The first sentences: what a collector wants to know."""
    minted = say("Minted on %(day)s by the key %(key)s.")
    said = [minted % {"day": facts.day, "key": facts.key}]
    if facts.has_statement:
        said.append(say("The same key signed these words and files before the mint."))
    said.append(say("Anybody can check this; nobody need take our word for it."))
    return said


def asked(say: Say, facts: Facts) -> list[tuple[str, str]]:
    """Question and answer, in the order of the page."""
    return [
        (say("Is it real, and according to whom?"), _real(say, facts)),
        (
            say("Is it this very object?"),
            say("It is if the file has the SHA-256 below; any computer can compare them."),
        ),
        (
            say("Whose is it, as of when?"),
            say(
                "Paper cannot know: it changes with every sale. The code below leads to the owner "
                "of today, and to the proofs of it."
            ),
        ),
        (say("What does one get?"), _get(say, facts)),
        (
            say("How can I check it?"),
            say(
                "A tick on paper proves nothing, so none is printed here. Take certificate.json "
                "out of this PDF and check it: in a browser at %(place)s, with the free program "
                "vernissage, or by the public standards that it follows, without this exchange."
            )
            % {"place": f"{facts.public_url}/verify"},
        ),
    ]


def _real(say: Say, facts: Facts) -> str:
    said = [
        say(
            "The number of the token carries the address that minted it; nobody else could have "
            "made it."
        )
    ]
    if facts.artist:
        told = say(
            "That this key is %(artist)s’s is the key’s own word; who has vouched for it since "
            "stands on the page."
        )
        said.append(told % {"artist": facts.artist})
    return _joined(said)


def _get(say: Say, facts: Facts) -> str:
    rights = facts.rights or say("The token. The artist has stated no further rights.")
    royalty = say("%(part)s of every later sale goes to the artist.")
    return _joined([rights, royalty % {"part": facts.royalty}])


def _joined(sentences: list[str]) -> str:
    """Chinese sentences stand without a space between them."""
    said = ""
    for sentence in sentences:
        space = "" if not said or said[-1] in "。！？」》" else " "
        said += space + sentence
    return said


def hash_names(say: Say) -> dict[str, str]:
    """What stands before each hash."""
    return {
        "image": say("Picture, SHA-256"),
        "animation": say("Moving work, SHA-256"),
        "document": say("Document, SHA-256"),
        "description": say("Description, SHA-256"),
        "chain": say("Chain and contract"),
        "token": say("Token"),
        "mint": say("Mint, transaction"),
        "block": say("Mint, block"),
    }


def edition_words(say: Say, number: int | None, size: int | None) -> str:
    """Which of how many."""
    if size == 1:
        return say("One of one.")
    if size and number:
        told = say("Number %(number)s of an edition of %(size)s.")
        return told % {"number": number, "size": size}
    if size:
        return say("An edition of %(size)s.") % {"size": size}
    if number and number > 1:
        return say("Number %(number)s.") % {"number": number}
    return ""
