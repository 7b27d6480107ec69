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
    """Empty where a mint to come will say it."""
    is_test: bool
    is_provisional: bool
    is_boxed: bool
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFacts(Facts):
    """Of a work that is not minted: what the answers depend on besides."""

    anchored: str
    """The day since which a root on the chain shows the certificate; empty before."""
    by_contract: bool


def warnings(say: Say, facts: Facts) -> list[str]:
    """What must be read before anything else."""
    said = [_unminted(say, facts)] if isinstance(facts, OfferedFacts) else []
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


def _unminted(say: Say, facts: OfferedFacts) -> str:
    if not facts.anchored:
        why = say(
            "The work is on no chain, and nothing on a chain shows this certificate so far; the "
            "root of each day’s certificates is written after midnight UTC."
        )
        return _joined([say("Not minted yet."), why])
    since = say(
        "Since %(day)s the chain shows that this certificate existed. The work itself is on no "
        "chain yet."
    )
    return _joined([say("Anchored, not minted."), since % {"day": facts.anchored}])


def answer(say: Say, facts: Facts) -> list[str]:
    """The first sentences: what a collector wants to know."""
    if isinstance(facts, OfferedFacts):
        return _offered_answer(say, facts)
    minted = say("Minted on %(day)s by the key %(key)s.")
    said = [minted % {"day": facts.day, "key": facts.key}]
    if facts.has_statement:
        said.append(say("The same key signed these words and files before the mint."))
    said.append(say("Anybody can check this; nobody need take our word for it."))
    return said


def _offered_answer(say: Say, facts: OfferedFacts) -> list[str]:
    told = say("Offered on %(day)s by the key %(key)s, and not minted.")
    return [told % {"day": facts.day, "key": facts.key}, say("Nobody owns it yet.")]


def asked(say: Say, facts: Facts) -> list[tuple[str, str]]:
    """Question and answer, in the order of the page."""
    if isinstance(facts, OfferedFacts):
        return _offered_asked(say, facts)
    return [
        (say("Is it real, and according to whom?"), _real(say, facts)),
        _object(say),
        (
            say("Whose is it, as of when?"),
            say(
                "Paper cannot know: it changes with every sale. The code below leads to the owner "
                "of today, and to the proofs of it."
            ),
        ),
        (say("What does one get?"), _get(say, facts)),
        (say("How can I check it?"), _check(say, facts)),
    ]


def _offered_asked(say: Say, facts: OfferedFacts) -> list[tuple[str, str]]:
    no_mint = say("The mint cannot be checked, since there is none.")
    return [
        (say("Is it real, and according to whom?"), _offered_real(say, facts)),
        (say("What does “not minted” mean?"), _meaning(say)),
        (say("What did the artist sign?"), _signed(say, facts)),
        _object(say),
        (
            say("Whose is it, as of when?"),
            say(
                "Nobody’s when this was printed. Paper cannot know whether it was minted since: "
                "the code below leads to what is so today."
            ),
        ),
        (say("What does one get?"), _get(say, facts)),
        (say("How can I check it?"), _joined([_check(say, facts), no_mint])),
    ]


def _object(say: Say) -> tuple[str, str]:
    told = say("It is if the file has the SHA-256 below; any computer can compare them.")
    return say("Is it this very object?"), told


def _check(say: Say, facts: Facts) -> str:
    told = say(
        "A tick on paper proves nothing, so none is printed here. Take certificate.json "
        "out of this PDF and check it: in a browser at %(place)s, with the free program "
        "vernissage, or by the public standards that it follows, without this exchange."
    )
    return told % {"place": f"{facts.public_url}/verify"}


def _offered_real(say: Say, facts: OfferedFacts) -> str:
    number = say(
        "The number that the token will have carries the address that mints it; nobody else can."
    )
    if not facts.artist:
        return number
    whose = say(
        "That this key is %(artist)s’s is the key’s own word; nobody else has vouched for it here."
    )
    return _joined([number, whose % {"artist": facts.artist}])


def _meaning(say: Say) -> str:
    return say(
        "There is no token of it so far: the artist signed words, files and terms, and whoever "
        "takes the offer first has it minted in the same transaction. Until then nothing proves "
        "that it will be, for an offer can run out or be taken back."
    )


def _signed(say: Say, facts: OfferedFacts) -> str:
    if facts.has_statement:
        what = say("These words and these files, and the terms of the sale.")
    else:
        what = say("The terms of the sale, and in them the hash of these words and files.")
    if facts.by_contract:
        how = say("A contract wallet signed: a node of its chain can say that the signature holds.")
    else:
        how = say("Anybody can check it against the key, without us and without a network.")
    return _joined([what, how])


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
    if not facts.royalty:
        return _joined([rights, say("Of later sales the artist gets the default share.")])
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
