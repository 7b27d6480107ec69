"""
Which blocks of some evidence are the chain's, and what is therefore a fact.

A header proves nothing by being in a document. From hashes that the reader believes, links of the
history contract (EIP-2935) lead to further blocks, over all evidence at hand; a block that no link
reaches stays a claim. `ProvenChain` answers with `Fact`s, which give their value away only when
their block is linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, Literal, TypeVar

from nft.errors import Conflict
from nft.proofs.errors import EvidenceRefused
from nft.proofs.evidence import Evidence, Included
from nft.proofs.headers import Header
from nft.proofs.history import HISTORY, block_of_slot
from nft.proofs.state import NO_CODE, Account
from nft.types import Address, Digest

T = TypeVar("T")

Linked = Literal["given", "rpc", "by proof", "no"]


class BlockNotLinked(Conflict):
    """A fact of a block whose hash nobody vouches for."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"block {number} is not linked")


@dataclass(frozen=True, slots=True)
class Vouched:
    """A hash that the reader believes, and why."""

    number: int
    block_hash: Digest
    how: Literal["given", "rpc"] = "given"


@dataclass(frozen=True, slots=True)
class ProvenBlock:
    """A block of the evidence, and how its hash came to be believed."""

    number: int
    block_hash: Digest
    linked: Linked
    timestamp: int | None = None
    """None where the block is known by its hash alone."""

    @property
    def is_linked(self) -> bool:
        """Whether what is proven of it is a fact."""
        return self.linked != "no"


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """Something proven under a block's header."""

    block: ProvenBlock
    told: T
    """The value if the block is the chain's; nothing but a claim while it is not linked."""

    @property
    def is_proven(self) -> bool:
        """Whether the block is linked."""
        return self.block.is_linked

    @property
    def value(self) -> T:
        """The value. Raises `BlockNotLinked` where it is a mere claim."""
        if not self.is_proven:
            raise BlockNotLinked(self.block.number)
        return self.told


@dataclass(frozen=True, slots=True)
class BlockConflict:
    """One number, two hashes: the first is that of a linked block, where one of them is."""

    number: int
    believed: Digest
    other: Digest


