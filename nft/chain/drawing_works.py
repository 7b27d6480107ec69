"""
The state of a work, drawn under the layout that its contract has.

Of our collections: the contract's account and code (and those of the implementation of a clone),
the ownership word, the digest, and the receiver of the royalty. Of others: whatever words the first
layout needs that says what the contract's `ownerOf` says at that block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nft.chain.client import Web3Chain
from nft.chain.clones import Clone
from nft.chain.drawing import Drawing, Head
from nft.chain.errors import AnswerInconsistent, ContractSilent, Reverted
from nft.chain.works import Erc721
from nft.layouts import foreign
from nft.layouts.collection import OurCollection, our_collection
from nft.layouts.errors import LayoutUnknown
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain, Vouched
from nft.proofs.pieces import Pieces, joined
from nft.tokens import OwnershipWord, ownership_slot
from nft.types import ZERO_ADDRESS, Address, TokenRef


@dataclass(frozen=True, slots=True)
class DrawnWork:
    """The pieces of a work's state, and what their words mean."""

    pieces: Pieces
    layout: str | None
    """None: no layout that we know fits; the account alone is proven, with its code."""

    @property
    def is_presumed(self) -> bool:
        """Whether the layout was found by trying."""
        return self.layout is not None and not self.layout.startswith("vernissage-")


def draw_work(chain: Web3Chain, drawing: Drawing, head: Head, token: TokenRef) -> DrawnWork:
    """
    The state of a work after a block.

    Raises `StateNotAvailable` where the node has forgotten it, and what a node raises.
    """
    contract = drawing.state(head, token.contract, with_code=True)
    pieces = [contract.pieces]
    clone = Clone.read(contract.code or b"")
    if clone is not None:
        pieces.append(drawing.state(head, clone.implementation, with_code=True).pieces)
    try:
        known = _proven(pieces, head)
        ours = our_collection(known, head.header.number, token.contract).value
    except LayoutUnknown:
        return _foreign(chain, drawing, head, token, contract.pieces)
    return DrawnWork(joined([*pieces, _words(drawing, head, ours, token)]), ours.layout.layout)


def _proven(pieces: Iterable[Pieces], head: Head) -> ProvenChain:
    evidence = Evidence.of(*pieces)
    vouched = Vouched(head.header.number, head.header.block_hash, "rpc")
    return ProvenChain(evidence.chain_id, [evidence], [vouched])


def _words(drawing: Drawing, head: Head, ours: OurCollection, token: TokenRef) -> Pieces:
    place = ownership_slot(token.token_id)
    slots = [place, ours.digest_slot(token.token_id)]
    first = drawing.state(head, ours.address, slots)
    word = OwnershipWord.unpack(first.proven.storage[place])
    if word.payee == 0:
        return first.pieces
    payee = drawing.state(head, ours.address, [ours.payee_slot(word.payee)])
    return joined([first.pieces, payee.pieces])


def _foreign(
    chain: Web3Chain, drawing: Drawing, head: Head, token: TokenRef, contract: Pieces
) -> DrawnWork:
    owner = _told_owner(chain, head, token)
    if owner is None:
        return DrawnWork(contract, None)
    reader = _Reader(chain, drawing, head, token.contract)
    layout = _matching(foreign.usual(), reader, token, owner)
    if layout is None:
        odd = list(foreign.odd())
        reader.fetch(slot for one in odd for slot in foreign.first_slots(one, token.token_id))
        layout = _matching(odd, reader, token, owner)
    if layout is None:
        return DrawnWork(contract, None)
    reader.asked.clear()
    foreign.read_owner(layout, token.token_id, reader.word)
    words = drawing.state(head, token.contract, sorted(reader.asked))
    try:
        proven = foreign.read_owner(layout, token.token_id, words.proven.storage.__getitem__)
    except (LayoutUnknown, KeyError):
        proven = foreign.Owned(None)
    if proven.owner != owner:
        raise AnswerInconsistent(f"{token.contract}: storage that is told is not what is proven")
    return DrawnWork(joined([contract, words.pieces]), layout)


def _told_owner(chain: Web3Chain, head: Head, token: TokenRef) -> Address | None:
    """None where the contract says nothing: no such work, or no longer."""
    question = Erc721(token.contract).owner_of(token.token_id)
    try:
        owner = question.ask(chain, head.header.block_hash)
    except (Reverted, ContractSilent):
        return None
    return None if owner == ZERO_ADDRESS else owner


def _matching(
    layouts: Iterable[str], reader: _Reader, token: TokenRef, owner: Address
) -> str | None:
    """The one that says the same; none where several unusual ones do."""
    found = []
    for layout in layouts:
        try:
            if foreign.read_owner(layout, token.token_id, reader.word).owner == owner:
                found.append(layout)
        except LayoutUnknown:
            continue
    return found[0] if found and (len(found) == 1 or found[0] in foreign.usual()) else None


class _Reader:
    """Words of one contract after one block, each asked for once; what fits is proven after."""

    def __init__(self, chain: Web3Chain, drawing: Drawing, head: Head, contract: Address) -> None:
        self._chain = chain
        self._drawing = drawing
        self._head = head
        self._contract = contract
        self._known: dict[int, int] = {}
        self.asked: set[int] = set()

    def fetch(self, slots: Iterable[int]) -> None:
        """Ask for several at once."""
        wanted = sorted(set(slots) - self._known.keys())
        if wanted:
            drawn = self._drawing.state(self._head, self._contract, wanted)
            self._known |= drawn.proven.storage

    def word(self, slot: int) -> int:
        self.asked.add(slot)
        if slot not in self._known:
            told = self._chain.storage(self._contract, slot, self._head.header.block_hash)
            self._known[slot] = int.from_bytes(told, "big")
        return self._known[slot]
