"""
What proven state says of a work in one of our collections, as of one block.

Findings are made without looking at whether the block is linked; the caller does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from nft.layouts.collection import (
    OurCollection,
    metadata_digest,
    our_collection,
    ownership,
    royalty,
)
from nft.layouts.errors import LayoutUnknown, NotShown
from nft.proofs.keccak import keccak
from nft.proofs.linked import Fact, ProvenChain
from nft.proofs.state import NO_CODE
from nft.tokens import OwnershipWord
from nft.types import Address, Digest, TokenRef
from nft.verification.claims import Claims, Place
from nft.verification.report import Finding, failed, passed, unchecked

T = TypeVar("T")

MINTED = keccak(b"Minted(uint256,bytes32,uint16,address)")


@dataclass(frozen=True, slots=True)
class Work:
    """A work's state, as far as the evidence shows it."""

    collection: OurCollection
    word: OwnershipWord | None
    digest: Digest | None
    receiver: Address | None
    """Of the royalty."""


def find_collection(
    proven: ProvenChain, block: int, contract: Address, layout: str
) -> tuple[Finding, OurCollection | None]:
    """Whether the code is that of the layout named."""
    shown = str(contract)
    account = proven.account(block, contract)
    if account is None:
        return failed("contract.unread", shown), None
    if account.told.code_hash == NO_CODE:
        return failed("contract.none", shown), None
    try:
        found = our_collection(proven, block, contract).told
    except NotShown:
        return failed("contract.unread", shown), None
    except LayoutUnknown:
        return unchecked("contract.unknown", shown), None
    if found.layout.layout != layout:
        return failed("contract.layout", shown), None
    key = "contract.clone" if found.is_clone else "contract.known"
    return passed(key, shown, name=layout, number=str(block)), found


def find_work(proven: ProvenChain, block: int, token: TokenRef, collection: OurCollection) -> Work:
    """Everything of a work that the evidence shows."""
    word = _shown(lambda: ownership(proven, block, token))
    digest = _shown(lambda: metadata_digest(proven, block, collection, token.token_id))
    owed = _shown(lambda: royalty(proven, block, collection, token.token_id))
    return Work(collection, word, digest, None if owed is None else owed.receiver)


def _shown(read: Callable[[], Fact[T]]) -> T | None:
    try:
        return read().told
    except (NotShown, LayoutUnknown):
        return None


def find_state(
    claims: Claims, place: Place, proven: ProvenChain
) -> tuple[Finding, Finding, Finding]:
    """Contract, metadata and royalty of a certificate's work."""
    block = place.state_block
    contract, collection = find_collection(proven, block, claims.token.contract, place.layout)
    if collection is None:
        digest = unchecked("chain.layout", str(claims.metadata_digest))
        return contract, digest, unchecked("chain.layout", str(claims.minted.royalty_receiver))
    work = find_work(proven, block, claims.token, collection)
    return contract, _metadata(claims, work, block), _royalty(claims, place, work, proven)


def _metadata(claims: Claims, work: Work, block: int) -> Finding:
    shown, number = str(claims.metadata_digest), str(block)
    if work.word is None or work.digest is None:
        return failed("metadata.unread", shown)
    if not any(work.word.owner):
        return failed("metadata.gone", shown)
    if work.digest != claims.metadata_digest:
        return failed("metadata.differs", shown, number=number)
    key = "metadata.frozen" if work.word.is_frozen else "metadata.proven"
    return passed(key, shown, number=number)


def _royalty(claims: Claims, place: Place, work: Work, proven: ProvenChain) -> Finding:
    mint = claims.minted
    shown, stated = str(mint.royalty_receiver), (mint.royalty_bps, mint.royalty_receiver)
    minted = _minted_with(claims, place, proven)
    if minted is not None and minted.told != stated:
        told = {"bps": str(minted.told[0]), "receiver": str(minted.told[1])}
        return failed("royalty.differs", shown, **told)
    if work.word is None or work.receiver is None:
        return failed("royalty.unread", shown)
    found = work.word.royalty_bps, work.receiver
    told = {
        "bps": str(work.word.royalty_bps),
        "receiver": str(work.receiver),
        "number": str(place.state_block),
    }
    if found == stated:
        return passed("royalty.proven", shown, **told)
    if minted is None or not minted.is_proven:
        return unchecked("royalty.unminted", shown, **told)
    return passed("royalty.changed", shown, **told)


def _minted_with(
    claims: Claims, place: Place, proven: ProvenChain
) -> Fact[tuple[int, Address]] | None:
    """Royalty and receiver that the mint's own event names; None where there is no such event."""
    shown = proven.receipt(place.mint_block, place.mint_index)
    token = claims.token.token_id.to_bytes(32, "big")
    if shown is None:
        return None
    for log in shown.told.receipt.logs:
        is_of_token = log.address == claims.token.contract and log.topics == (MINTED, token)
        if is_of_token and len(log.data) == 96 and not any(log.data[64:76]):
            told = int.from_bytes(log.data[32:64], "big"), Address(log.data[76:])
            return Fact(shown.block, told)
    return None
