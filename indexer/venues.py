"""
Sales of mirrored works on other exchanges.

A venue's logs cannot be asked for by collection. So they are asked for only in blocks in which a
mirrored work moved between two people and whose bloom may hold the venue, and kept only of the
transactions in which it moved. What they say of a sale is a row of `chain_sales` like our own, at
the log of the work's `Transfer`, of kind `elsewhere`; it derives from its block's logs alone and
falls with them.

A new venue is a module that reads its logs, and a line in `VENUES`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer import facts
from indexer.facts import SALES, Facts, Item, Row
from indexer.watch import Part
from nft.chain import seaport
from nft.chain.logs import Form
from nft.chain.protocol import Block, Log
from nft.foreign_sales import Move, Sale
from nft.types import Address

KIND = "elsewhere"
"""Of such a sale's row."""


@dataclass(frozen=True, slots=True)
class Venue:
    """Somebody else's exchange."""

    name: str
    topics: tuple[bytes, ...]
    """Of the events that `sales` reads."""
    sales: Callable[[Sequence[Log], Sequence[Move]], list[Sale]]
    """The sales of one transaction, by the venue's logs and the works that moved in it."""


VENUES: Mapping[Address, Venue] = {
    seaport.V1_6: Venue("Seaport 1.6", seaport.TOPICS, seaport.sales),
    seaport.V1_5: Venue("Seaport 1.5", seaport.TOPICS, seaport.sales),
}
"""Every venue, by where it stands on any chain."""

# Their logs are read by the transaction, not one by one: no form of theirs is ever used.
_UNREAD = Form(topics=0, words=None, read=lambda log: None)
_TABLES = {address: dict.fromkeys(venue.topics, _UNREAD) for address, venue in VENUES.items()}

PART = Part.over(_TABLES, fixed=_TABLES)
"""The query for them, and the bloom bits that a block with one of their logs has."""

_NOBODY = bytes(20)

Transactions = set[tuple[int, bytes]]
"""By block number and hash."""


def blocks_to_ask(told: Iterable[Item], blocks: Iterable[Block]) -> list[Block]:
    """The blocks in which mirrored works moved and that may hold a log of a venue."""
    found = {block.number: block for block in blocks if PART.may_be_in(block.bloom)}
    if not found:
        return []
    there = [log for log in told if log.block_number in found]
    moved = {log.block_number for log in there if _is_move(log)}
    return [found[number] for number in sorted(moved)]


def of_moves(venue_logs: Collection[Item], told: Iterable[Item]) -> list[Item]:
    """The venues' logs of transactions in which a mirrored work moved."""
    if not venue_logs:
        return []
    moved = {_transaction(log) for log in told if _is_move(log)}
    return [log for log in venue_logs if _transaction(log) in moved]


def _is_move(item: Item) -> bool:
    """Whether a work passed from somebody to somebody, neither minted nor burned."""
    return isinstance(item, facts.Move) and _NOBODY not in (item.sender, item.receiver)


def _transaction(item: Item) -> tuple[int, bytes]:
    return item.block_number, item.transaction_hash


def apply(chain_id: int, told: Iterable[Log], to: Facts) -> None:
    """
    Add the sales that the venues' logs tell of, when the transfers and our own sales are there.

    A transfer that a sale of ours stands for is not sold a second time.
    """
    by_venue: dict[tuple[int, bytes, Address], list[Log]] = {}
    for log in told:
        if log.address in VENUES:
            by_venue.setdefault((*_transaction(log), log.address), []).append(log)
    if not by_venue:
        return
    moves = _moves(to, {place[:2] for place in by_venue})
    for (block, transaction, address), said in by_venue.items():
        key = {"chain_id": chain_id, "block_number": block, "transaction_hash": transaction}
        open_moves = moves.get((block, transaction), {})
        for sale in VENUES[address].sales(said, list(open_moves.values())):
            del open_moves[sale.move.log_index]
            to.add(SALES, {**key, **_row(address, sale)})


def _moves(known: Facts, wanted: Transactions) -> dict[tuple[int, bytes], dict[int, Move]]:
    """The moves of these transactions that no sale of ours stands for, by their log."""
    ours = {(row["block_number"], row["transfer_log_index"]) for row in known.of(SALES)}
    found: dict[tuple[int, bytes], dict[int, Move]] = {}
    for item in known.moves:
        place, at = _transaction(item), item.log_index
        if place in wanted and (item.block_number, at) not in ours and _is_move(item):
            row = item.row()
            move = Move(row["contract"], row["token_id"], row["sender"], row["receiver"], at)
            found.setdefault(place, {})[at] = move
    return found


def _row(venue: Address, sale: Sale) -> Row:
    """What is a royalty, and what a fee, the venue does not say: the payments stand instead."""
    move = sale.move
    return {
        "log_index": move.log_index,
        "kind": KIND,
        "exchange": venue,
        "order_hash": sale.order_hash,
        "maker": sale.maker,
        "taker": sale.taker,
        "seller": move.sender,
        "buyer": move.receiver,
        "contract": move.contract,
        "token_id": move.token_id,
        "currency": sale.currency,
        "price": sale.price,
        "royalty": None,
        "royalty_receiver": None,
        "fee": None,
        "fee_receiver": None,
        "flags": 0,
        "nonce": None,
        "transfer_log_index": move.log_index,
        "payments": [
            {"receiver": str(one.receiver), "amount": str(one.amount)} for one in sale.payments
        ],
        "works": sale.works,
    }
