"""
The people of the demo exhibition.

All are invented. Each holds one of the accounts that a local development node unlocks, so
that the demo wallet and the program that hangs the exhibition speak of the same people. The
node's first account is left out: it deploys the contracts.
"""

from dataclasses import dataclass
from typing import Literal

MNEMONIC = "test test test test test test test test test test test junk"
"""The phrase that development nodes share; worth nothing anywhere else."""

Role = Literal["artist", "collector", "gallery"]


@dataclass(frozen=True, slots=True)
class Person:
    """A name, what they do, and which of the node's accounts is theirs."""

    name: str
    role: Role
    index: int


ILKA_MARROW = Person(name="Ilka Marrow", role="artist", index=1)
TEODOR_BRASK = Person(name="Teodor Brask", role="artist", index=2)
WEN_LANYIN = Person(name="Wen Lanyin", role="artist", index=3)
NOOR_CASTELLANE = Person(name="Noor Castellane", role="collector", index=4)
EDDA_QUIST = Person(name="Edda Quist", role="collector", index=5)
HALFMOON_ROOMS = Person(name="Halfmoon Rooms", role="gallery", index=6)

PEOPLE: tuple[Person, ...] = (
    ILKA_MARROW,
    TEODOR_BRASK,
    WEN_LANYIN,
    NOOR_CASTELLANE,
    EDDA_QUIST,
    HALFMOON_ROOMS,
)
