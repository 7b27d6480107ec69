"""
Owners of works of other people's contracts, by the manner in which they are commonly written.

Code of others is not known to the byte, so that a layout is *presumed*: evidence is drawn under one
only when it says what `ownerOf` said at that block, and a reader is told that it was presumed. A
number after the id (`openzeppelin-erc721-v5/3`) is the slot of the owners' mapping where it is not
the usual one, as in a contract that has variables before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nft.layouts.errors import LayoutUnknown, NotShown
from nft.layouts.slots import mapping_slot, namespace
from nft.proofs.keccak import keccak
from nft.proofs.linked import Fact, ProvenChain
from nft.tokens import ownership_slot
from nft.types import Address, TokenRef

OPENZEPPELIN = "openzeppelin-erc721-v5"
UPGRADEABLE = "openzeppelin-erc721-v5-upgradeable"
SOLADY = "solady-erc721"
ERC721A = "erc721a"
ERC721A_UPGRADEABLE = "erc721a-upgradeable"

USUAL_SLOTS = {
    OPENZEPPELIN: 2,  # After name and symbol; version 4 has the same.
    UPGRADEABLE: namespace("openzeppelin.storage.ERC721") + 2,
    ERC721A: 4,  # After index, burn counter, name and symbol.
    ERC721A_UPGRADEABLE: int.from_bytes(keccak(b"ERC721A.contracts.storage.ERC721A"), "big") + 4,
}

ODD_SLOTS = {
    OPENZEPPELIN: (0, 1, *range(3, 64), 103, 153, 203, 253, 303, 353),
    ERC721A: tuple(range(5, 16)),
}
"""Where the owners' mapping may begin besides: behind own variables, or the gaps of version 4."""

LONGEST_WALK = 1_024
"""Words of an ERC-721A contract that are looked at for one owner."""

_ADDRESS = 2**160 - 1
_BURNED = 1 << 224
_INDEX_BEFORE_OWNERS = 4
_MOST_WORKS = 2**64 - 1

Read = Callable[[int], int]
"""A word by its slot."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What a layout says of a work."""

    owner: Address | None
    """None: there is no such work, or no longer."""
    is_burned: bool = False
    """The contract remembers that it was there."""


def owner_of(chain: ProvenChain, block: int, token: TokenRef, layout: str) -> Fact[Owned]:
    """
    Who owns a work as of a block, under a presumed layout.

    Raises `NotShown` where a word that the layout needs is not in the evidence, `LayoutUnknown`
    for another layout, and where the words are not of it.
    """
    account = chain.account(block, token.contract)
    if account is None:
        raise NotShown(f"the account {token.contract} as of block {block}")

    def word(slot: int) -> int:
        fact = chain.word(block, token.contract, slot)
        if fact is None:
            raise NotShown(f"slot {slot:#x} of {token.contract} as of block {block}")
        return fact.told

    return Fact(account.block, read_owner(layout, token.token_id, word))


def read_owner(layout: str, token_id: int, word: Read) -> Owned:
    """The owner by a layout, from words that somebody reads. Raises `LayoutUnknown`."""
    kind, slot = _parsed(layout)
    if kind == SOLADY:
        return _found(word(ownership_slot(token_id)) & _ADDRESS)
    if kind in (OPENZEPPELIN, UPGRADEABLE):
        return _found(word(mapping_slot(token_id, slot)))
    return _walked_back(token_id, slot, word)


def usual() -> tuple[str, ...]:
    """Layouts to try first."""
    return (OPENZEPPELIN, UPGRADEABLE, SOLADY, ERC721A, ERC721A_UPGRADEABLE)


def odd() -> Iterator[str]:
    """Layouts to try where no usual one fits."""
    for kind, slots in ODD_SLOTS.items():
        yield from (f"{kind}/{slot}" for slot in slots)


def first_slots(layout: str, token_id: int) -> list[int]:
    """The words that a layout looks at first, so that those of many can be asked for at once."""
    asked: list[int] = []

    def word(slot: int) -> int:
        asked.append(slot)
        return 0

    read_owner(layout, token_id, word)
    return asked


def _parsed(layout: str) -> tuple[str, int]:
    if layout == SOLADY:
        return layout, 0
    if layout in USUAL_SLOTS:
        return layout, USUAL_SLOTS[layout]
    if layout in odd():
        kind, _, number = layout.partition("/")
        return kind, int(number)
    raise LayoutUnknown(f"{layout[:80]!r}")


def _found(word: int) -> Owned:
    if word > _ADDRESS:
        raise LayoutUnknown("a word that is no address")
    return Owned(Address(word.to_bytes(20, "big")) if word else None)


def _walked_back(token_id: int, slot: int, word: Read) -> Owned:
    """
    ERC-721A writes the owner of a row of works once, at its first.

    What was never minted has an empty word too: beyond the next index nothing is there. A burned
    work has its own word, and the one after it was written when it burned.
    """
    packed = word(mapping_slot(token_id, slot))
    if not packed:
        next_id = word(slot - _INDEX_BEFORE_OWNERS)
        if next_id > _MOST_WORKS:
            raise LayoutUnknown("an index that is none")
        if token_id >= next_id:
            return Owned(None)
    for back in range(1, LONGEST_WALK + 1):
        if packed:
            break
        if back > token_id:
            raise LayoutUnknown("a row of works without a first")
        packed = word(mapping_slot(token_id - back, slot))
    if not packed:
        raise LayoutUnknown(f"a row of more than {LONGEST_WALK} works")
    if packed & _BURNED:
        return Owned(None, is_burned=True)
    if not packed & _ADDRESS:
        raise LayoutUnknown("a word without an owner")
    return _found(packed & _ADDRESS)
