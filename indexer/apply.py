"""
One function per event: what it adds to the mirror.

Every function takes where the log stands and the event, and adds rows. None of them knows how
to undo itself: rows fall with their block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table
from sqlmodel import SQLModel

from indexer import tables
from indexer.watch import Watch
from nft.chain import events
from nft.chain.protocol import Log
from nft.types import ZERO_ADDRESS, Address, Digest

Row = dict[str, Any]


def table(row: type[SQLModel]) -> Table:
    """The SQL table of a row class."""
    found: Table = row.__table__  # type: ignore[attr-defined]
    return found


TRANSFERS = table(tables.TransferRow)
CHANGES = table(tables.TokenChangeRow)
SALES = table(tables.SaleRow)
CANCELS = table(tables.CancelRow)
APPROVALS = table(tables.ApprovalRow)
CREDITS = table(tables.CreditRow)
BLOCKS = table(tables.BlockRow)
TOKENS = table(tables.TokenRow)
CURSORS = table(tables.CursorRow)
OUTBOX = table(tables.OutboxRow)

FACTS = (TRANSFERS, CHANGES, SALES, CANCELS, APPROVALS, CREDITS)
"""Tables of facts: one row per log, keyed by chain, block and log index."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log stands."""

    chain_id: int
    block_number: int
    log_index: int
    contract: Address
    transaction_hash: Digest

    def key(self) -> Row:
        """The columns that every fact has."""
        return {
            "chain_id": self.chain_id,
            "block_number": self.block_number,
            "log_index": self.log_index,
            "transaction_hash": self.transaction_hash,
        }


@dataclass(slots=True)
class Facts:
    """Rows to be written, by table, in the order of their logs."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, to: Table, row: Row) -> None:
        """One more row."""
        self.rows.setdefault(to.name, []).append(row)

    def of(self, of: Table) -> list[Row]:
        """The rows of one table."""
        return self.rows.get(of.name, [])

    def blocks(self) -> set[int]:
        """Blocks that hold a fact."""
        return {row["block_number"] for rows in self.rows.values() for row in rows}

    def tokens(self) -> set[tuple[Address, int]]:
        """Tokens whose state these rows decide."""
        return {
            (row["contract"], row["token_id"])
            for rows in (self.of(TRANSFERS), self.of(CHANGES))
            for row in rows
        }


def _transfer(at: Place, event: events.Transfer, to: Facts) -> None:
    to.add(
        TRANSFERS,
        {
            **at.key(),
            "contract": at.contract,
            "token_id": event.token_id,
            "sender": event.sender,
            "receiver": event.receiver,
        },
    )


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


def _filled(at: Place, event: events.OrderFilled, to: Facts) -> None:
    """
    A sale, with the transfer it caused: the nearest one before it of this token.

    Who sold is who the work left, whatever kind of order it was.
    """
    moved = next(
        (
            row
            for row in reversed(to.of(TRANSFERS))
            if row["transaction_hash"] == at.transaction_hash
            and row["contract"] == event.collection
            and row["token_id"] == event.token_id
        ),
        None,
    )
    to.add(
        SALES,
        {
            **at.key(),
            "exchange": at.contract,
            "order_hash": event.order_hash,
            "maker": event.maker,
            "taker": event.taker,
            "seller": moved["sender"] if moved else event.maker,
            "buyer": moved["receiver"] if moved else event.taker,
            "contract": event.collection,
            "token_id": event.token_id,
            "currency": event.currency,
            "price": event.price,
            "royalty": event.royalty,
            "royalty_receiver": event.royalty_receiver,
            "fee": event.fee,
            "flags": event.flags,
            "nonce": None,
            "transfer_log_index": moved["log_index"] if moved else None,
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


def _credit(at: Place, account: Address, currency: Address, amount: int, to: Facts) -> None:
    to.add(
        CREDITS,
        {
            **at.key(),
            "exchange": at.contract,
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
    events.Transfer: _transfer,
    events.Approval: _approval,
    events.ApprovalForAll: _approval_for_all,
    events.Minted: _minted,
    events.MetadataDigestChanged: _metadata_changed,
    events.Frozen: _frozen,
    events.RoyaltyChanged: _royalty_changed,
    events.OrderFilled: _filled,
    events.NonceCancelled: _nonce_cancelled,
    events.AllCancelled: _all_cancelled,
    events.Credited: _credited,
    events.Withdrawn: _withdrawn,
}


def apply(chain_id: int, logs: Iterable[Log], watch: Watch) -> Facts:
    """The rows of a stretch's logs, which come in the order of the chain."""
    facts = Facts()
    for log in logs:
        event = watch.decode(log)
        if event is None:
            continue
        at = Place(chain_id, log.block_number, log.log_index, log.address, log.transaction_hash)
        HANDLERS[type(event)](at, event, facts)
    return facts
