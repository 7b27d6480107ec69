"""
What happens in exchanges and auctions, and the sales of vouchers, as rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from indexer.facts import (
    AUCTIONS,
    BIDS,
    CANCELS,
    CREDITS,
    OUTCOMES,
    SALES,
    SKIPS,
    Facts,
    Move,
    Place,
    Row,
)
from nft.chain import events
from nft.tokens import creator_of
from nft.types import ZERO_ADDRESS, Address, Digest

MAKER_BOUGHT = 1 << 1
"""Flag of a fill whose maker is the buyer: an offer."""

_ALONE: Row = {"payments": None, "works": None}
"""What only sales on other venues need to say."""


def _filled(at: Place, event: events.OrderFilled, to: Facts) -> None:
    """
    A sale, with the transfer it caused: the nearest one before it of this token.

    Who sold is who the work left, whatever kind of order it was. A listing that fills more than
    once in its transaction is a bundle: one sale for each work.
    """
    moved = to.transfer(at, event.collection, event.token_id)
    offered = bool(event.flags & MAKER_BOUGHT)
    kind = "offer" if offered else "listing"
    for other in to.before(SALES, at.transaction_hash):
        if other["order_hash"] == event.order_hash and other["exchange"] == at.contract:
            other["kind"] = kind = "bundle"
    seller, buyer = (event.taker, event.maker) if offered else (event.maker, event.taker)
    to.add(
        SALES,
        {
            **at.key(),
            "kind": kind,
            "exchange": at.contract,
            "order_hash": event.order_hash,
            "maker": event.maker,
            "taker": event.taker,
            "seller": Address(moved.sender) if moved else seller,
            "buyer": Address(moved.receiver) if moved else buyer,
            "contract": event.collection,
            "token_id": event.token_id,
            "currency": event.currency,
            "price": event.price,
            "royalty": event.royalty,
            "royalty_receiver": event.royalty_receiver,
            "fee": event.fee,
            "fee_receiver": None,
            "flags": event.flags,
            "nonce": None,
            "transfer_log_index": _log(moved),
            **_ALONE,
        },
    )


def _log(transfer: Move | None) -> int | None:
    return transfer.log_index if transfer else None


def _voucher_filled(at: Place, event: events.VoucherFilled, to: Facts) -> None:
    """The creator's first sale: the second of the work's two transfers is its own."""
    to.add(
        SALES,
        {
            **at.key(),
            "kind": "voucher",
            "exchange": at.contract,
            "order_hash": event.voucher_hash,
            "maker": event.signer,
            "taker": event.buyer,
            "seller": creator_of(event.token_id),
            "buyer": event.buyer,
            "contract": at.contract,
            "token_id": event.token_id,
            "currency": event.currency,
            "price": event.price,
            "royalty": 0,
            "royalty_receiver": ZERO_ADDRESS,
            "fee": event.fee,
            "fee_receiver": event.fee_receiver,
            "flags": 0,
            "nonce": None,
            "transfer_log_index": _log(to.transfer(at, at.contract, event.token_id)),
            **_ALONE,
        },
    )


def _opened(at: Place, event: events.AuctionOpened, to: Facts) -> None:
    to.add(
        AUCTIONS,
        {
            **at.key(),
            "auctions": at.contract,
            "auction_hash": event.auction_hash,
            "seller": event.seller,
            "contract": event.collection,
            "token_id": event.token_id,
            "transfer_log_index": None,
        },
    )


def link_custody(moved: Move, to: Facts) -> None:
    """
    Tell an opening or a reclaim of this transaction which transfer it is about: this one.

    Unlike sales, which follow their transfers, these logs come before the work moves.
    """
    work = int.from_bytes(moved.token_id, "big")
    for opening in to.before(AUCTIONS, moved.transaction_hash):
        if opening["transfer_log_index"] is None and (
            (opening["auctions"], opening["contract"], opening["token_id"])
            == (moved.receiver, moved.contract, work)
        ):
            opening["transfer_log_index"] = moved.log_index
            return
    for outcome in to.before(OUTCOMES, moved.transaction_hash):
        if outcome["outcome"] == "reclaimed" and outcome["transfer_log_index"] is None:
            if outcome["auctions"] == moved.sender:
                outcome["transfer_log_index"] = moved.log_index
            return


def _bid(at: Place, event: events.BidPlaced, to: Facts) -> None:
    to.add(
        BIDS,
        {
            **at.key(),
            "auctions": at.contract,
            "auction_hash": event.auction_hash,
            "bidder": event.bidder,
            "amount": event.amount,
            "ends_at": event.end,
        },
    )


def _outcome(at: Place, auction: Digest, outcome: str, transfer: int | None, to: Facts) -> None:
    to.add(
        OUTCOMES,
        {
            **at.key(),
            "auctions": at.contract,
            "auction_hash": auction,
            "outcome": outcome,
            "transfer_log_index": transfer,
        },
    )


def _settled(at: Place, event: events.AuctionSettled, to: Facts) -> None:
    """The work leaves the contract that kept it; who sold is the seller all the same."""
    moved = _log(to.transfer(at, event.collection, event.token_id))
    _outcome(at, event.auction_hash, "settled", moved, to)
    to.add(
        SALES,
        {
            **at.key(),
            "kind": "auction",
            "exchange": at.contract,
            "order_hash": event.auction_hash,
            "maker": event.seller,
            "taker": event.winner,
            "seller": event.seller,
            "buyer": event.winner,
            "contract": event.collection,
            "token_id": event.token_id,
            "currency": ZERO_ADDRESS,
            "price": event.price,
            "royalty": event.royalty,
            "royalty_receiver": event.royalty_receiver,
            "fee": event.fee,
            "fee_receiver": None,
            "flags": event.flags,
            "nonce": None,
            "transfer_log_index": moved,
            **_ALONE,
        },
    )


def _unwound(at: Place, event: events.AuctionUnwound, to: Facts) -> None:
    _outcome(at, event.auction_hash, "unwound", None, to)


def _reclaimed(at: Place, event: events.WorkReclaimed, to: Facts) -> None:
    _outcome(at, event.auction_hash, "reclaimed", None, to)


def _skipped(at: Place, event: events.OrderSkipped, to: Facts) -> None:
    to.add(
        SKIPS,
        {
            **at.key(),
            "exchange": at.contract,
            "order_hash": event.order_hash,
            "reason": "0x" + event.reason.hex(),
        },
    )


def _cancel(
    at: Place, maker: Address, to: Facts, *, nonce: int | None, counter: int | None
) -> None:
    to.add(
        CANCELS,
        {**at.key(), "exchange": at.contract, "maker": maker, "nonce": nonce, "counter": counter},
    )


def _nonce_cancelled(at: Place, event: events.NonceCancelled, to: Facts) -> None:
    _cancel(at, event.maker, to, nonce=event.nonce, counter=None)


def _all_cancelled(at: Place, event: events.AllCancelled, to: Facts) -> None:
    _cancel(at, event.maker, to, nonce=None, counter=event.counter)


def _credit(at: Place, account: Address, currency: Address, amount: int, to: Facts) -> None:
    to.add(
        CREDITS,
        {
            **at.key(),
            "contract": at.contract,
            "account": account,
            "currency": currency,
            "amount": amount,
        },
    )


def _credited(at: Place, event: events.Credited, to: Facts) -> None:
    _credit(at, event.account, event.currency, event.amount, to)


def _withdrawn(at: Place, event: events.Withdrawn, to: Facts) -> None:
    _credit(at, event.account, event.currency, -event.amount, to)


HANDLERS: Mapping[type[events.Event], Callable[[Place, Any, Facts], None]] = {
    events.OrderFilled: _filled,
    events.VoucherFilled: _voucher_filled,
    events.OrderSkipped: _skipped,
    events.NonceCancelled: _nonce_cancelled,
    events.AllCancelled: _all_cancelled,
    events.AuctionOpened: _opened,
    events.BidPlaced: _bid,
    events.AuctionSettled: _settled,
    events.AuctionUnwound: _unwound,
    events.WorkReclaimed: _reclaimed,
    events.Credited: _credited,
    events.Withdrawn: _withdrawn,
}
