"""
A node's JSON read into our shapes; the only place that knows hex quantities.

An answer of another form than the protocol's raises `AnswerInconsistent`, never a bare KeyError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from nft.chain.errors import AnswerInconsistent, shortened
from nft.chain.protocol import Block, Log, Receipt, Transaction
from nft.errors import Unacceptable
from nft.types import Address, Digest

T = TypeVar("T")

Json = Mapping[str, Any]


def reading(read: Callable[[Any], T], answer: Any) -> T:
    """Apply `read`, saying which answer was malformed."""
    try:
        return read(answer)
    except (KeyError, TypeError, ValueError, AttributeError, Unacceptable) as error:
        raise AnswerInconsistent(f"malformed: {shortened(repr(answer))}") from error


HIGHEST = 2**62
LAST_SECOND = 253_402_300_799
"""Of the year 9999, where calendars end."""


def quantity(text: str) -> int:
    """A hex quantity."""
    return int(text, 16)


def height(text: str) -> int:
    """A block's number. Raises `ValueError` for one that no chain reaches."""
    return _within(quantity(text), HIGHEST)


def moment(text: str) -> int:
    """A block's time. Raises `ValueError` for one that is in no calendar."""
    return _within(quantity(text), LAST_SECOND)


def _within(number: int, last: int) -> int:
    if not 0 <= number <= last:
        raise ValueError(f"{number} is not between 0 and {last}")
    return number


def data(text: str) -> bytes:
    """Hex data."""
    return bytes.fromhex(text[2:])


def address(text: str) -> Address:
    """Twenty bytes."""
    return Address(bytes.fromhex(text[2:]))


def digest(text: str) -> Digest:
    """Thirty-two bytes."""
    return Digest(bytes.fromhex(text[2:]))


def block(answer: Json) -> Block:
    """A header."""
    return Block(
        number=height(answer["number"]),
        block_hash=digest(answer["hash"]),
        parent_hash=digest(answer["parentHash"]),
        timestamp=moment(answer["timestamp"]),
        bloom=quantity(answer.get("logsBloom") or "0x0"),
        base_fee=quantity(answer.get("baseFeePerGas") or "0x0"),
        header=answer,
    )


def optional_block(answer: Json | None) -> Block | None:
    """A header, or None for null; a pending block without a hash counts as none."""
    if answer is None or answer.get("hash") is None:
        return None
    return block(answer)


def log(answer: Json) -> Log:
    """One log."""
    return Log(
        address=address(answer["address"]),
        topics=tuple(data(part) for part in answer["topics"]),
        data=data(answer["data"]),
        block_number=quantity(answer["blockNumber"]),
        block_hash=digest(answer["blockHash"]),
        transaction_hash=digest(answer["transactionHash"]),
        log_index=quantity(answer["logIndex"]),
        removed=bool(answer.get("removed", False)),
    )


def logs(answer: list[Json]) -> list[Log]:
    """All logs of an answer, in its order."""
    return [log(part) for part in answer]


def receipt(answer: Json) -> Receipt:
    """One receipt."""
    contract = answer.get("contractAddress")
    to = answer.get("to")
    return Receipt(
        transaction_hash=digest(answer["transactionHash"]),
        block_number=quantity(answer["blockNumber"]),
        block_hash=digest(answer["blockHash"]),
        succeeded=quantity(answer.get("status") or "0x1") == 1,
        sender=address(answer["from"]),
        to=address(to) if to else None,
        contract=address(contract) if contract else None,
        gas_used=quantity(answer["gasUsed"]),
        gas_price=quantity(answer.get("effectiveGasPrice") or "0x0"),
        logs=tuple(logs(answer["logs"])),
    )


def transaction(answer: Json) -> Transaction:
    """A transaction, mined or waiting."""
    to, number, block_hash = answer.get("to"), answer.get("blockNumber"), answer.get("blockHash")
    return Transaction(
        transaction_hash=digest(answer["hash"]),
        sender=address(answer["from"]),
        to=address(to) if to else None,
        data=data(answer["input"]),
        value=quantity(answer["value"]),
        nonce=quantity(answer["nonce"]),
        gas=quantity(answer["gas"]),
        block_number=quantity(number) if number else None,
        block_hash=digest(block_hash) if block_hash else None,
    )
