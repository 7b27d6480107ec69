"""
A block's header from a node's JSON, and the hash that it must have.

The fields are those of every fork so far, Frontier to Amsterdam, in the order of the protocol. A
fork only ever appended fields, so that a header ends with the last one that is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nft.proofs.errors import HeaderDisproved
from nft.proofs.keccak import keccak
from nft.proofs.rlp import (
    Item,
    NotCanonical,
    decode,
    encode_bytes,
    encode_int,
    encode_list,
    unhex,
)
from nft.types import Digest

QUANTITY, DATA = -1, -2
"""Kinds of fields besides data of a fixed number of bytes."""

FIELDS: tuple[tuple[str, int], ...] = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", QUANTITY),
    ("number", QUANTITY),
    ("gasLimit", QUANTITY),
    ("gasUsed", QUANTITY),
    ("timestamp", QUANTITY),
    ("extraData", DATA),
    ("mixHash", 32),
    ("nonce", 8),
)
"""From the first block on."""

LATER_FIELDS: tuple[tuple[str, int], ...] = (
    ("baseFeePerGas", QUANTITY),  # London, EIP-1559
    ("withdrawalsRoot", 32),  # Shanghai, EIP-4895
    ("blobGasUsed", QUANTITY),  # Cancun, EIP-4844
    ("excessBlobGas", QUANTITY),
    ("parentBeaconBlockRoot", 32),  # Cancun, EIP-4788
    ("requestsHash", 32),  # Prague, EIP-7685
    ("blockAccessListHash", 32),  # Amsterdam, EIP-7928
    ("slotNumber", QUANTITY),  # Amsterdam, EIP-7843
)
"""Each there only with all before it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a proven header vouches for."""

    number: int
    block_hash: Digest
    parent_hash: Digest
    timestamp: int
    bloom: int
    """The logs bloom as a number of 2,048 bits."""
    state_root: bytes
    receipts_root: bytes
    transactions_root: bytes


def encode_header(answer: Mapping[str, Any]) -> bytes:
    """The RLP of a header as a node tells it. Raises `HeaderDisproved` where it is none."""
    number = str(answer.get("number"))
    try:
        parts = [_field(answer[name], size) for name, size in FIELDS]
        told = [(name, size) for name, size in LATER_FIELDS if answer.get(name) is not None]
        if tuple(told) != LATER_FIELDS[: len(told)]:
            raise HeaderDisproved(number, f"{told[-1][0]} is there without what came before it")
        parts += [_field(answer[name], size) for name, size in told]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise HeaderDisproved(number, f"{type(error).__name__}: {error}") from error
    return encode_list(b"".join(parts))


def header_hash(answer: Mapping[str, Any]) -> Digest:
    """The hash of a header as a node tells it, whatever hash it is told under."""
    return Digest(keccak(encode_header(answer)))


def proven_header(answer: Mapping[str, Any], block_hash: bytes) -> Header:
    """The header, if it hashes to that. Raises `HeaderDisproved`."""
    found = header_hash(answer)
    if found != block_hash:
        raise HeaderDisproved(str(answer.get("number")), f"it hashes to {found}")
    return Header(
        number=int(answer["number"], 16),
        block_hash=found,
        parent_hash=Digest(unhex(answer["parentHash"][2:])),
        timestamp=int(answer["timestamp"], 16),
        bloom=int(answer["logsBloom"], 16),
        state_root=unhex(answer["stateRoot"][2:]),
        receipts_root=unhex(answer["receiptsRoot"][2:]),
        transactions_root=unhex(answer["transactionsRoot"][2:]),
    )


def decode_header(encoded: bytes) -> Header:
    """
    A header from the bytes that are hashed. Raises `HeaderDisproved` where they are none.

    Items are read by their place, so that what later forks append is hashed and not read: it needs
    no new version to be verified.
    """
    try:
        items = decode(encoded)
    except NotCanonical as error:
        raise HeaderDisproved("?", str(error)) from error
    if not isinstance(items, list) or len(items) < len(FIELDS):
        raise HeaderDisproved("?", "it is no list of a header's length")
    return Header(
        number=_number(items[8]),
        block_hash=Digest(keccak(encoded)),
        parent_hash=Digest(_bytes(items[0], 32)),
        timestamp=_number(items[11]),
        bloom=int.from_bytes(_bytes(items[6], 256), "big"),
        state_root=_bytes(items[3], 32),
        receipts_root=_bytes(items[5], 32),
        transactions_root=_bytes(items[4], 32),
    )


def _bytes(item: Item, size: int) -> bytes:
    if not isinstance(item, bytes) or len(item) != size:
        raise HeaderDisproved("?", f"an item that is not {size} bytes")
    return item


def _number(item: Item) -> int:
    if not isinstance(item, bytes) or len(item) > 8 or item[:1] == b"\0":
        raise HeaderDisproved("?", "an item that is no number")
    return int.from_bytes(item, "big")


def _field(text: str, size: int) -> bytes:
    if text[:2] != "0x":
        raise ValueError("no 0x")
    if size == QUANTITY:
        return encode_int(int(text, 16))
    value = unhex(text[2:])
    if size not in (DATA, len(value)):
        raise ValueError(f"{len(value)} bytes instead of {size}")
    return encode_bytes(value)
