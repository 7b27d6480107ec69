"""
What happens in collections and splitters, as rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from indexer.facts import (
    ALL_FROZEN,
    APPROVALS,
    CHANGES,
    COLLECTIONS,
    DEFAULT_ROYALTIES,
    DESCRIPTIONS,
    EDITIONS,
    MINTERS,
    RELEASES,
    SPLITTERS,
    Facts,
    Place,
)
from nft.chain import events
from nft.types import ZERO_ADDRESS, Address


def _change(at: Place, token_id: int, event: str, to: Facts, **values: Any) -> None:
    blank = {"metadata_digest": None, "royalty_bps": None, "royalty_receiver": None}
    to.add(
        CHANGES,
        {
            **at.key(),
            "contract": at.contract,
            "token_id": token_id,
            "event": event,
            **blank,
            **values,
        },
    )


def _minted(at: Place, event: events.Minted, to: Facts) -> None:
    _change(
        at,
        event.token_id,
        "minted",
        to,
        metadata_digest=event.metadata_digest,
        royalty_bps=event.royalty_bps,
        royalty_receiver=event.royalty_receiver,
    )


def _metadata_changed(at: Place, event: events.MetadataDigestChanged, to: Facts) -> None:
    _change(at, event.token_id, "metadata", to, metadata_digest=event.metadata_digest)


def _royalty_changed(at: Place, event: events.RoyaltyChanged, to: Facts) -> None:
    _change(
        at,
        event.token_id,
        "royalty",
        to,
        royalty_bps=event.royalty_bps,
        royalty_receiver=event.royalty_receiver,
    )


def _frozen(at: Place, event: events.Frozen, to: Facts) -> None:
    _change(at, event.token_id, "frozen", to)


def _edition_minted(at: Place, event: events.EditionMinted, to: Facts) -> None:
    to.add(
        EDITIONS,
        {
            **at.key(),
            "contract": at.contract,
            "first_token_id": event.first_token_id,
            "size": event.size,
        },
    )


def _approve(at: Place, owner: Address, operator: Address, to: Facts, **values: Any) -> None:
    to.add(
        APPROVALS,
        {**at.key(), "contract": at.contract, "owner": owner, "operator": operator, **values},
    )


def _approval(at: Place, event: events.Approval, to: Facts) -> None:
    approved = event.operator != ZERO_ADDRESS
    _approve(at, event.owner, event.operator, to, token_id=event.token_id, approved=approved)


def _approval_for_all(at: Place, event: events.ApprovalForAll, to: Facts) -> None:
    _approve(at, event.owner, event.operator, to, token_id=None, approved=event.approved)


def _minter_changed(at: Place, event: events.MinterChanged, to: Facts) -> None:
    to.add(
        MINTERS,
        {
            **at.key(),
            "contract": at.contract,
            "creator": event.creator,
            "minter": event.minter,
            "allowed": event.allowed,
        },
    )


def _default_royalty_changed(at: Place, event: events.DefaultRoyaltyChanged, to: Facts) -> None:
    to.add(
        DEFAULT_ROYALTIES,
        {
            **at.key(),
            "contract": at.contract,
            "creator": event.creator,
            "royalty_bps": event.bps,
            "royalty_receiver": event.receiver,
        },
    )


def _all_frozen(at: Place, event: events.AllFrozen, to: Facts) -> None:
    to.add(ALL_FROZEN, {**at.key(), "contract": at.contract, "creator": event.creator})


def _described(at: Place, event: events.ContractURIUpdated, to: Facts) -> None:
    to.add(DESCRIPTIONS, {**at.key(), "contract": at.contract})


def _collection_created(at: Place, event: events.CollectionCreated, to: Facts) -> None:
    to.add(
        COLLECTIONS,
        {
            **at.key(),
            "contract": event.collection,
            "artist": event.artist,
            "name": event.name,
            "symbol": event.symbol,
        },
    )


def _splitter_created(at: Place, event: events.SplitterCreated, to: Facts) -> None:
    shares = [{"receiver": str(share.receiver), "bps": share.bps} for share in event.shares]
    to.add(SPLITTERS, {**at.key(), "splitter": event.splitter, "shares": shares})


def _released(at: Place, event: events.Released, to: Facts) -> None:
    to.add(
        RELEASES,
        {
            **at.key(),
            "splitter": at.contract,
            "receiver": event.receiver,
            "currency": event.currency,
            "amount": event.amount,
        },
    )


HANDLERS: Mapping[type[events.Event], Callable[[Place, Any, Facts], None]] = {
    events.Approval: _approval,
    events.ApprovalForAll: _approval_for_all,
    events.Minted: _minted,
    events.EditionMinted: _edition_minted,
    events.MetadataDigestChanged: _metadata_changed,
    events.Frozen: _frozen,
    events.RoyaltyChanged: _royalty_changed,
    events.MinterChanged: _minter_changed,
    events.DefaultRoyaltyChanged: _default_royalty_changed,
    events.AllFrozen: _all_frozen,
    events.ContractURIUpdated: _described,
    events.CollectionCreated: _collection_created,
    events.SplitterCreated: _splitter_created,
    events.Released: _released,
}
