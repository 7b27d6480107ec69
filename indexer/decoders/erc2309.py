"""
ERC-2309: neighbouring tokens changed hands at once.

Such a log costs cents and may speak of 2^256 works, each of which costs us a row. So a contract
has one range of any size in a block, and more of them while they are few and small together, as
those of the libraries are. What comes above that is nothing to us: a work that it moved shows as a
break of custody when it moves again. It depends on the block alone, never on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from indexer.decoders.base import Decoder, Whose
from indexer.facts import RANGES, Facts, Place
from nft.chain.logs import Form
from nft.chain.protocol import Log
from nft.types import Address

RANGES_OF_A_BLOCK = 100
TOKENS_OF_A_BLOCK = 100_000
"""Of one contract together, unless it is one range alone; a library's has 5,000 at most."""


@dataclass(frozen=True, slots=True)
class ConsecutiveTransfer:
    """A transfer of each of these tokens, both ends included."""

    first_token_id: int
    last_token_id: int
    sender: Address
    receiver: Address


def _read(log: Log) -> ConsecutiveTransfer | None:
    """Its second value is not indexed, unlike the third; a range that runs backwards is none."""
    _, first, sender, receiver = log.topics
    first_id, last_id = int.from_bytes(first, "big"), int.from_bytes(log.data, "big")
    if last_id < first_id:
        return None
    return ConsecutiveTransfer(first_id, last_id, Address(sender[12:]), Address(receiver[12:]))


def _rows(at: Place, event: ConsecutiveTransfer, to: Facts) -> None:
    if not _is_within_bounds(at, event, to):
        return
    to.add(
        RANGES,
        {
            **at.key(),
            "contract": at.contract,
            "first_token_id": event.first_token_id,
            "last_token_id": event.last_token_id,
            "sender": event.sender,
            "receiver": event.receiver,
        },
    )


def _is_within_bounds(at: Place, event: ConsecutiveTransfer, to: Facts) -> bool:
    block = takewhile(lambda row: row["block_number"] == at.block_number, reversed(to.of(RANGES)))
    before = [row for row in block if row["contract"] == at.contract]
    if not before:
        return True
    many = sum(row["last_token_id"] - row["first_token_id"] + 1 for row in before)
    many += event.last_token_id - event.first_token_id + 1
    return len(before) < RANGES_OF_A_BLOCK and many <= TOKENS_OF_A_BLOCK


DECODERS = (
    Decoder(
        "ConsecutiveTransfer(uint256,uint256,address,address)",
        Whose.OTHERS,
        Form(topics=4, words=1, read=_read),
        ConsecutiveTransfer,
        _rows,
    ),
)
