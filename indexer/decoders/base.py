"""
What a decoder is, and the shortest way to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from indexer.facts import NOTES, Facts, Place
from indexer.told import wire
from nft.chain.logs import Form, form

Rows = Callable[[Place, Any, Facts], None]
"""What an event adds to the mirror, by where its log stands."""


class Whose(Enum):
    """Whose logs are looked at."""

    OTHERS = "collections of somebody else's"
    COLLECTION = "our collections"
    EXCHANGE = "the exchange"
    AUCTIONS = "the auctions"
    SPLITTER = "splitters"


@dataclass(frozen=True, slots=True)
class Decoder:
    """One event, whole."""

    signature: str
    whose: Whose
    form: Form
    event: type
    """What `form` reads a log as; `rows` is called with one."""
    rows: Rows


@dataclass(frozen=True, slots=True)
class Note:
    """What a contract says of one work, in words that are the event's own."""

    kind: str
    """As the feed tells it, in the past tense."""
    token_id: int
    said: Mapping[str, Any]
    """The other values, as JSON has them."""


def noted(
    signature: str, kind: str, names: Sequence[str], *, indexed: int, whose: Whose = Whose.OTHERS
) -> Decoder:
    """
    An event that is kept as it is, a row of `chain_notes`: no table of its own, no migration.

    `names` are those of its values, the indexed ones first; one of them is `token_id`.
    """

    def read(*values: Any) -> Note:
        said = dict(zip(names, values, strict=True))
        return Note(kind, said.pop("token_id"), {name: wire(one) for name, one in said.items()})

    return Decoder(signature, whose, form(read, indexed, signature), Note, _note)


def _note(at: Place, event: Note, to: Facts) -> None:
    to.add(
        NOTES,
        {
            **at.key(),
            "contract": at.contract,
            "token_id": event.token_id,
            "kind": event.kind,
            "said": dict(event.said),
        },
    )
