"""
How much stands behind a certificate, level by level, and what each level does not say.

Computed from evidence, with a reason and a date for every requirement, met or not. A level is
reached when all before it are and its own requirements are met. Two further facts stand beside the
levels: whether the mint's block is final, and whether every file was read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from nft.certificates import rfc3339
from nft.types import Address

LevelId = Literal["self_declared", "signed_by_minting_key", "creator_verified"]
LEVELS: tuple[LevelId, ...] = ("self_declared", "signed_by_minting_key", "creator_verified")
MOST_NAMED = 3
"""Of further names beside the first."""


@dataclass(frozen=True, slots=True)
class Named:
    """A binding of the minting key to a domain, stated from both sides and read lately."""

    name: str
    """The domain, or the DID."""
    since: datetime
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """A countersignature by a gallery whose key was read on its own domain."""

    gallery: str
    since: datetime
    key_read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a work; whatever is not known is not met."""

    creator: Address
    issued_at: datetime | None
    """When its certificate was issued; None while that is provisional."""
    contract_artist: Address | None
    """Whose own contract it stands in; None in a shared or unknown one."""
    contract_since: datetime | None = None
    is_shared: bool = False
    is_frozen: bool = False
    frozen_at: datetime | None = None
    statement_signer: Address | None = None
    """Who signed the artist's statement, as checked; None when nobody's signature was."""
    stated_at: datetime | None = None
    """When that came here; None where only a certificate has it."""
    statement_by_contract: bool = False
    """A contract wallet signed, which only a node can check."""
    named: Sequence[Named] = ()
    vouched: Sequence[Vouched] = ()
    minted_at: datetime | None = None
    is_final: bool = False
    files: int = 0
    files_read: int = 0
    files_read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a level asks for."""

    id: str
    met: bool
    evidence: str
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As `standing.json` has it."""
        return {
            "id": self.id,
            "met": self.met,
            "evidence": self.evidence,
            "at": _text(self.at),
        }


@dataclass(frozen=True, slots=True)
class Level:
    """A level or a fact beside them."""

    id: str
    reached: bool
    reason: str
    does_not_say: str
    requirements: tuple[Requirement, ...]
    at: datetime | None = field(default=None)
    """Since when: the latest date among what it rests on."""

    def as_json(self) -> dict[str, Any]:
        """As `standing.json` has it."""
        return {
            "id": self.id,
            "reached": self.reached,
            "at": _text(self.at),
            "reason": self.reason,
            "does_not_say": self.does_not_say,
            "requirements": [one.as_json() for one in self.requirements],
        }


@dataclass(frozen=True, slots=True)
class Assurance:
    """All levels, lowest first, and the facts beside them."""

    levels: tuple[Level, ...]
    beside: tuple[Level, ...]

    @property
    def level(self) -> LevelId | None:
        """The highest level reached; None while the certificate is provisional."""
        reached = [one.id for one in self.levels if one.reached]
        return LEVELS[len(reached) - 1] if reached else None

    def as_json(self) -> dict[str, Any]:
        """As `standing.json` has it."""
        return {
            "level": self.level,
            "levels": [one.as_json() for one in self.levels],
            "beside": [one.as_json() for one in self.beside],
        }


def assess(facts: Facts) -> Assurance:
    """The levels that this evidence reaches."""
    declared = _level("self_declared", _declared(facts))
    signed = _level("signed_by_minting_key", _signed(facts), below=declared)
    verified = _level("creator_verified", _verified(facts), below=signed)
    final = _level("chain_final", (_final(facts),))
    media = _level("media_verified", (_media(facts),))
    return Assurance((declared, signed, verified), (final, media))


_SAYS: dict[str, tuple[str, str]] = {
    "self_declared": (
        "The key in the token's own number minted the work and describes it so.",
        "It does not say who holds the key, nor that the words are true.",
    ),
    "signed_by_minting_key": (
        "The minting key signed every word and file, in a contract where it alone mints, and "
        "nobody can change them any more.",
        "It says nothing of who holds the key: an impostor has a key and a contract, too.",
    ),
    "creator_verified": (
        "The minting key is bound to a name that can be asked: a domain, or a gallery by its own.",
        "It says that key and name belong together. It does not say that the name is whose you "
        "think, that the work is original, nor what it is worth.",
    ),
    "chain_final": (
        "The block of the mint is final: the chain does not take it back.",
        "It says nothing of the work.",
    ),
    "media_verified": (
        "Every file was read back whole and has the hash that the certificate states.",
        "It does not say that it will be kept, nor who made what is to be seen.",
    ),
}


