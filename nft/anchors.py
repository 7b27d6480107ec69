"""
Anchors: that a certificate existed by some block, shown from a contract's storage.

Each day's tree has a leaf for every certificate and its status then. The root lies in the
contract `Anchors` under the account that wrote it and the day, once and for ever, so any later
block proves it. The tree is OpenZeppelin's of sorted pairs, `(certificate, status)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from nft.errors import ExchangeError, Unacceptable
from nft.integrity import Document
from nft.merkle import MAX_SET_HEIGHT, SetTree, set_leaf, verify_in_set
from nft.proofs.keccak import keccak
from nft.types import ZERO_DIGEST, Address, Digest, parse_uint

FORMAT = "vernissage-anchor-v1"
SECONDS_OF_DAY = 86_400

KNOWN_CONTRACTS = frozenset({Address.parse("0x7108d0e38350e094De4C065Cbd99C3D53Efc1eE5")})
"""
Where `Anchors` of this and of earlier versions stand, on every chain alike.

The address follows from the code (CREATE2 through the deployment proxy), so it needs no proof of
the code. What another contract keeps in such slots says nothing.
"""

_ANCHORS_SLOT = 0
_KEYS_SLOT = 1


class Status(IntEnum):
    """How a certificate stands; the number is the one in the leaf."""

    VALID = 0
    SUSPENDED = 1
    REVOKED = 2

    @property
    def word(self) -> str:
        """As it stands in documents."""
        return self.name.lower()


class NotAnAnchor(Unacceptable):
    """Not an anchor of this form."""


def day_of(timestamp: int) -> int:
    """The Unix day in UTC."""
    return timestamp // SECONDS_OF_DAY


def leaf_of(certificate: Digest, status: Status) -> Digest:
    """The leaf of a certificate, by the SHA-256 of its bytes."""
    return set_leaf(int.from_bytes(certificate, "big"), status)


class DayTree:
    """The tree over certificates and their status; it depends on no order."""

    def __init__(self, leaves: Iterable[tuple[Digest, Status]]) -> None:
        self._tree = SetTree((int.from_bytes(one, "big"), status) for one, status in leaves)

    @property
    def root(self) -> Digest:
        """What is written into the contract."""
        return self._tree.root

    def proof(self, certificate: Digest) -> tuple[Digest, ...]:
        """The siblings from a certificate's leaf up. Raises `KeyError` for one outside."""
        return self._tree.proof(int.from_bytes(certificate, "big"))


# Where the contract keeps it


def _in_mapping(key: int, slot: int) -> int:
    return int.from_bytes(keccak(key.to_bytes(32, "big") + slot.to_bytes(32, "big")), "big")


def root_slot(anchorer: Address, day: int) -> int:
    """Where the root of a day lies; block and time lie one above."""
    of_account = _in_mapping(int.from_bytes(anchorer, "big"), _ANCHORS_SLOT)
    return _in_mapping(day, of_account)


def key_slot(anchorer: Address, index: int) -> int:
    """Where a published key lies; block and time lie one above."""
    length = _in_mapping(int.from_bytes(anchorer, "big"), _KEYS_SLOT)
    first = int.from_bytes(keccak(length.to_bytes(32, "big")), "big")
    return (first + 2 * index) % 2**256


def when_of(word: int) -> tuple[int, int]:
    """Block and Unix time of the word above a root or a key."""
    return word & 0xFFFF_FFFF_FFFF_FFFF, word >> 64 & 0xFFFF_FFFF_FFFF_FFFF


