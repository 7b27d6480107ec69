"""
What the platform decides about exchange and auctions, as rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from indexer.facts import GOVERNANCE, Facts, Place
from nft.chain import events

_BLANK = dict.fromkeys(
    ("account", "currency", "allowed", "fee_bps", "starts_at", "ends_at", "amount")
)


def _decided(at: Place, event: str, to: Facts, **values: Any) -> None:
    to.add(GOVERNANCE, {**at.key(), "contract": at.contract, "event": event, **_BLANK, **values})


def _fee(at: Place, event: events.FeeChanged, to: Facts) -> None:
    _decided(at, "fee", to, fee_bps=event.fee_bps, starts_at=event.start)


def _fee_receiver(at: Place, event: events.FeeReceiverChanged, to: Facts) -> None:
    _decided(at, "fee_receiver", to, account=event.receiver)


def _guardian(at: Place, event: events.GuardianChanged, to: Facts) -> None:
    _decided(at, "guardian", to, account=event.guardian)


def _paused(at: Place, event: events.Paused, to: Facts) -> None:
    _decided(at, "paused", to, account=event.guardian, ends_at=event.until)


def _unpaused(at: Place, event: events.Unpaused, to: Facts) -> None:
    _decided(at, "unpaused", to, account=event.guardian)


def _retired(at: Place, event: events.Retired, to: Facts) -> None:
    _decided(at, "retired", to)


def _currency(at: Place, event: events.CurrencyAllowed, to: Facts) -> None:
    _decided(at, "currency", to, currency=event.currency, allowed=event.allowed)


def _owner_proposed(at: Place, event: events.OwnershipTransferStarted, to: Facts) -> None:
    _decided(at, "owner_proposed", to, account=event.proposed)


def _owner(at: Place, event: events.OwnershipTransferred, to: Facts) -> None:
    _decided(at, "owner", to, account=event.owner)


def _fees_withdrawn(at: Place, event: events.FeesWithdrawn, to: Facts) -> None:
    told = {"account": event.receiver, "currency": event.currency, "amount": event.amount}
    _decided(at, "fees_withdrawn", to, **told)


HANDLERS: Mapping[type[events.Event], Callable[[Place, Any, Facts], None]] = {
    events.FeeChanged: _fee,
    events.FeeReceiverChanged: _fee_receiver,
    events.GuardianChanged: _guardian,
    events.Paused: _paused,
    events.Unpaused: _unpaused,
    events.Retired: _retired,
    events.CurrencyAllowed: _currency,
    events.OwnershipTransferStarted: _owner_proposed,
    events.OwnershipTransferred: _owner,
    events.FeesWithdrawn: _fees_withdrawn,
}
