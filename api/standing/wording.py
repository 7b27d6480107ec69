"""
What the pages say of levels, their requirements, marks and claims, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[str], str]


def words_of(say: Say) -> dict[str, Any]:
    """The words that the templates choose among."""
    return {
        "level_words": level_words(say),
        "requirement_words": requirement_words(say),
        "claim_words": claim_words(say),
        "role_words": role_words(say),
        "binding_words": binding_words(say),
    }


def level_words(say: Say) -> dict[str, tuple[str, str, str]]:
    """Of each level: its name, what it says, and what it does not."""
    return {
        "self_declared": (
            say("Declared by the key itself"),
            say("The key in the token’s own number minted the work and describes it so."),
            say("Not said: who holds the key, or that the words are true."),
        ),
        "signed_by_minting_key": (
            say("Signed by the minting key"),
            say(
                "The minting key signed every word and file, in a contract where it alone mints, "
                "and nobody can change them any more."
            ),
            say("Not said: who holds the key. An impostor has a key and a contract, too."),
        ),
        "creator_verified": (
            say("Creator verified"),
            say(
                "The minting key is bound to a name that can be asked: a domain, or a gallery by "
                "its own domain."
            ),
            say(
                "Not said: that the name is whose you think, that the work is original, or what it "
                "is worth."
            ),
        ),
        "chain_final": (
            say("The mint is final"),
            say("The chain does not take its block back."),
            say("Not said: anything of the work."),
        ),
        "media_verified": (
            say("The files are there"),
            say("Every file was read back whole and has the hash that the certificate states."),
            say("Not said: that they will be kept, or who made what is to be seen."),
        ),
    }


def requirement_words(say: Say) -> dict[str, str]:
    """What each requirement asks for."""
    return {
        "certificate": say("a certificate is issued for good"),
        "own_contract": say("a contract of its own, where nobody mints in another’s name"),
        "frozen": say("the description is frozen"),
        "statement": say("the artist signed words and files"),
        "bound": say("the key is bound to a domain, or a gallery countersigned"),
        "final": say("the block of the mint is final"),
        "read_back": say("every file was read back"),
    }


def claim_words(say: Say) -> dict[str, str]:
    """How a claim stands."""
    return {
        "open": say("open, not answered yet"),
        "answered": say("answered, not decided"),
        "upheld": say("upheld by the issuer"),
        "rejected": say("rejected by the issuer"),
        "withdrawn": say("withdrawn by who made it"),
    }


def role_words(say: Say) -> dict[str, str]:
    """As whom somebody answers."""
    return {
        "artist": say("the work’s artist"),
        "owner": say("the owner"),
        "issuer": say("the issuer"),
        "claimant": say("who claims"),
    }


def binding_words(say: Say) -> dict[str, str]:
    """How a binding stands."""
    return {
        "held": say("both sides say so"),
        "lost": say("the domain no longer says so"),
        "silent": say("the domain has not answered for two weeks"),
        "withdrawn": say("withdrawn by the account"),
    }