# The document


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """An Ed25519 key that the anchorer published in the same contract."""

    index: int
    key: bytes

    def as_json(self) -> Document:
        """As it stands in an anchor."""
        return {"index": str(self.index), "key": "0x" + self.key.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What an anchor claims, before any of it is proven."""

    chain_id: int
    contract: Address
    anchorer: Address
    day: int
    certificate: Digest
    status: Status
    proof: tuple[Digest, ...]
    state_block: int
    issuer_key: IssuerKey | None
    evidence: Any
    """An evidence object, as it was read."""

    @property
    def root(self) -> Digest:
        """Where leaf and siblings lead."""
        node = leaf_of(self.certificate, self.status)
        for sibling in self.proof:
            low, high = sorted((node, sibling))
            node = Digest(keccak(low + high))
        return node

    @property
    def slots(self) -> tuple[int, ...]:
        """The words that the evidence must prove, as of its state's block."""
        first = root_slot(self.anchorer, self.day)
        found = [first, first + 1]
        if self.issuer_key is not None:
            of_key = key_slot(self.anchorer, self.issuer_key.index)
            found += [of_key, of_key + 1]
        return tuple(found)

    def as_json(self) -> Document:
        """The document."""
        return {
            "format": FORMAT,
            "chain_id": str(self.chain_id),
            "contract": str(self.contract),
            "anchorer": str(self.anchorer),
            "day": str(self.day),
            "leaf": {"certificate": str(self.certificate), "status": self.status.word},
            "proof": [str(one) for one in self.proof],
            "issuer_key": None if self.issuer_key is None else self.issuer_key.as_json(),
            "state": {"block": str(self.state_block)},
            "evidence": self.evidence,
        }


_MEMBERS = frozenset(
    [
        "format",
        "chain_id",
        "contract",
        "anchorer",
        "day",
        "leaf",
        "proof",
        "issuer_key",
        "state",
        "evidence",
    ]
)


def read_anchor(document: Document) -> Anchor:
    """
    Read an anchor; nothing is proven by it. Raises `NotAnAnchor`.

    It has one form: exactly these members, and every value as `as_json` writes it.
    """
    if document.get("format") != FORMAT:
        raise NotAnAnchor(f"the document is no {FORMAT}")
    if document.keys() != _MEMBERS:
        raise NotAnAnchor("members are missing from the anchor, or foreign to it")
    try:
        anchor = _read(document)
    except (ExchangeError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise NotAnAnchor(f"the anchor cannot be read: {error}") from error
    if anchor.as_json() != document:
        raise NotAnAnchor("the anchor is not in its canonical form")
    return anchor


def _read(document: Document) -> Anchor:
    leaf, proof, told = document["leaf"], document["proof"], document["issuer_key"]
    if not isinstance(proof, list) or len(proof) > MAX_SET_HEIGHT:
        raise ValueError(f"the proof is no list of at most {MAX_SET_HEIGHT} hashes")
    key = None
    if told is not None:
        raw = Digest.parse(told["key"])
        key = IssuerKey(parse_uint(told["index"], maximum=2**32), bytes(raw))
    return Anchor(
        chain_id=parse_uint(document["chain_id"]),
        contract=Address.parse(document["contract"]),
        anchorer=Address.parse(document["anchorer"]),
        day=parse_uint(document["day"], maximum=2**64),
        certificate=Digest.parse(leaf["certificate"]),
        status=Status[str(leaf["status"]).upper()],
        proof=tuple(Digest.parse(one) for one in proof),
        state_block=parse_uint(document["state"]["block"], maximum=2**64),
        issuer_key=key,
        evidence=document["evidence"],
    )


# What it shows


class AnchorDisproved(Unacceptable):
    """The storage does not say what the anchor claims."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """What an anchor shows, once its words are proven in a block that is believed."""

    block: int
    """The certificate existed by this block."""
    timestamp: int
    has_key: bool
    """Whether the anchorer published the issuer's key that the anchor names."""


def check_anchor(anchor: Anchor, certificate: Digest, words: Mapping[int, int]) -> Anchored:
    """
    Compare an anchor of a certificate with proven words of the contract's storage.

    `certificate` is the SHA-256 of the bytes at hand, `words` what the evidence proves of
    `anchor.contract` at `anchor.state_block`, by slot. That the contract is ours is for the caller
    to know (`KNOWN_CONTRACTS`), and whose name the anchorer's is. Raises `AnchorDisproved`.
    """
    if anchor.certificate != certificate:
        raise AnchorDisproved("the anchor is of another certificate")
    missing = [slot for slot in anchor.slots if slot not in words]
    if missing:
        raise AnchorDisproved(f"the word at slot {missing[0]:#066x} is not proven")
    first = root_slot(anchor.anchorer, anchor.day)
    kept = Digest(words[first].to_bytes(32, "big"))
    if kept == ZERO_DIGEST:
        raise AnchorDisproved(f"{anchor.anchorer} had anchored nothing for day {anchor.day}")
    leaf = leaf_of(anchor.certificate, anchor.status)
    if not verify_in_set(kept, leaf, anchor.proof):
        raise AnchorDisproved("leaf and proof do not lead to the root that is kept")
    block, timestamp = when_of(words[first + 1])
    if anchor.issuer_key is not None:
        found = words[key_slot(anchor.anchorer, anchor.issuer_key.index)].to_bytes(32, "big")
        if found != anchor.issuer_key.key:
            raise AnchorDisproved("the anchorer published another key in that place")
    return Anchored(block, timestamp, anchor.issuer_key is not None)
