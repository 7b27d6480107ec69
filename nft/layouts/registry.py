"""
The code of our contracts, recognised to the byte wherever it was deployed.

The constructor writes immutables into the code. `registry.json` (collections) and `venues.json`
(contracts whose logs say what was paid) tell where, so that they are cut out before the code is
hashed; a version of a contract that is no longer compiled stays known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from nft.chain.runtime import DOMAINS, domain_words
from nft.layouts.errors import LayoutUnknown
from nft.proofs.keccak import keccak
from nft.types import Address

_WORD = 32


@dataclass(frozen=True, slots=True)
class Implementation:
    """One version of one of our contracts."""

    layout: str
    contract: str
    size: int
    masked_code_hash: bytes
    """Keccak-256 of the deployed code with zeros for every immutable."""
    immutables: Mapping[str, tuple[int, ...]]
    """Where each stands in the code, 32 bytes."""
    slots: Mapping[str, int]
    """Where its mappings begin."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Code that is one of ours, and what the constructor wrote into it."""

    implementation: Implementation
    written: Mapping[str, bytes]


def implementations() -> Mapping[str, Implementation]:
    """All collections that are known, by the id of their layout."""
    return _read("registry.json")


def venues() -> Mapping[str, Implementation]:
    """All exchanges and auction houses that are known, likewise."""
    return _read("venues.json")


@lru_cache(maxsize=2)
def _read(name: str) -> Mapping[str, Implementation]:
    text = (resources.files("nft.layouts") / name).read_text("utf-8")
    return {
        layout: Implementation(
            layout=layout,
            contract=one["contract"],
            size=one["bytes"],
            masked_code_hash=bytes.fromhex(one["masked_code_hash"][2:]),
            immutables={name: tuple(at) for name, at in one["immutables"].items()},
            slots=one["slots"],
        )
        for layout, one in json.loads(text).items()
    }


def recognise(
    code: bytes, at: Address, chain_id: int, among: Mapping[str, Implementation]
) -> Recognised:
    """
    Which one's code this is, at that address of that chain.

    What the constructor takes from the chain must be right: its id, the address, and what is
    hashed of them. Raises `LayoutUnknown`.
    """
    for one in among.values():
        if len(code) != one.size or keccak(_masked(one, code)) != one.masked_code_hash:
            continue
        written = {name: _written(code, name, places) for name, places in one.immutables.items()}
        _check(one, written, at, chain_id)
        return Recognised(one, written)
    raise LayoutUnknown(f"{len(code)} bytes of code that are none of ours")


def _masked(one: Implementation, code: bytes) -> bytes:
    masked = bytearray(code)
    for places in one.immutables.values():
        for place in places:
            masked[place : place + _WORD] = bytes(_WORD)
    return bytes(masked)


def _written(code: bytes, name: str, places: tuple[int, ...]) -> bytes:
    found = {code[place : place + _WORD] for place in places}
    if len(found) != 1:
        raise LayoutUnknown(f"the immutable {name} has several values")
    return found.pop()


def _check(one: Implementation, written: Mapping[str, bytes], at: Address, chain_id: int) -> None:
    domain = domain_words(DOMAINS[one.contract], at, chain_id)
    expected = {name.removeprefix("_"): word for name, word in domain.items()}
    expected["house"] = at.rjust(_WORD, b"\0")
    for name, word in written.items():
        if name in expected and expected[name] != word:
            raise LayoutUnknown(f"the immutable {name} is that of another place")
        if name == "exchange" and any(word[:12]):
            raise LayoutUnknown("the immutable exchange is no address")