def _level(name: str, asked: tuple[Requirement, ...], *, below: Level | None = None) -> Level:
    met, does_not_say = _SAYS[name]
    stands = below is None or below.reached
    missing = [one.evidence for one in asked if not one.met]
    if missing:
        return Level(name, False, f"Not reached: {'; '.join(missing)}.", does_not_say, asked)
    if not stands:
        return Level(name, False, "Not reached: the level below is not.", does_not_say, asked)
    dates = [one.at for one in (*asked, below) if one is not None and one.at is not None]
    return Level(name, True, met, does_not_say, asked, max(dates) if dates else None)


def _declared(facts: Facts) -> tuple[Requirement, ...]:
    if facts.issued_at is None:
        why = "the certificate is provisional: the block of the mint is not safe yet"
        return (Requirement("certificate", False, why),)
    why = f"a certificate is issued, and the token's number names {facts.creator} as its minter"
    return (Requirement("certificate", True, why, facts.issued_at),)


def _signed(facts: Facts) -> tuple[Requirement, ...]:
    return (_own_contract(facts), _frozen(facts), _statement(facts))


def _own_contract(facts: Facts) -> Requirement:
    name, artist = "own_contract", facts.contract_artist
    if artist is None:
        why = "the contract is shared by many" if facts.is_shared else "the contract is not known"
        return Requirement(name, False, why)
    if artist != facts.creator:
        return Requirement(name, False, f"the contract is that of {artist}, who did not mint it")
    why = f"the contract is {artist}'s own; nobody mints there in another's name"
    return Requirement(name, True, why, facts.contract_since)


def _frozen(facts: Facts) -> Requirement:
    if not facts.is_frozen:
        return Requirement("frozen", False, "the artist may still correct the description")
    return Requirement("frozen", True, "the description is frozen for good", facts.frozen_at)


def _statement(facts: Facts) -> Requirement:
    name, signer = "statement", facts.statement_signer
    if signer is None:
        why = "no statement by the artist was signed"
        if facts.statement_by_contract:
            why = "a contract wallet signed the statement, which nothing here has checked"
        return Requirement(name, False, why)
    if signer != facts.creator:
        return Requirement(name, False, f"the statement was signed by {signer}, who is another")
    why = f"{signer} signed the work's words, files and description"
    if facts.stated_at and facts.minted_at and facts.stated_at <= facts.minted_at:
        why += " before it was minted"
    elif facts.stated_at:
        # Not "after": a block's time may lie behind our clock.
        why += f"; it came on {facts.stated_at:%Y-%m-%d}"
    return Requirement(name, True, why, facts.stated_at)


def _verified(facts: Facts) -> tuple[Requirement, ...]:
    """Either will do: one requirement, so that the other is not called missing."""
    if facts.named:
        first = min(facts.named, key=lambda one: one.since)
        others = _and_others([one.name for one in facts.named if one is not first])
        why = (
            f"key and domain name each other: {first.name}{others}, last read there on "
            f"{first.read_at:%Y-%m-%d}"
        )
        return (Requirement("bound", True, why, first.since),)
    if facts.vouched:
        one = min(facts.vouched, key=lambda each: each.since)
        others = _and_others([each.gallery for each in facts.vouched if each is not one])
        why = (
            f"{one.gallery}{others} countersigned it, with a key read on its own domain on "
            f"{one.key_read_at:%Y-%m-%d}; it is the gallery's word"
        )
        return (Requirement("bound", True, why, one.since),)
    why = "the key is bound to no domain, and no gallery whose key could be read countersigned"
    return (Requirement("bound", False, why),)


def _and_others(names: Sequence[str]) -> str:
    """Some of them; who has a domain has as many names below it as they like."""
    told = sorted(set(names))
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return f" and {', '.join(told[:MOST_NAMED])}{more}" if told else ""


def _final(facts: Facts) -> Requirement:
    if facts.is_final:
        return Requirement("final", True, "the block of the mint is final", facts.minted_at)
    return Requirement("final", False, "the block of the mint is not final yet")


def _media(facts: Facts) -> Requirement:
    name = "read_back"
    if not facts.files:
        return Requirement(name, False, "the certificate names no file")
    if facts.files_read < facts.files:
        why = f"{facts.files_read} of {facts.files} files were read back"
        return Requirement(name, False, why)
    why = f"every file ({facts.files}) was read back and has its hash"
    return Requirement(name, True, why, facts.files_read_at)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