class ProvenChain:
    """What several evidence objects prove of one chain, for a reader who believes some hashes."""

    def __init__(
        self, chain_id: int, evidence: Sequence[Evidence], vouched: Iterable[Vouched] = ()
    ) -> None:
        """Raises `EvidenceRefused` for evidence of another chain."""
        for one in evidence:
            if one.chain_id != chain_id:
                raise EvidenceRefused("chain", "chain_id", one.chain_id)
        self.chain_id = chain_id
        self._evidence = tuple(evidence)
        self._linked: dict[int, tuple[Digest, Linked]] = {}
        self._conflicts: set[BlockConflict] = set()
        self._disputed: set[int] = set()
        self._follow(vouched)
        self._compare()

    @property
    def disputed(self) -> Set[int]:
        """Numbers with two hashes."""
        return self._disputed

    @property
    def conflicts(self) -> Sequence[BlockConflict]:
        """Numbers with two hashes, ascending. Facts of these blocks are not proven."""
        return sorted(self._conflicts, key=lambda one: (one.number, one.believed, one.other))

    @property
    def blocks(self) -> list[ProvenBlock]:
        """Every block of the evidence, by number; one with two headers stands there twice."""
        found = {header.block_hash: header for one in self._evidence for header in _of(one)}
        ordered = sorted(found.values(), key=lambda header: (header.number, header.block_hash))
        return [self._block(header) for header in ordered]

    def block(self, number: int) -> ProvenBlock | None:
        """The block of that number; None when neither evidence nor reader has it."""
        found = self._headers(number)
        if found:
            return self._block(found[0])
        if number not in self._linked:
            return None
        block_hash, how = self._linked[number]
        return ProvenBlock(number, block_hash, "no" if number in self._disputed else how)

    def account(self, block: int, address: Address) -> Fact[Account] | None:
        """An account after a block; one that is not there is `NOBODY`. None: not shown."""
        for header, one in self._at(block):
            state = one.states.get((block, address))
            if state is not None:
                return Fact(self._block(header), state.account)
        return None

    def word(self, block: int, account: Address, slot: int) -> Fact[int] | None:
        """A storage word after a block. None where no evidence shows it."""
        for header, one in self._at(block):
            state = one.states.get((block, account))
            if state is not None and slot in state.storage:
                return Fact(self._block(header), state.storage[slot])
        return None

    def code(self, code_hash: bytes) -> bytes | None:
        """The code of that Keccak-256: true of itself, whatever block it is found by."""
        if code_hash == NO_CODE:
            return b""
        wanted = Digest(code_hash)
        return next((one.code[wanted] for one in self._evidence if wanted in one.code), None)

    def receipt(self, block: int, index: int) -> Fact[Included] | None:
        """A receipt by its place in a block. None where no evidence shows it."""
        shown = [
            Fact(self._block(header), one.receipts[block, index])
            for header, one in self._at(block)
            if (block, index) in one.receipts
        ]
        with_hash = (fact for fact in shown if fact.told.transaction_hash is not None)
        return next(with_hash, shown[0] if shown else None)

    # Links

    def _follow(self, vouched: Iterable[Vouched]) -> None:
        pending: list[int] = []
        for one in sorted(vouched, key=lambda one: (one.number, one.how)):
            self._link(one.number, one.block_hash, one.how, pending)
        while pending:
            # The newest first, so that any verifier comes upon a contradiction in the same way.
            number = -heappop(pending)
            for slot, word in self._remembered(number):
                named = block_of_slot(slot, number)
                if word and named is not None:
                    found = Digest(word.to_bytes(32, "big"))
                    self._link(named, found, "by proof", pending)

    def _link(self, number: int, block_hash: Digest, how: Linked, pending: list[int]) -> None:
        known = self._linked.get(number)
        if known is None:
            self._linked[number] = block_hash, how
            heappush(pending, -number)
        elif known[0] != block_hash:
            self._conflict(number, known[0], block_hash)

    def _remembered(self, number: int) -> Iterable[tuple[int, int]]:
        block_hash = self._linked[number][0]
        for one in self._evidence:
            header, state = one.headers.get(number), one.states.get((number, HISTORY))
            if header is not None and state is not None and header.block_hash == block_hash:
                yield from state.storage.items()

    def _compare(self) -> None:
        """All headers of a number must be one, and that of the linked block where it is linked."""
        for one in self._evidence:
            for header in _of(one):
                believed = self._headers(header.number)[0].block_hash
                if header.number in self._linked:
                    believed = self._linked[header.number][0]
                if believed != header.block_hash:
                    self._conflict(header.number, believed, header.block_hash)

    def _conflict(self, number: int, believed: Digest, other: Digest) -> None:
        self._conflicts.add(BlockConflict(number, believed, other))
        self._disputed.add(number)

    # Headers

    def _block(self, header: Header) -> ProvenBlock:
        known = self._linked.get(header.number)
        is_linked = known is not None and known[0] == header.block_hash
        linked = known[1] if known and is_linked else "no"
        if header.number in self._disputed:
            linked = "no"
        return ProvenBlock(header.number, header.block_hash, linked, header.timestamp)

    def _headers(self, number: int) -> list[Header]:
        """Of a number, that of the linked block first."""
        found = {
            one.headers[number].block_hash: one.headers[number]
            for one in self._evidence
            if number in one.headers
        }
        believed = self._linked[number][0] if number in self._linked else None
        return sorted(
            found.values(), key=lambda header: (header.block_hash != believed, header.block_hash)
        )

    def _at(self, number: int) -> list[tuple[Header, Evidence]]:
        """Every evidence of a block, that under the believed header first."""
        return [
            (header, one)
            for header in self._headers(number)
            for one in self._evidence
            if number in one.headers and one.headers[number].block_hash == header.block_hash
        ]


def _of(evidence: Evidence) -> Iterable[Header]:
    return evidence.headers.values()
