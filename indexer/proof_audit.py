"""
Works of our collections proven: the word of the contract's storage, against the state root.

`ownerOf` is what a node says; a proof of storage is what it cannot make up. It leads from the
root in the final block's header to the slot that holds owner and number of transfers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import structlog
from sqlalchemy import Row

from indexer.ground import Difference, Findings, Ground, Place
from nft.chain.errors import NodeRefused
from nft.proofs.errors import Disproved, FormUnknown, StateDisproved
from nft.proofs.headers import proven_header
from nft.proofs.state import proven_state
from nft.tokens import OwnershipWord, ownership_slot
from nft.types import Address

log = structlog.get_logger(__name__)

SLOTS = 50
"""Of one contract, proven by one answer."""

Rows = Sequence[Row[Any]]


def prove(ground: Ground, findings: Findings, place: Place, rows: Rows) -> None:
    """
    Hold rows of works against proofs; those of other contracts are left out.

    A node that offers no proofs, or a header of a form that we do not know, proves nothing, and
    counts as nothing. A proof that is false is a difference: something was made up.
    """
    ours = [row for row in rows if bytes(row.contract) in ground.ours]
    root = _state_root(place) if ours else None
    if root is None:
        return
    for contract, group in groupby(ours, key=lambda row: bytes(row.contract)):
        works = list(group)
        for start in range(0, len(works), SLOTS):
            part = works[start : start + SLOTS]
            try:
                words = _words(ground, place, root, Address(contract), part)
            except NodeRefused as error:
                log.info("the node proves no storage", why=str(error))
                return
            except StateDisproved as error:
                findings.differ(Difference(Address(contract), "storage proof", "-", str(error)))
                continue
            for row, word in zip(part, words, strict=True):
                for difference in _differences(row, word):
                    findings.differ(difference)
            findings.count("proofs", len(part))


def _state_root(place: Place) -> bytes | None:
    """Of the very block, whose header must hash to what the mirror holds."""
    try:
        return proven_header(place.header, place.block_hash).state_root
    except (Disproved, FormUnknown) as error:
        log.info("no proof of storage", block=place.number, why=str(error))
        return None


def _words(
    ground: Ground, place: Place, root: bytes, contract: Address, works: Rows
) -> list[OwnershipWord]:
    slots = [ownership_slot(int.from_bytes(row.token_id, "big")) for row in works]
    told = ground.chain.proof(contract, slots, place.block_hash)
    found = proven_state(told, root, contract, slots).storage
    return [OwnershipWord.unpack(found[slot]) for slot in slots]


def _differences(row: Row[Any], word: OwnershipWord) -> Iterator[Difference]:
    held = None if row.owner is None else Address(bytes(row.owner))
    for what, here, there in (
        ("proven owner", held, word.owner),
        ("proven transfer_count", row.moves, word.transfer_count),
    ):
        if here != there:
            yield Difference(
                contract=Address(bytes(row.contract)),
                token_id=int.from_bytes(row.token_id, "big"),
                what=what,
                mirror="nothing" if here is None else str(here),
                chain=str(there),
            )
